"""Whether Lean decides as Python does: many facts of one problem in one theorem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyorch.lean.protocol import Environment, Server

__all__ = ["Fact", "Names", "assert_agree", "assert_decided_both_ways", "stated"]

#: A Boolean term of Lean, and what Python says that it is.
Fact = tuple[str, bool]

# no code is made of what only the kernel evaluates
_HEAD = """set_option maxRecDepth 100000
set_option maxHeartbeats 0
namespace PyOrch
noncomputable section
"""


class Names:
    """Names for terms of one type that many facts mention, so that each is elaborated once."""

    def __init__(self, type_: str, prefix: str) -> None:
        self._type, self._prefix = type_, prefix
        self._names: dict[str, str] = {}

    def __call__(self, term: str) -> str:
        return self._names.setdefault(term, f"{self._prefix}_{len(self._names)}")

    @property
    def definitions(self) -> str:
        """Of the names that were given."""
        return "".join(f"def {n} : {self._type} := {term}\n" for term, n in self._names.items())


def stated(n: str, definitions: str, facts: Sequence[Fact]) -> str:
    """The definitions, and the theorem `agree{n}` that each term is what Python says.

    Each term has a name: one large list of terms would be elaborated in quadratic time.
    """
    named = "".join(f"def fact{n}_{i} : Bool := {term}\n" for i, (term, _) in enumerate(facts))
    names = ", ".join(f"fact{n}_{i}" for i in range(len(facts)))
    truths = ", ".join(str(truth).lower() for _, truth in facts)
    return f"""
{definitions}
{named}
theorem agree{n} : [{names}] =
    [{truths}] := by
  decide +kernel
"""


def assert_agree(server: Server, environment: Environment, parts: Iterable[str]) -> None:
    """Lean's kernel accepts all that is `stated`."""
    ends = "theorem elaborated_to_the_end : True := trivial\nend\nend PyOrch\n"
    result = server.elaborate("\n".join([_HEAD, *parts, ends]), environment)
    assert not result.errors
    assert result.declarations[-1].name == "PyOrch.elaborated_to_the_end"


def assert_decided_both_ways(facts: Iterable[Fact], checks: Iterable[str]) -> None:
    """Each of the checks, named by the first word of a term, said yes and no."""
    answers: dict[str, set[bool]] = {}
    for term, truth in facts:
        answers.setdefault(term.split()[0], set()).add(truth)
    for check in checks:
        assert answers[check] == {True, False}, check
