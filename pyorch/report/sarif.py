"""``pyorch sorries`` as SARIF 2.1.0, for code scanning: docs.oasis-open.org/sarif/sarif/v2.1.0."""

from __future__ import annotations

from urllib.parse import quote

from pyorch import __version__
from pyorch.report import sorries_words as phrases
from pyorch.report.json import Json
from pyorch.sorries.burndown import Burndown
from pyorch.sorries.model import Problem, Reach, Sorry

__all__ = ["sarif"]

_ELABORATION = "does-not-elaborate"
_RULES = {
    Reach.DIRECT: ("sorry", "The declaration uses sorry.", "warning"),
    Reach.DEFINITION: (
        "sorry-through-definition",
        "The declaration mentions a definition that rests on sorry.",
        "warning",
    ),
    Reach.TRANSITIVE: (
        "sorry-through-theorem",
        "The declaration uses a theorem that rests on sorry.",
        "note",
    ),
}


def sarif(burndown: Burndown) -> Json:
    """A log with one run: a result for each declaration that rests on ``sorry``, and for each file
    that does not elaborate."""
    rules = [_rule(*rule) for rule in _RULES.values()]
    rules.append(_rule(_ELABORATION, "The file does not elaborate.", "error"))
    scan, comparison = burndown.scan, burndown.comparison
    added = (
        None
        if comparison is None
        else {c.after for c in comparison.of("added") if c.after is not None}
    )
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "pyorch sorries", "version": __version__, "rules": rules}
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not scan.problems}],
                "results": [
                    *(_problem(p) for p in scan.problems),
                    *(_result(s, added) for s in scan.sorries),
                ],
            }
        ],
    }


def _rule(identifier: str, text: str, level: str) -> Json:
    return {
        "id": identifier,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": level},
    }


def _result(sorry: Sorry, added: set[Sorry] | None) -> Json:
    rule, _, level = _RULES[sorry.reach]
    text = f"{sorry.kind} {sorry.name}: {phrases.what(sorry)}"
    result: Json = {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [_location(sorry.file, sorry.line, sorry.column)],
        "partialFingerprints": {"statement/v1": f"{sorry.name}:{sorry.statement}"},
    }
    if goals := [g for g in sorry.goals if g.line]:
        result["relatedLocations"] = [
            {**_location(sorry.file, g.line, g.column), "message": {"text": g.text}} for g in goals
        ]
    if added is not None:
        result["baselineState"] = "new" if sorry in added else "unchanged"
    return result


def _problem(problem: Problem) -> Json:
    return {
        "ruleId": _ELABORATION,
        "level": "error",
        "message": {"text": problem.text},
        "locations": [_location(problem.file, problem.line, 0)],
    }


def _location(file: str, line: int, column: int) -> Json:
    place: Json = {"artifactLocation": {"uri": quote(file), "uriBaseId": "%SRCROOT%"}}
    if line:
        place["region"] = {"startLine": line, "startColumn": column + 1}
    return {"physicalLocation": place}
