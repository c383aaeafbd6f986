"""From what Lean said of a text to declarations that rest on ``sorry``. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyorch.model import Declaration, Elaboration, Goal, Hole, Position
from pyorch.sorries.model import Declared, OpenGoal, Reach, Sorry

__all__ = ["Found", "classify", "display", "findings"]

_PRIVATE = re.compile(r"_private\.(?:.*?\.)?\d+\.")
_EXAMPLE = "_example"


@dataclass(frozen=True)
class Found:
    """What is known of a declaration from its own text alone.

    Attributes:
        name: as Lean has it: with the prefix of a private one.
        rests: on ``sorry``, at whatever depth. If not, all below is empty.
        direct: by its own text.
        through: the declarations that it mentions and that rest on it, by Lean's names.
    """

    name: str
    kind: str
    statement: str
    line: int
    column: int
    rests: bool = False
    direct: bool = False
    type: str = ""
    through: tuple[str, ...] = ()
    goals: tuple[OpenGoal, ...] = ()


def display(name: str) -> str:
    """A name as a person wrote it: ``foo`` for ``_private.A.B.0.foo``."""
    name = _PRIVATE.sub("", name, count=1) if name.startswith("_private.") else name
    return "example" if _is_example(name) else name


def _is_example(name: str) -> bool:
    return name == _EXAMPLE or name.endswith(f".{_EXAMPLE}")


def findings(result: Elaboration) -> tuple[Found, ...]:
    """What a survey (`Server.survey`) says, in the order of the text."""
    declarations = sorted(result.declarations, key=lambda d: (_at(d.start), d.name))
    holes: dict[int, list[Hole]] = {}
    for hole in result.holes:
        owner = _owner(hole, declarations)
        if owner is not None:
            holes.setdefault(owner, []).append(hole)
    return tuple(_found(d, holes.get(i, [])) for i, d in enumerate(declarations))


def _found(d: Declaration, holes: Sequence[Hole]) -> Found:
    kind = "example" if _is_example(d.name) else d.kind
    found = Found(d.name, kind, d.statement, d.start.line, d.start.column)
    if not (d.direct or d.uses_sorry or d.through):
        return found
    return replace(
        found,
        rests=True,
        # Unfolding a definition copies its `sorry` to where none was written. And nothing that
        # rests on one goes without a reason.
        direct=bool(holes) or not d.through,
        type=d.type,
        through=d.through,
        goals=_goals(holes),
    )


def _owner(hole: Hole, declarations: Sequence[Declaration]) -> int | None:
    """The declaration in whose text it stands: by name, the nearest below whose name it lies."""
    name = hole.declaration
    while name:
        named = [i for i, d in enumerate(declarations) if d.name == name]
        if named:
            inside = [i for i in named if _encloses(declarations[i], hole.start)]
            return (inside or named)[-1]
        name = name.rpartition(".")[0]
    return None


def _encloses(declaration: Declaration, place: Position) -> bool:
    return _at(declaration.start) <= _at(place) <= _at(declaration.end)


def _at(position: Position) -> tuple[int, int]:
    return position.line, position.column


def _goals(holes: Iterable[Hole]) -> tuple[OpenGoal, ...]:
    """One a goal; a place is elaborated more than once at times, and then says the same again."""
    told: dict[OpenGoal, None] = {}
    for hole in holes:
        for goal in hole.goals:
            told[OpenGoal(hole.start.line, hole.start.column, _goal(goal))] = None
    return tuple(sorted(told, key=lambda g: (g.line, g.column)))


def _goal(goal: Goal) -> str:
    parts = [
        f"{_local(h.name)} : {h.type}" + (f" := {h.value}" if h.value is not None else "")
        for h in goal.hypotheses
    ]
    return " ".join(f"{', '.join(parts)} ⊢ {goal.target}".split())


def _local(name: str) -> str:
    """A name that cannot be written, as Lean shows it: ``h✝``."""
    written, hygiene, _ = name.partition("._@.")
    return f"{written}✝" if hygiene else written


def classify(
    files: Iterable[tuple[str, Sequence[Found]]],
) -> tuple[tuple[Sorry, ...], tuple[Declared, ...]]:
    """Tell direct from transitive over all files together, and name the chain.

    Args:
        files: each with what was found in it.

    Returns:
        Those that rest on ``sorry``, and the others.
    """
    files = [(file, tuple(found)) for file, found in files]
    known = {f.name: f for _, found in files for f in found}
    sorries: list[Sorry] = []
    clean: list[Declared] = []
    for file, found in files:
        for f in found:
            if f.rests:
                sorries.append(_sorry(file, f, known))
            else:
                clean.append(Declared(display(f.name), f.kind, file, f.statement))
    return tuple(sorries), tuple(clean)


def _sorry(file: str, found: Found, known: Mapping[str, Found]) -> Sorry:
    reach = Reach.DIRECT
    chain: tuple[str, ...] = ()
    if not found.direct:
        defined = [n for n in found.through if n in known and known[n].kind != "theorem"]
        reach = Reach.DEFINITION if defined else Reach.TRANSITIVE
        chain = tuple(map(display, _chain(defined or found.through, known)))
    return Sorry(
        name=display(found.name),
        kind=found.kind,
        file=file,
        line=found.line,
        column=found.column,
        statement=found.statement,
        type=found.type,
        reach=reach,
        chain=chain,
        goals=found.goals,
    )


def _chain(first: Sequence[str], known: Mapping[str, Found]) -> tuple[str, ...]:
    """The shortest way from one of ``first`` to a declaration that uses ``sorry`` itself."""
    came_from: dict[str, str | None] = dict.fromkeys(first)
    todo = deque(first)
    while todo:
        name = todo.popleft()
        found = known.get(name)
        if found is None or found.direct:  # one that is not in these files explains itself
            way = [name]
            while (before := came_from[way[-1]]) is not None:
                way.append(before)
            return tuple(reversed(way))
        for further in found.through:
            if further not in came_from:
                came_from[further] = name
                todo.append(further)
    return tuple(first[:1])
