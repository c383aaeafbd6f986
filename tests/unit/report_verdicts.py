"""Verdicts for the tests of the reports."""

from __future__ import annotations

from fractions import Fraction

from pyorch.model import (
    Audit,
    Claim,
    Declaration,
    Diagnostic,
    Evidence,
    Position,
    Severity,
    Status,
    TheoremAudit,
    Timing,
    ToolchainId,
    Trust,
    Verdict,
    Witness,
)

CLAIM = Claim(
    name="quantization_error_bound",
    title="Error of 4-bit signed quantization",
    formula="|x - D(Q(x))| ≤ 1/16",
    parameters=(("bits", "4"), ("scale", "1/8")),
)
AXIOMS = ("propext", "Quot.sound")
MAIN = "PyOrch.Emitted.int4.quantization_error_bound"
OTHER = "PyOrch.Emitted.int4.not_unguarded_error_bound"


def theorem(name: str, bodyless: int = 0) -> Declaration:
    return Declaration(
        name=name,
        kind="theorem",
        type="∀ (x : Rat),\n  AbsLE x (1 / 16)",
        statement="0123456789abcdef",
        start=Position(3, 0),
        end=Position(5, 7),
        axioms=AXIOMS,
        bodyless=bodyless,
    )


REFUTED_FORM = Evidence(
    checked="the seed's form, for every x",
    samples=100046,
    seed=0,
    largest=Fraction(10**30),
    bound=Fraction(1, 16),
    counterexample=Witness((("x", Fraction(1)),), "|1 - 7/8| = 1/8 > 1/16"),
)
PROVED = Verdict(
    claim=CLAIM,
    status=Status.PROVED,
    trust=Trust.KERNEL,
    reason="2 theorems proved",
    theorems=(theorem(MAIN, bodyless=157), theorem(OTHER, bodyless=12)),
    evidence=(
        Evidence("the repaired form", 100024, 0, Fraction(1, 16), Fraction(1, 16)),
        REFUTED_FORM,
    ),
    audit=Audit((TheoremAudit(MAIN, None, AXIOMS, 157),), None, (), Trust.KERNEL),
    toolchain=ToolchainId("embedded", "4.28.0-pre", "38f3c0c45b8df6da2652faff6dcaa15afb5a6981"),
    file="out/quantization.lean",
    timings=(Timing("emit", 0.01), Timing("elaborate", 1.2)),
    details=(("ratio", "1"),),
)
OPEN = Verdict(
    claim=CLAIM,
    status=Status.OPEN,
    trust=None,
    reason="it does not elaborate",
    diagnostics=(
        Diagnostic(
            Severity.ERROR,
            "a.lean",
            Position(7, 2),
            Position(7, 9),
            "[red]odd[/red] | \x1b[31m\u202e",
        ),
        Diagnostic(Severity.WARNING, "a.lean", Position(8, 0), None, "unused"),
    ),
    audit=Audit((), None, ("it does not elaborate",), None),
)
