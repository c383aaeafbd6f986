"""How fast does Lean's kernel check a certificate, and what does splitting a box cost?

    python benchmarks/certify.py            # some minutes
    python benchmarks/certify.py --update   # also writes it into benchmarks/README.md

The first table: a pair is a network of random float32 weights and its copy in float16, on a box of
radius 1/64. A check bounds the teacher, the student and their difference, so it multiplies and adds
three times as often as the teacher has weights. Elaboration of the file is measured with that check
and without (its statement alone), in one warm server; the difference is what the kernel takes. So
for the box as it is, and bisected into 128 boxes that the kernel bounds many at a time.

The second table: `pyorch certify` on the pairs in `examples/`, without an ε, from reading the file
to the audited verdict. The audit elaborates the file and replays it through the kernel.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from tables import machine, table, times, write

from pyorch.certification import certify
from pyorch.config import load
from pyorch.emit import emit_certificate
from pyorch.lean.build import split_header
from pyorch.lean.protocol import Limits
from pyorch.lean.workbench import Workbench
from pyorch.nets.bounds import choose_prec, smallest_epsilon
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.pair_options import PairOptions
from pyorch.nets.split import LEAF, Corners, Split, SplitCertificate, SplitTree, leaf_gap, refine

ROOT = Path(__file__).resolve().parents[1]
SHAPES = {
    "16→16→4": (16, 16, 4),
    "100→100 (10,000 products)": (100, 100),
    "64→32→10 (digits)": (64, 32, 10),
    "128→64→10": (128, 64, 10),
    "5→6×50→5 (ACAS Xu's shape)": (5, 50, 50, 50, 50, 50, 50, 5),
    "784→32→10 (MNIST's shape)": (784, 32, 10),
}
RUNS = 3
DEPTH = 7  # of the tree: 2^7 boxes

EXAMPLES = {
    "digits, 64→32→10 and 64→16→10": ("digits/digits.json",),
    "digits, two depths": ("digits/digits_deeper.json",),
    "digits, float32 and float16": ("digits/digits_fp16.json",),
    "surface, 2→16→16→1 and 2→8→1": ("regression/surface.json",),
    "control, 5→6×50→5, float32 and float16": (
        "regression/control_teacher.onnx",
        "regression/control_fp16.onnx",
        "regression/control.vnnlib",
    ),
}


def pair(widths: tuple[int, ...]) -> CertificationProblem:
    """A random network, scaled as for training, and its copy in float16."""
    rng = np.random.default_rng(0)
    networks = []
    layers = [
        (rng.normal(0, (2 / a) ** 0.5, (b, a)).astype(np.float32), rng.normal(0, 0.1, b))
        for a, b in pairwise(widths)
    ]
    for dtype in (np.float32, np.float16):
        networks.append(
            Network(
                tuple(
                    Layer.exact(
                        weights.astype(dtype).astype(float).tolist(),
                        bias.astype(dtype).astype(float).tolist(),
                        Activation.IDENTITY if i == len(layers) - 1 else Activation.RELU,
                    )
                    for i, (weights, bias) in enumerate(layers)
                )
            )
        )
    center = [Fraction(int(v), 64) for v in rng.integers(-32, 32, widths[0])]
    radius = Fraction(1, 64)
    box = Box.exact([c - radius for c in center], [c + radius for c in center])
    return CertificationProblem(networks[0], networks[1], box, None, "0" * 64, "random")


def bisected(problem: CertificationProblem, prec: int) -> SplitCertificate:
    """The box halved `DEPTH` times, one coordinate after another, and the ε of that."""

    def tree(part: Corners, depth: int) -> SplitTree:
        if depth == DEPTH:
            return LEAF
        dim = depth % problem.box.dim
        cut = (part.lo[dim] + part.hi[dim]) // 2
        below, above = part.below(dim, cut), part.above(dim, cut)
        return Split(dim, cut, tree(below, depth + 1), tree(above, depth + 1))

    halves = tree(refine(problem.box, DEPTH), 0)
    certificate = SplitCertificate(Fraction(0), prec, DEPTH, halves)
    gaps = (leaf_gap(problem, part, prec) for part in certificate.parts(problem.box))
    return replace(certificate, epsilon=max(gaps))


def kernel(bench: Workbench) -> str:
    """The first table as Markdown."""
    rows = []
    limits = Limits(seconds=600)
    environment = bench.library(("PyOrch.Net.PackedCertificate", "PyOrch.Net.SplitCertificate"))
    server = bench.server()

    def seconds(text: str) -> float:
        def elaborate() -> None:
            result = server.elaborate(split_header(text, "pair")[1], environment, limits=limits)
            assert not result.errors and not result.refused, result.errors

        return statistics.median(times(elaborate, RUNS))

    for name, widths in SHAPES.items():
        problem = pair(widths)
        prec = choose_prec(problem)
        one = emit_certificate(problem, epsilon=smallest_epsilon(problem, prec), prec=prec)
        split = bisected(problem, prec)
        many = emit_certificate(problem, epsilon=split.epsilon, prec=prec, split=split)
        statement = seconds(one.asked)
        check = seconds(one.text) - statement
        leaf = (seconds(many.text) - seconds(many.asked)) / split.leaves
        weights = sum(a * b for a, b in pairwise(widths))
        products = 3 * weights
        rows.append(
            (
                name,
                f"{weights:,}",
                f"{statement:.2f} s",
                f"{check:.2f} s",
                f"{products / check:,.0f}",
                f"{leaf * 1000:.1f} ms",
                f"{products / leaf:,.0f}",
            )
        )
    headings = (
        "pair", "weights of each", "statement", "one box", "multiply-adds a second",
        "each of 128 boxes", "multiply-adds a second",
    )  # fmt: skip
    return table(headings, rows)


def examples(bench: Workbench) -> str:
    """The second table as Markdown."""
    rows = []
    for name, files in EXAMPLES.items():
        paths = [ROOT / "examples" / file for file in files]
        options = PairOptions(paths[0], None, None, None)
        if len(paths) > 1:
            options = PairOptions(None, *paths)
        start = time.perf_counter()
        verdict = certify(options.read(), bench, lambda _: None)
        seconds = time.perf_counter() - start
        details = dict(verdict.details)
        rows.append(
            (
                name,
                details["provable by intervals"],
                f"{details['epsilon']} ({verdict.trust})",
                details["largest gap found"],
                details["method"],
                f"{seconds:.1f} s",
            )
        )
    headings = ("pair", "ε by intervals", "ε proved", "gap found", "method", "in all")
    return table(headings, rows)


def measure() -> str:
    """Both tables as Markdown."""
    with Workbench(load({}), lambda step: print(step.stage, file=sys.stderr)) as bench:
        tables = [kernel(bench), examples(bench)]
        toolchain = bench.toolchain.id
    return "\n\n".join([machine(toolchain), *tables])


if __name__ == "__main__":
    write("certify.py", __doc__, measure)
