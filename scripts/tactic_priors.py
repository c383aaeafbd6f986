"""Make ``pyorch/search/suggest/tactic_priors.json`` from LeanDojo Benchmark 4.

    python scripts/tactic_priors.py [--sdist lean_dojo-4.20.0.tar.gz]

The source distribution of lean-dojo on PyPI carries the benchmark: theorems of Mathlib and
Batteries with their traced tactics and the proof states around them (``random/train.json``,
380 MB, 118,517 theorems, 251,367 tactics; ``val`` and ``test``, 2,000 theorems each). Tactics are
counted by family and context (`pyorch.search.suggest.priors`); nothing else of them is kept.
The contexts seen most often are written, as many as fit in 60 kB. ``val`` and ``test`` are held
out and used to say how good the estimates are.

Takes a few minutes and 67 MB of download. The result is the same in each run. pyorch has to be
installed (`pip install -e .`).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pyorch.model import Goal, Hypothesis
from pyorch.search.suggest.families import FAMILIES, families_of
from pyorch.search.suggest.priors import (
    OTHER,
    START,
    UNKNOWN,
    TacticPriors,
    context,
    contexts,
    parse_table,
)
from pyorch.search.suggest.shape import shape_of

PACKAGE, VERSION = "lean-dojo", "4.20.0"
SHA256 = "990bdcbb38c4aede61b9b776ef0fe84b422d2fd0a7c1088c3c2ed14e5c8939b4"
FOLDER = f"lean_dojo-{VERSION}/leandojo_benchmark_4/random"
TABLE = Path(__file__).parents[1] / "pyorch" / "search" / "suggest" / "tactic_priors.json"
MOST_BYTES = 60_000
CHUNK = 1 << 22
"""Characters of JSON read at a time: several theorems."""

HEADER = {
    "about": "How often Mathlib's proofs use a family of tactics, by context; see priors.py. "
    "Made by scripts/tactic_priors.py; do not edit.",
    "source": f"LeanDojo Benchmark 4, split 'random', in the source distribution {PACKAGE} "
    f"{VERSION} on PyPI (sha256 {SHA256}): traced tactics of Mathlib at commit "
    "29dcec074de168ac2bf835a77ef68bbe069194c5 and of Batteries",
    "licence": "lean-dojo: MIT, Copyright (c) 2023 LeanDojo Team; Mathlib and Batteries, from "
    "whose proofs the counts are: Apache-2.0. Only counts are kept.",
}

Row = tuple[tuple[str, ...], tuple[str, str, str]]
"""Families of a tactic (each counts in equal parts) and the context it was used in."""

Tally = dict[str, float]
"""How often each family was seen."""


def download(folder: Path) -> Path:
    """The source distribution, by pip, from the index that pip is configured for."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", PACKAGE, "--dest", str(folder), f"{PACKAGE}=={VERSION}"]
    subprocess.run(command, check=True)
    return folder / f"lean_dojo-{VERSION}.tar.gz"


def verify(sdist: Path) -> None:
    with sdist.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        sys.exit(f"{sdist}: the sha256 is {found}, expected {SHA256}")


def items(file: IO[bytes]) -> Iterator[Any]:
    """The elements of a long JSON array, one by one: the whole would take gigabytes."""
    text = io.TextIOWrapper(file, encoding="utf-8")
    decoder, buffer, position = json.JSONDecoder(), text.read(CHUNK), 1
    while True:
        while position < len(buffer) and buffer[position] in " \r\n\t,":
            position += 1
        if buffer.startswith("]", position):
            return
        try:
            item, position = decoder.raw_decode(buffer, position)
        except json.JSONDecodeError:
            more = text.read(CHUNK)
            if not more:
                raise
            buffer, position = buffer[position:] + more, 0
        else:
            yield item


def read_goal(state: str) -> Goal:
    """The first goal of a state as LeanDojo prints it."""
    hypotheses: list[Hypothesis] = []
    target: list[str] = []
    for line in state.split("\n\n", 1)[0].split("\n"):
        if target:
            target.append(line.strip())
        elif line.startswith("⊢"):
            target.append(line[1:].strip())
        elif line.startswith(" ") and hypotheses:
            last = hypotheses.pop()
            hypotheses.append(Hypothesis(last.name, f"{last.type} {line.strip()}"))
        elif not line.startswith("case "):
            names, _, type_ = line.partition(" : ")
            hypotheses += [Hypothesis(name, type_) for name in names.split()]
    return Goal(" ".join(target), tuple(hypotheses))


