"""The judgement over an audit's facts: one defect is enough to refuse, whatever else is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyorch.audit import COMPILER_AXIOMS, audit, judge
from pyorch.errors import InputError, ServerCrashed
from pyorch.lean.protocol import Environment
from pyorch.lean.values import RawAudit
from pyorch.model import (
    STANDARD_AXIOMS,
    Audit,
    Diagnostic,
    Elaboration,
    Position,
    Severity,
    TheoremAudit,
    Trust,
)

LIBRARY = Environment(("Init", "PyOrch"), "r")
AT = Position(3, 0)
ERROR = Diagnostic(Severity.ERROR, "f", AT, None, "unsolved goals")
WARNING = Diagnostic(Severity.WARNING, "f", AT, None, "declaration uses 'sorry'")


@dataclass(frozen=True)
class Case:
    """Everything that `judge` is given."""

    raw: RawAudit
    theorems: tuple[str, ...] = ("t", "u")
    imports: tuple[str, ...] = ("Init", "PyOrch")
    required: Trust = Trust.KERNEL

    def judged(self) -> Audit:
        return judge(
            self.raw,
            self.theorems,
            imports=self.imports,
            environment=LIBRARY,
            required=self.required,
        )

    def with_raw(self, **changes: Any) -> Case:
        return replace(self, raw=replace(self.raw, **changes))

    def with_theorem(self, name: str, **changes: Any) -> Case:
        return self.with_raw(
            theorems=tuple(
                replace(t, **changes) if t.name == name else t for t in self.raw.theorems
            )
        )

    def with_axiom(self, name: str, axiom: str) -> Case:
        axioms = next((t.axioms for t in self.raw.theorems if t.name == name), ())
        return self.with_theorem(name, axioms=(*axioms, axiom))


def sound(axioms: tuple[str, ...] = ("propext",)) -> Case:
    theorems = tuple(TheoremAudit(name, None, axioms, 3) for name in ("t", "u"))
    asked = Elaboration((WARNING,), ())
    return Case(RawAudit(theorems, None, asked, Elaboration((), ())))


REFUSED = ((AT, "'run_cmd'"),)

#: Each makes a sound case unsound; with words of its reason.
DEFECTS: dict[str, tuple[Callable[[Case], Case], str]] = {
    "sorry": (lambda c: c.with_axiom("u", "sorryAx"), "'u' rests on sorry"),
    "axiom": (lambda c: c.with_axiom("t", "cheat"), "'t' rests on the axiom cheat"),
    "similar axiom": (lambda c: c.with_axiom("t", "propext.x"), "rests on the axiom propext.x"),
    "compiler": (lambda c: c.with_axiom("u", "Lean.ofReduceBool"), "kernel tier was required"),
    "difference": (lambda c: c.with_theorem("u", difference="'u' differs"), "'u' differs"),
    "empty difference": (lambda c: c.with_theorem("t", difference=""), "^$"),
    "kernel": (lambda c: c.with_raw(kernel="type mismatch"), "replay .* fails: type mismatch"),
    "empty kernel": (lambda c: c.with_raw(kernel=""), "replay through the kernel fails"),
    "error": (
        lambda c: c.with_raw(given=replace(c.raw.given, diagnostics=(WARNING, ERROR))),
        "it does not elaborate: .*unsolved goals",
    ),
    "refused": (
        lambda c: c.with_raw(given=replace(c.raw.given, refused=REFUSED)),
        "line 3 contains 'run_cmd'",
    ),
    "asked error": (
        lambda c: c.with_raw(asked=replace(c.raw.asked, diagnostics=(ERROR,))),
        "what was asked does not elaborate",
    ),
    "asked refused": (
        lambda c: c.with_raw(asked=replace(c.raw.asked, refused=REFUSED)),
        "what was asked contains 'run_cmd'",
    ),
    "import": (lambda c: replace(c, imports=(*c.imports, "Lean")), "it imports 'Lean'"),
    "deep import": (
        lambda c: replace(c, imports=(*c.imports, "Lean.Elab.Command")),
        "it imports 'Lean.Elab.Command'",
    ),
    "foreign import": (
        lambda c: replace(c, imports=("Init", "PyOrch.Evil")),
        "not part of what was asked",
    ),
    "similar import": (lambda c: replace(c, imports=("PyOrchEvil",)), "imports 'PyOrchEvil'"),
    "not reported": (
        lambda c: c.with_raw(theorems=tuple(t for t in c.raw.theorems if t.name != "u")),
        "did not report on 'u'",
    ),
    "not asked": (lambda c: replace(c, theorems=()), "no theorem was asked for"),
    "hidden by a second report": (
        lambda c: c.with_raw(theorems=(TheoremAudit("t", "'t' differs", (), 0), *c.raw.theorems)),
        "'t' differs",
    ),
}


@pytest.mark.parametrize("axioms", [(), ("propext",), tuple(STANDARD_AXIOMS)])
def test_a_sound_proof_passes(axioms: tuple[str, ...]) -> None:
    result = sound(axioms).judged()
    assert result.passed and result.problems == () and result.trust is Trust.KERNEL
    assert result.theorems == sound(axioms).raw.theorems


def test_imports_may_be_fewer() -> None:
    for imports in ((), ("Init",), ("PyOrch",)):
        assert replace(sound(), imports=imports).judged().passed


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_alone_is_refused(name: str) -> None:
    defect, words = DEFECTS[name]
    result = defect(sound()).judged()
    assert not result.passed and result.trust is None
    assert len(result.problems) == 1
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(result.problems[0])


@given(st.lists(st.sampled_from(sorted(DEFECTS)), min_size=1), st.sampled_from(Trust))
def test_no_combination_with_a_defect_passes(names: list[str], required: Trust) -> None:
    case = replace(sound(), required=required)
    for name in names:
        case = DEFECTS[name][0](case)
    result = case.judged()
    if set(names) == {"compiler"} and required is not Trust.KERNEL:
        assert result.passed and result.trust is Trust.COMPILED
    else:
        assert not result.passed and result.trust is None and result.problems


@given(st.sets(st.text(max_size=5) | st.sampled_from(sorted(STANDARD_AXIOMS | COMPILER_AXIOMS))))
def test_no_axiom_passes_but_the_listed_ones(axioms: set[str]) -> None:
    case = sound(tuple(axioms))
    assert case.judged().passed == (axioms <= STANDARD_AXIOMS)
    weaker = replace(case, required=Trust.COMPILED).judged()
    assert weaker.passed == (axioms <= STANDARD_AXIOMS | COMPILER_AXIOMS)
    if weaker.passed:
        compiled = bool(axioms & COMPILER_AXIOMS)
        assert weaker.trust is (Trust.COMPILED if compiled else Trust.KERNEL)


@pytest.mark.parametrize("axiom", sorted(COMPILER_AXIOMS))
def test_native_decide_is_the_compiled_tier(axiom: str) -> None:
    case = sound().with_axiom("u", axiom)
    assert not case.judged().passed
    assert "(compiled tier), and kernel tier" in case.judged().problems[0]
    result = replace(case, required=Trust.COMPILED).judged()
    assert result.passed and result.trust is Trust.COMPILED


def test_every_reason_is_listed() -> None:
    case = sound()
    for name in ("sorry", "axiom", "kernel", "error", "import"):
        case = DEFECTS[name][0](case)
    assert len(case.judged().problems) == 5


# ---- the whole audit, over a server that answers by rote -----------------------------------------


class Rote:
    def __init__(self, answer: RawAudit | Exception) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []

    def audit(self, *arguments: Any, file: str, limits: object, kernel_once: bool) -> RawAudit:
        self.calls.append((*arguments, file))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def run(server: Rote, given: str, asked: str = "import PyOrch\ntheorem t") -> Audit:
    judgement, elaboration = audit(
        server,  # type: ignore[arg-type]
        asked=asked,
        given=given,
        theorems=("t", "u"),
        environment=LIBRARY,
        file="given.lean",
    )
    assert elaboration == sound().raw.given
    return judgement


def test_both_files_lose_their_headers() -> None:
    server = Rote(sound().raw)
    assert run(server, "import PyOrch\ntheorem u").passed
    assert server.calls == [
        (" " * 13 + "\ntheorem t", " " * 13 + "\ntheorem u", ("t", "u"), LIBRARY, "given.lean")
    ]


@pytest.mark.parametrize(
    "header", ["import Lean\n", "import PyOrch\nimport Lean.Elab\n", "/- /- -/ -/ import Lean\n"]
)
def test_an_import_of_lean_is_refused(header: str) -> None:
    assert not run(Rote(sound().raw), header + "theorem u").passed


def test_no_answer_is_no_pass() -> None:
    with pytest.raises(ServerCrashed):
        run(Rote(ServerCrashed("gone")), "theorem u")
    with pytest.raises(InputError):
        run(Rote(sound().raw), "import «x»\n")
