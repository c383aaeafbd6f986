"""Whether Lean decides as Python does: many facts of one problem in one theorem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyorch.lean.protocol import Environment, Server

__all__ = ["Fact", "assert_agree", "assert_decided_both_ways", "stated"]

#: A Boolean term of Lean, and what Python says that it is.
Fact = tuple[str, bool]

_HEAD = "set_option maxRecDepth 100000\nset_option maxHeartbeats 0\nnamespace PyOrch\n"


def stated(definitions: str, facts: Sequence[Fact]) -> str:
    """The definitions, and the theorem that each term is what Python says."""
    terms = ",\n    ".join(term for term, _ in facts)
    truths = ", ".join(str(truth).lower() for _, truth in facts)
    return f"{definitions}\nexample : [\n    {terms}] = [{truths}] := by\n  decide +kernel\n"


def assert_agree(server: Server, environment: Environment, parts: Iterable[str]) -> None:
    """Lean's kernel accepts all that is `stated`."""
    result = server.elaborate("\n".join([_HEAD, *parts, "end PyOrch\n"]), environment)
    assert not result.errors


def assert_decided_both_ways(facts: Iterable[Fact], checks: Iterable[str]) -> None:
    """Each of the checks, named by the first word of a term, said yes and no."""
    answers: dict[str, set[bool]] = {}
    for term, truth in facts:
        answers.setdefault(term.split()[0], set()).add(truth)
    for check in checks:
        assert answers[check] == {True, False}, check
