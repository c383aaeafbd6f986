"""Lean text for a claim: pure, and the same for the same input.

Templates may print nothing but `LeanText`, which only the filters below make. So what a user or a
file wrote reaches Lean as an exact number, a checked identifier or text inside a comment, never as
code; a template that forgets a filter fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, pass_context
from jinja2.runtime import Context

from pyorch.model import Emitted, Witness
from pyorch.names import identifier
from pyorch.nets import emit_data
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_emit import lean_dual_certificate
from pyorch.nets.dual_packed import pack_dual
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.lanes import lane_grid, lanes_for, lanes_for_whole, pack_lanes
from pyorch.nets.network import CertificationProblem, Network
from pyorch.nets.packed import pack_pair
from pyorch.nets.split import SplitCertificate
from pyorch.nets.split_parts import (
    cut_into_parts,
    lean_batch,
    lean_glue,
    lean_goal_tree,
    lean_part_box,
    lean_tree,
)
from pyorch.resources import templates_dir

if TYPE_CHECKING:
    from pyorch.claims import Instance
    from pyorch.nets.attack import Witness as Gap

__all__ = [
    "NO_PARTS",
    "LeanText",
    "emit",
    "emit_certificate",
    "from_template",
    "is_listed",
    "lean_arg",
    "lean_comment",
    "lean_name",
    "lean_rat",
    "pair_context",
    "within_namespace",
]

NONE: Mapping[str, Witness] = {}
NO_PARTS: Mapping[str, object] = {"whole": None, "split": None, "held": None}
"""What the template of one ε says of a box that is not bisected."""
PART_COORDINATES = 4_000
"""Coordinates of all boxes of a lemma at most: above 6,000 the embedded Lean may lack memory."""
PART_BATCHES = 8
"""Batches of boxes in one lemma: the kernel forgets between lemmas what it computed."""
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class LeanText(str):
    """Text that is safe in the place of Lean text for which it was made."""

    __slots__ = ()


def lean_rat(value: Fraction | int) -> LeanText:
    """A number as an operand: 3, -2, 1/8, -17/16.

    Raises:
        TypeError: for anything but an exact number; a float is not one.
    """
    if isinstance(value, bool) or not isinstance(value, (Fraction, int)):
        raise TypeError(f"not an exact number: {value!r}")
    return LeanText(value)


def lean_arg(value: Fraction | int) -> LeanText:
    """A number as an argument of a function, in parentheses where it needs them."""
    text = lean_rat(value)
    return text if text.isdigit() else LeanText(f"({text})")


def lean_name(name: str) -> LeanText:
    """An identifier, as one component of a name.

    Raises:
        ValueError: if it is not made of ASCII letters, digits and underscores.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not an identifier: {name!r}")
    return LeanText(name)


def lean_comment(text: str) -> LeanText:
    """Text inside a comment or docstring, which it cannot end."""
    return LeanText(emit_data.lean_comment(text))


def emit(instance: Instance, counterexamples: Mapping[str, Witness] = NONE) -> Emitted:
    """The Lean file for a claim.

    Args:
        counterexamples: by names of false seed claims; the file refutes those claims there.
    """
    family = instance.family
    context = {
        "claim": instance,
        "witness": {name: dict(point.inputs) for name, point in counterexamples.items()},
    }
    refutations = tuple(s.refutation for s in family.false_seeds if s.name in counterexamples)
    return from_template(
        family.template, instance.namespace, context, (*family.theorems, *refutations), refutations
    )


def emit_certificate(
    problem: CertificationProblem,
    *,
    epsilon: Fraction,
    prec: int,
    refutation: Gap | None = None,
    split: SplitCertificate | None = None,
    dual: DualCertificate | None = None,
) -> Emitted:
    """The Lean file that proves |teacher(x) - student(x)| ≤ `epsilon` on the box, or refutes it.

    The definitions `teacher`, `student` and `box` of the file's namespace are the problem's data.

    Args:
        epsilon: at least `provable_epsilon(problem, prec)`, else Lean will reject the proof.
        prec: binary digits after the point in the bounds.
        refutation: a point where the gap exceeds `epsilon`; the file then proves the negation only.
        split: a certificate of the same `epsilon` and `prec`, where the box has to be bisected.
        dual: multipliers that prove `epsilon` in place of intervals.
    """
    packed = whole = None
    if not is_listed(problem) and not split:
        if dual is not None:
            packed = pack_dual(DualBounds.of(problem, dual), dual)
        elif whole := None if refutation else lanes_for_whole(problem, epsilon, prec):
            packed = pack_lanes(problem, whole[0])
        else:
            packed = pack_pair(problem, prec)
    context = {
        **NO_PARTS,
        "packed": packed,
        "whole": whole,
        **pair_context(problem),
        "epsilon": epsilon,
        "prec": prec,
        "refutation": refutation,
        "dual": dual,
    }
    if split is not None:
        context |= _split_context(problem, split)
    return from_template(
        "distillation_certificate.lean.j2",
        (within_namespace(problem, epsilon),),
        context,
        ("not_distillation_certificate" if refutation else "distillation_certificate",),
        ("not_distillation_certificate",) if refutation else (),
    )


