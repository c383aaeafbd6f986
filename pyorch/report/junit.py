"""``pyorch sorries`` as JUnit XML: a suite for each file, a case for each declaration.

One that rests on ``sorry`` is skipped, and a failure where the gate fails for it; a file that does
not elaborate is an error.
"""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree

from pyorch.report import sorries_words as phrases
from pyorch.report.words import printable
from pyorch.sorries.burndown import Burndown

__all__ = ["junit"]


def junit(burndown: Burndown) -> str:
    """The document, with its declaration."""
    scan, blamed = burndown.scan, set(burndown.gate.blamed)
    suites: defaultdict[str, list[ElementTree.Element]] = defaultdict(list)
    for problem in scan.problems:
        case = _case(problem.file, "elaboration", problem.line)
        _child(case, "error", problem.text)
        suites[problem.file].append(case)
    for declared in scan.clean:
        suites[declared.file].append(_case(declared.file, declared.name, 0))
    for sorry in scan.sorries:
        case = _case(sorry.file, sorry.name, sorry.line)
        _child(case, "failure" if sorry in blamed else "skipped", phrases.what(sorry))
        suites[sorry.file].append(case)
    root = ElementTree.Element("testsuites", name="pyorch sorries")
    for file, cases in sorted(suites.items()):
        suite = ElementTree.SubElement(root, "testsuite", name=printable(file))
        suite.extend(cases)
        suite.set("tests", str(len(cases)))
        for total, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(total, str(sum(case.find(tag) is not None for case in cases)))
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(file: str, name: str, line: int) -> ElementTree.Element:
    shown = printable(file)
    attributes = {"classname": shown, "name": printable(name), "file": shown}
    if line:
        attributes["line"] = str(line)
    return ElementTree.Element("testcase", attributes)


def _child(case: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(case, tag, message=printable(text))