def rows(file: IO[bytes]) -> Iterator[Row]:
    """The tactics of a split that we have a family for."""
    for theorem in items(file):
        previous, after = START, None
        for step in theorem["traced_tactics"]:
            before = step["state_before"].split("\n\n", 1)[0]
            if after is not None and before != after:
                # another branch: what led to it was further up
                previous = OTHER
            shape = shape_of(read_goal(before))
            names = {name for name, _ in shape.hypotheses}
            families = families_of(step["tactic"], names, shape.target.symbol)
            if families:
                yield families, context(shape, previous)
            previous = families[0] if families else OTHER
            after = step["state_after"].split("\n\n", 1)[0]


def count(found: Iterator[Row]) -> dict[str, Tally]:
    table: dict[str, Tally] = defaultdict(lambda: defaultdict(float))
    for families, (symbol, previous, offers) in found:
        keys = {
            *contexts(symbol, previous, offers),
            *contexts(symbol, UNKNOWN, offers),
        }
        for key in sorted(keys):
            for family in families:
                table[key][family] += 1 / len(families)
    return table


def write(header: dict[str, Any], rows_: dict[str, list[int]]) -> str:
    """One line for each context, so that a new table can be compared with the old one."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in header.items()]
    found = ",\n".join(
        f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(row, separators=(',', ':'))}"
        for key, row in rows_.items()
    )
    return "\n".join(["{", *lines, ' "contexts": {', found, " }", "}", ""])


def distil(table: dict[str, Tally]) -> str:
    """The contexts seen most often, as many as fit.

    A row has the rounded counts of the families in the order of the header, those of zero at the
    end left out.
    """
    families = sorted(FAMILIES, key=lambda f: (-table[""].get(f, 0.0), f))
    header = {**HEADER, "families": families}
    size = len(write(header, {}).encode())
    kept: dict[str, list[int]] = {}
    for key in sorted(table, key=lambda key: (-sum(table[key].values()), key)):
        row = [round(table[key].get(f, 0.0)) for f in families]
        while row and row[-1] == 0:
            row.pop()
        size += len(write({}, {key: row}).encode()) - len(write({}, {}).encode()) + 2
        if size > MOST_BYTES:
            break
        kept[key] = row
    return write(header, dict(sorted(kept.items())))


def judge(priors: TacticPriors, held_out: list[Row], previous: bool) -> str:
    """Cross entropy in nats, and how often the right family is among the first few."""
    loss, places = 0.0, []
    for families, (symbol, before, offers) in held_out:
        found = priors.probabilities(symbol, before if previous else UNKNOWN, offers)
        loss -= sum(math.log(found[f]) for f in families) / len(families)
        order = sorted(FAMILIES, key=lambda f: (-found[f], f))
        places.append(min(order.index(f) for f in families))
    n = len(held_out)
    top = ", ".join(f"first {k}: {sum(p < k for p in places) / n:.1%}" for k in (1, 3, 5, 8))
    return f"{loss / n:.3f} nats; {top}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sdist", type=Path, help="the source distribution, if it is here already")
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sdist = arguments.sdist or download(Path(folder))
        verify(sdist)
        table: dict[str, Tally] = {}
        held_out: list[Row] = []
        # one pass, in the order of the archive: going back would unpack it again
        with tarfile.open(sdist, "r:gz") as archive:
            for member in archive:
                if Path(member.name).parent.as_posix() != FOLDER:
                    continue
                file = archive.extractfile(member)
                assert file is not None
                if member.name.endswith("train.json"):
                    table = count(rows(file))
                else:
                    held_out += rows(file)
    text = distil(table)
    arguments.output.write_text(text, encoding="utf-8")
    kept = parse_table(text, str(arguments.output))
    print(f"{arguments.output}: {len(kept)} of {len(table)} contexts, {len(text.encode())} bytes")
    marginal = {"": kept[""]}
    for name, counts, previous in (
        ("one distribution for all goals", marginal, False),
        ("without the tactic before", kept, False),
        ("with the tactic before", kept, True),
        ("with all contexts", table, True),
    ):
        print(f"{name}: {judge(TacticPriors(counts), held_out, previous)}")


if __name__ == "__main__":
    main()