def within_namespace(problem: CertificationProblem, epsilon: Fraction) -> str:
    """The namespace of what is proved about one ε."""
    return f"weights_{problem.sha256[:16]}_within_{identifier(epsilon)}"


def _split_context(problem: CertificationProblem, split: SplitCertificate) -> dict[str, object]:
    """What the template says of a box in parts.

    Raises:
        ValueError: for a certificate that proves nothing, since its boxes are no boxes.
    """
    lanes = lanes_for(problem, split)
    data = pack_lanes(problem, lanes)
    most = min(PART_BATCHES * lanes.boxes, max(1, PART_COORDINATES // problem.box.dim))
    parted, parts = cut_into_parts(split, most)
    return {
        "packed": None if is_listed(problem) else data,
        "split": split,
        "data": data,
        "lanes": lanes,
        "grid": lane_grid(problem, split.refinement, split.prec),
        "parted": parted,
        "parts": parts,
    }


def is_listed(problem: CertificationProblem) -> bool:
    """Whether the networks are small enough to be written as lists instead of packed numbers."""
    parameters = problem.teacher.parameter_count + problem.student.parameter_count
    return parameters <= emit_data.MAX_LISTED_PARAMETERS


def pair_context(problem: CertificationProblem) -> dict[str, object]:
    """What templates say of a pair of networks in words."""
    return {
        "problem": problem,
        "file_name": PurePath(problem.source).name,
        "teacher_layers": _widths(problem.teacher),
        "student_layers": _widths(problem.student),
        "teacher_words": _in_words(problem.teacher),
        "student_words": _in_words(problem.student),
    }


def _widths(network: Network) -> str:
    return " → ".join(map(str, network.widths))


def _in_words(network: Network) -> str:
    layers = (
        f"{_count(layer.output_dim, 'output')} ({layer.activation})" for layer in network.layers
    )
    return ", ".join((_count(network.input_dim, "input"), *layers))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def from_template(
    template: str,
    namespace: tuple[str, ...],
    context: Mapping[str, object],
    theorems: tuple[str, ...],
    refutations: tuple[str, ...],
) -> Emitted:
    """The file that a template makes, with proofs and without."""
    name = LeanText(".".join(map(lean_name, namespace)))
    source = _environment().get_template(template)
    prefix = f"PyOrch.Emitted.{name}."
    return Emitted(
        text=source.render(context, namespace=name, asked=False),
        asked=source.render(context, namespace=name, asked=True),
        theorems=tuple(prefix + t for t in theorems),
        refutations=tuple(prefix + t for t in refutations),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  (HTML's rules; `_only_lean_text` keeps Lean's)
        finalize=_only_lean_text,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "lean_arg": lean_arg,
        "lean_comment": lean_comment,
        "lean_name": lean_name,
        "lean_rat": lean_rat,
        "proof": _proof,
    }
    for term in (
        lean_batch,
        lean_dual_certificate,
        lean_glue,
        lean_goal_tree,
        lean_part_box,
        lean_tree,
        emit_data.lean_box,
        emit_data.lean_coordinates,
        emit_data.lean_ints,
        emit_data.lean_network,
        emit_data.lean_packed_network,
        emit_data.lean_pairs,
        emit_data.lean_ratio,
        emit_data.lean_ratios,
    ):
        environment.filters[term.__name__] = _as_lean_text(term)
    return environment


def _as_lean_text(term: Callable[[Any], str]) -> Callable[[Any], LeanText]:
    """Those functions print nothing but numbers and fixed words."""
    return lambda value: LeanText(term(value))


def _only_lean_text(value: object) -> LeanText:
    if isinstance(value, Undefined):
        str(value)  # raises, with the name
    if not isinstance(value, LeanText):
        raise TypeError(f"a template prints {value!r} without a filter for Lean text")
    return value


@pass_context
def _proof(context: Context, text: str) -> str:
    """A proof, for a filter block: ``sorry`` in the file that says what is asked."""
    return "sorry" if context["asked"] else text
