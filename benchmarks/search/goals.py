"""The theorems of the benchmark: which, from where, and how each is posed.

    python benchmarks/search/goals.py        # draws the sample anew into goals.jsonl

`goals.jsonl` holds the sample, so that a run needs no drawing and everybody has the same one. A
theorem of Lean's library is eligible if its statement needs nothing of its own module, for it is
posed in an environment of what that module imports. So nothing of its module can be quoted, itself
least of all.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pyorch.config import load
from pyorch.lean.build import split_header
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.values import Homes
from pyorch.lean.workbench import Workbench
from pyorch.model import Declaration
from pyorch.resources import lean_dir
from pyorch.search.model import ProofState
from pyorch.search.prover import LeanProver
from pyorch.search.splice import offset

__all__ = ["FULL", "Goal", "Setting", "load_goals", "pose", "setting_of"]

SEED = 0
SIZE, DEV, LIBRARY = 300, 100, 40
SAMPLE = Path(__file__).with_name("goals.jsonl")
#: All of Lean's library that the theorems are taken from.
FULL = Environment(("Init", "Std"))
#: What the theorems are about: the first part of their names.
SUBJECTS = frozenset(
    """
    Nat Int Fin Rat Bool BitVec List Array Vector Option Sum Prod Char String Subtype Function
    """.split()  # noqa: SIM905
)
#: Lemmas of Lean's own tactics, and what Lean generates for types and functions.
_INTERNAL = re.compile(
    r"Nat\.(Linear|SOM|ToInt)\.|Int\.(Linear|OfNat)\.|(^|\.)(_|eq_\d+$|eq_def$|congr_simp$|hcongr_"
    r"|sizeOf_spec|injEq$|inj$|noConfusion|induct$|induct_|fun_cases|mutual_induct|elim$|match_)"
)


@dataclass(frozen=True)
class Goal:
    """A theorem to be proved again.

    Attributes:
        name: fully qualified.
        module: where it is proved.
        imports: of that module; empty for our own library, where the sources say it.
        split: ``dev``, ``test``, or ``library``: our own.
    """

    name: str
    module: str
    imports: tuple[str, ...]
    split: str


def draw(names: Iterable[str], most: int, salt: str) -> list[str]:
    """A sample that depends on nothing but the names."""

    def ticket(name: str) -> bytes:
        return hashlib.sha256(f"{salt}\n{SEED}\n{name}".encode()).digest()

    return sorted(names, key=ticket)[:most]


def sample(homes: Homes, library: Sequence[tuple[str, str]]) -> Iterator[Goal]:
    """300 theorems of Lean's library, in two parts, and 40 of ours (pairs of name and module)."""
    subjects = (n for n in homes.theorems if n.split(".")[0] in SUBJECTS and "." in n)
    chosen = draw((n for n in subjects if not _INTERNAL.search(n)), SIZE, "sample")
    dev = set(draw(chosen, DEV, "split"))
    for name in chosen:
        module = homes.theorems[name]
        imports = tuple(dict.fromkeys(homes.imports[module]))
        yield Goal(name, module, imports, "dev" if name in dev else "test")
    modules = dict(library)
    for name in draw(modules, LIBRARY, "sample"):
        yield Goal(name, modules[name], (), "library")


def load_goals(split: str) -> list[Goal]:
    """The goals of a split, those of one module together."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    goals = [Goal(**{**(d := json.loads(line)), "imports": tuple(d["imports"])}) for line in lines]
    return [goal for goal in goals if goal.split == split]


# ---- posing ------------------------------------------------------------------------------------

#: Code that may come from anywhere must not set these (docs/protocol.md), and proofs need them not.
_COMPILER = re.compile(r"^set_option compiler\..*$", re.MULTILINE)


@dataclass(frozen=True)
class Setting:
    """Where a goal is posed: in ``environment`` after ``text``, as ``source`` has it."""

    source: Environment
    environment: Environment
    text: str = ""


def setting_of(goal: Goal, bench: Workbench, server: Server) -> Setting:
    """For a theorem of ours, the text is its module up to the theorem."""
    if goal.split != "library":
        return Setting(FULL, Environment(goal.imports))
    imports, text = split_header(module_text(goal.module), goal.module)
    text = _COMPILER.sub(lambda option: " " * len(option[0]), text)
    bench.forget_environments()
    environment = bench.library(imports)
    bench.forget_environments()
    source = bench.library((goal.module,))
    declared = declarations(server, text, environment)
    place = next(d for d in declared if d.name == goal.name)
    return Setting(source, environment, text[: offset(text, place.start)])


def module_text(module: str) -> str:
    path = lean_dir().joinpath(*module.split(".")).with_suffix(".lean")
    return path.read_text(encoding="utf-8")


def declarations(server: Server, text: str, environment: Environment) -> Sequence[Declaration]:
    return server.elaborate(text, environment, trusted=True, limits=Limits(600)).declarations


def pose(prover: LeanProver, goal: Goal, setting: Setting) -> ProofState:
    return prover.pose(
        goal.name, setting.source, setting.environment, text=setting.text, limits=Limits(600)
    )


_SCOPE = re.compile(
    r"^(?:(?:noncomputable|public|@\[[^\]]*\]) +)*(namespace|section|mutual|end|theorem)\b *(\S*)",
    re.MULTILINE,
)


def own_theorems() -> Iterator[tuple[str, str]]:
    """The theorems of the library with their modules, as its sources name them."""
    root = lean_dir()
    for path in sorted((root / "PyOrch").rglob("*.lean")):
        scopes: list[str] = []
        for word, name in _SCOPE.findall(path.read_text(encoding="utf-8")):
            if word == "end":
                del scopes[-1:]
            elif word == "theorem":
                module = ".".join(path.relative_to(root).with_suffix("").parts)
                yield ".".join([*filter(None, scopes), name]), module
            else:
                scopes.append(name if word == "namespace" else "")


def main() -> None:
    with Workbench(load({"daemon": False}), lambda step: print(step.stage, file=sys.stderr)) as b:
        homes = b.server().homes(FULL, limits=Limits(600))
        goals = sample(homes, list(own_theorems()))
        lines = [json.dumps(asdict(goal), ensure_ascii=False) for goal in goals]
    SAMPLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
