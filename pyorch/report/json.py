"""Verdicts and errors as JSON, schema ``pyorch-verdict-1``.

A verdict::

    {
      "schema": "pyorch-verdict-1",
      "claim": {"name": ..., "title": ..., "formula": ..., "parameters": {"bits": "4", ...}},
      "status": "proved" | "refuted" | "open" | "error",
      "trust": "kernel" | "compiled" | "exact" | "sampled" | null,
      "reason": "...",
      "theorems": [{"name": ..., "kind": ..., "type": ..., "statement": ..., "axioms": [...],
                    "bodyless": 0, "start": {"line": 1, "column": 0}, "end": {...}}],
      "evidence": [{"checked": ..., "samples": 100046, "seed": 0, "largest": "1/16" | null,
                    "bound": "1/16" | null,
                    "counterexample": {"inputs": {"x": "1"}, "explanation": ...} | null}],
      "diagnostics": [{"severity": ..., "file": ..., "start": {...}, "end": {...} | null,
                       "text": ...}],
      "audit": {"passed": true, "trust": ..., "kernel": ... | null, "problems": [...],
                "theorems": [{"name": ..., "difference": ... | null, "axioms": [...],
                              "bodyless": 0}]} | null,
      "toolchain": {"kind": "native" | "embedded", "version": ..., "commit": ...} | null,
      "file": "..." | null,
      "timings": [{"stage": ..., "seconds": 0.1}],
      "details": {"...": "..."}
    }

An error::

    {"schema": "pyorch-verdict-1",
     "error": {"kind": "InputError", "message": ..., "exit_code": 2}}

Exact numbers are strings, "-17/16", since JSON's numbers are floats to most readers. Fields are
added without a new schema name, and removed or changed only with one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.errors import PyorchError
from pyorch.model import (
    Audit,
    Claim,
    Declaration,
    Diagnostic,
    Evidence,
    Position,
    TheoremAudit,
    Verdict,
    Witness,
)

if TYPE_CHECKING:
    from pyorch.claims.base import Family
    from pyorch.doctor import Finding
    from pyorch.lean.build import Built

__all__ = [
    "SCHEMA",
    "Json",
    "audit_json",
    "build_json",
    "doctor_json",
    "dumps",
    "error_json",
    "family_json",
    "verdict_json",
]

SCHEMA = "pyorch-verdict-1"

Json = dict[str, object]


def dumps(value: object) -> str:
    """JSON text, indented, one line break at the end; non-ASCII text as it is."""
    # A lone surrogate, which a file name can hold, has no UTF-8: such text stays ASCII.
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    return text + "\n"


def verdict_json(verdict: Verdict) -> Json:
    """A verdict as JSON values."""
    toolchain = verdict.toolchain
    return {
        "schema": SCHEMA,
        "claim": _claim(verdict.claim),
        "status": verdict.status.value,
        "trust": verdict.trust.value if verdict.trust else None,
        "reason": verdict.reason,
        "theorems": [_declaration(t) for t in verdict.theorems],
        "evidence": [_evidence(e) for e in verdict.evidence],
        "diagnostics": [_diagnostic(d) for d in verdict.diagnostics],
        "audit": audit_json(verdict.audit) if verdict.audit else None,
        "toolchain": (
            {"kind": toolchain.kind, "version": toolchain.version, "commit": toolchain.commit}
            if toolchain
            else None
        ),
        "file": verdict.file,
        "timings": [{"stage": t.stage, "seconds": t.seconds} for t in verdict.timings],
        "details": dict(verdict.details),
    }


def error_json(error: PyorchError) -> Json:
    """An error as JSON values."""
    return {
        "schema": SCHEMA,
        "error": {
            "kind": type(error).__name__,
            "message": str(error),
            "exit_code": error.exit_code,
        },
    }


def _claim(claim: Claim) -> Json:
    return {
        "name": claim.name,
        "title": claim.title,
        "formula": claim.formula,
        "parameters": dict(claim.parameters),
    }


def _declaration(declaration: Declaration) -> Json:
    return {
        "name": declaration.name,
        "kind": declaration.kind,
        "type": declaration.type,
        "statement": declaration.statement,
        "axioms": list(declaration.axioms),
        "bodyless": declaration.bodyless,
        "start": _position(declaration.start),
        "end": _position(declaration.end),
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "checked": evidence.checked,
        "samples": evidence.samples,
        "seed": evidence.seed,
        "largest": _exact(evidence.largest),
        "bound": _exact(evidence.bound),
        "counterexample": _witness(evidence.counterexample) if evidence.counterexample else None,
    }


def _witness(witness: Witness) -> Json:
    return {
        "inputs": {name: _exact(value) for name, value in witness.inputs},
        "explanation": witness.explanation,
    }


def _diagnostic(diagnostic: Diagnostic) -> Json:
    return {
        "severity": diagnostic.severity.value,
        "file": diagnostic.file,
        "start": _position(diagnostic.start),
        "end": _position(diagnostic.end) if diagnostic.end else None,
        "text": diagnostic.text,
    }


def audit_json(audit: Audit) -> Json:
    return {
        "passed": audit.passed,
        "trust": audit.trust.value if audit.trust else None,
        "kernel": audit.kernel,
        "problems": list(audit.problems),
        "theorems": [_theorem_audit(t) for t in audit.theorems],
    }


def _theorem_audit(theorem: TheoremAudit) -> Json:
    return {
        "name": theorem.name,
        "difference": theorem.difference,
        "axioms": list(theorem.axioms),
        "bodyless": theorem.bodyless,
    }


def _position(position: Position) -> Json:
    return {"line": position.line, "column": position.column}


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def build_json(built: Built) -> Json:
    """What a build did, schema ``pyorch-build-1``."""
    return {
        "schema": "pyorch-build-1",
        "succeeded": built.environment is not None,
        "compiled": list(built.compiled),
        "cached": list(built.cached),
        "diagnostics": [_diagnostic(d) for d in built.diagnostics],
    }


def family_json(family: Family) -> Json:
    """A claim of the catalogue with its parameters."""
    return {
        "name": family.name,
        "topic": family.topic,
        "title": family.title,
        "formula": family.formula,
        "parameters": [
            {"name": p.name, "default": p.default_text, "values": p.domain, "help": p.help}
            for p in family.parameters
        ],
        "seeds": [
            {
                "name": seed.name,
                "also": list(seed.also),
                "source": seed.source,
                "formula": seed.formula,
                "holds": seed.holds,
                "why_false": seed.why_false or None,
            }
            for seed in family.seeds
        ],
    }


def doctor_json(findings: Iterable[Finding]) -> Json:
    """What the doctor found, schema ``pyorch-doctor-1``."""
    found = [{"name": f.name, "fine": f.fine, "text": f.text} for f in findings]
    return {"schema": "pyorch-doctor-1", "fine": all(f["fine"] for f in found), "findings": found}
