"""The certificate file: what was proved, and all that is needed to check it again.

Format ``pyorch-certificate-1``: one line of JSON, the header, then a zlib stream, the body::

    {"format": "pyorch-certificate-1", "body_bytes": 1234, "body_sha256": "…",
     "problem_sha256": "…", "weights_sha256": "…", "weights_file": "pair.json",
     "teacher": "64→32→10", "student": "64→16→10", "epsilon": "1/10", "leaves": 5}

The body is JSON: both networks and the box as exact integers, ε, the precision of the bounds, and
the tree of bisections in preorder, ``[dim, cut]`` for a box that is cut and ``0`` for a leaf::

    {"teacher": [{"weights": [[…]], "bias": […], "den": 1024, "activation": "relu"}, …],
     "student": […], "box": {"lo": […], "hi": […], "den": 16},
     "epsilon": "1/10", "prec": 24, "refinement": 3, "tree": [[0, -5], 0, 0]}

Where the bound is proved by duality or affine forms on the whole box, the tree is one leaf and
there is a field ``dual`` (`pyorch.nets.dual_emit.dual_to_json`).

Format ``pyorch-certificate-2`` is for other goals than one ε for all outputs, and for that where
parts of the box are proved by duality: in place of ``epsilon``, the body has a field ``goal``
(`pyorch.nets.goal_json.goal_to_json`) and the header ``"goal": "output 3 within 1/10"``. A leaf may
be proved by duality; then its multipliers stand in the tree (`pyorch.nets.tree_json`).

``problem_sha256`` is the digest of the body's networks and box in canonical form, so the same
problem has the same digest wherever its numbers were read from; `problem_sha256` gives that of a
weights file. ``weights_sha256`` and ``weights_file`` say where they came from, and nothing rests on
them. A reader computes every digest again and believes none; what the certificate claims is checked
by Lean's kernel, so that a false one is rejected, whoever made its digests fit.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from pyorch.errors import InputError
from pyorch.nets.dual_emit import dual_from_json, dual_to_json
from pyorch.nets.goal_certificate import GoalCertificate, GoalClaim
from pyorch.nets.goal_json import goal_from_json, goal_to_json
from pyorch.nets.json_tree import Node, display, parse_json
from pyorch.nets.network import CertificationProblem, Network
from pyorch.nets.problem_json import problem_from_json, problem_to_json
from pyorch.nets.split import SplitCertificate, SplitTree
from pyorch.nets.tree_json import tree_from_json, tree_to_json
from pyorch.output import write_bytes

__all__ = [
    "FORMAT",
    "GOAL_FORMAT",
    "CertificateFile",
    "problem_sha256",
    "read_certificate",
    "write_certificate",
]

FORMAT = "pyorch-certificate-1"
GOAL_FORMAT = "pyorch-certificate-2"
MAX_HEADER_BYTES = 10_000
MAX_BODY_BYTES = 256 * 2**20
"""Of the body before compression."""
MAX_PREC = 4096


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """Two networks and a box, and a certificate of what is claimed of them.

    Args:
        problem: asks for nothing; the claim is the certificate's.
        certificate: the claim, and what should prove it.
        weights_file, weights_sha256: where the networks are said to come from.
    """

    problem: CertificationProblem
    certificate: SplitCertificate | GoalCertificate
    weights_file: str
    weights_sha256: str

    @classmethod
    def of(
        cls, problem: CertificationProblem, certificate: SplitCertificate | GoalCertificate
    ) -> CertificateFile:
        """For a problem that was read from a file."""
        name = PurePath(problem.source).name
        return cls(replace(problem, epsilon=None, goal=None), certificate, name, problem.sha256)


def problem_sha256(problem: CertificationProblem) -> str:
    """A digest of the exact networks and box: of the numbers, not of a file."""
    return hashlib.sha256(_canonical(problem_to_json(problem))).hexdigest()


def write_certificate(path: Path, content: CertificateFile) -> None:
    """Write the file; whole, or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    problem, certificate = content.problem, content.certificate
    body = zlib.compress(
        _canonical(
            {
                **problem_to_json(problem),
                **_certificate_json(certificate),
            }
        ),
        9,
    )
    is_goal = isinstance(certificate, GoalCertificate)
    header = {
        "format": GOAL_FORMAT if is_goal else FORMAT,
        "body_bytes": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "problem_sha256": problem_sha256(problem),
        "weights_sha256": content.weights_sha256,
        "weights_file": content.weights_file,
        "teacher": _widths(problem.teacher),
        "student": _widths(problem.student),
        _claim_field(certificate): _claim_text(certificate),
        "leaves": certificate.leaves,
    }
    line = json.dumps(header, ensure_ascii=True).encode() + b"\n"
    write_bytes(path, line + body)


def read_certificate(path: Path) -> CertificateFile:
    """Read a file from anywhere. Its claims are not checked, only that it is what it says it is.

    The problem's `sha256` is that of its networks and box, as nothing vouches for the file's.

    Raises:
        InputError: one line with the field and what is wrong with it.
    """
    source = str(path)
    try:
        with path.open("rb") as stream:
            line = stream.readline(MAX_HEADER_BYTES)
            compressed = stream.read(MAX_BODY_BYTES + 1)
    except OSError as error:
        raise InputError(path, "", f"cannot be read: {error.strerror}") from error
    if not line.endswith(b"\n"):
        raise InputError(path, "", f"not a certificate: its first line is no header ({FORMAT})")
    header = parse_json(line, source)
    if not header.has("format"):
        raise InputError(path, "format", f"is missing; certificates begin with {FORMAT!r}")
    fields = header.fields(
        (
            "format", "body_bytes", "body_sha256", "problem_sha256", "weights_sha256",
            "weights_file", "teacher", "student", "leaves",
        ),
        ("epsilon", "goal"),
    )  # fmt: skip
    is_goal = fields["format"].choice((FORMAT, GOAL_FORMAT)) == GOAL_FORMAT
    if ("goal" in fields) != is_goal or ("epsilon" in fields) == is_goal:
        what = "a goal, and no epsilon" if is_goal else "an epsilon, and no goal"
        raise fields["format"].error(f"{display(fields['format'].value)} has {what}")
    size = fields["body_bytes"].natural(MAX_BODY_BYTES)
    if len(compressed) != size:
        what = "truncated" if len(compressed) < size else "longer than it says"
        raise fields["body_bytes"].error(f"{size}, but {len(compressed)} bytes follow: {what}")
    _same(fields["body_sha256"], hashlib.sha256(compressed).hexdigest(), "the body's digest")
    body = parse_json(_decompressed(compressed, source), source)
    problem, certificate = _content(body, source, is_goal=is_goal)
    _same(fields["problem_sha256"], problem.sha256, "the digest of its networks and box")
    _same(fields["teacher"], _widths(problem.teacher), "the body's teacher")
    _same(fields["student"], _widths(problem.student), "the body's student")
    _same(fields[_claim_field(certificate)], _claim_text(certificate), "the body's")
    if fields["leaves"].natural(MAX_BODY_BYTES) != certificate.leaves:
        raise fields["leaves"].error(f"the body's tree has {certificate.leaves}")
    weights_file, weights_sha256 = (fields[f"weights_{name}"].text() for name in ("file", "sha256"))
    return CertificateFile(problem, certificate, weights_file, weights_sha256)


def _same(field: Node, found: str, what: str) -> None:
    if field.text() != found:
        raise field.error(f"{display(field.value)}, but {what} is {display(found)}")


def _decompressed(data: bytes, source: str) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, MAX_BODY_BYTES)
    except zlib.error as error:
        raise InputError(source, "body", f"cannot be decompressed: {error}") from None
    if stream.unconsumed_tail:
        raise InputError(source, "body", f"is larger than {MAX_BODY_BYTES} bytes")
    if not stream.eof or stream.unused_data:
        raise InputError(source, "body", "is not one complete zlib stream")
    return text


# ---- the body ------------------------------------------------------------------------------------


def _content(
    body: Node, source: str, *, is_goal: bool
) -> tuple[CertificationProblem, SplitCertificate | GoalCertificate]:
    fields = body.fields(
        (
            "teacher",
            "student",
            "box",
            "goal" if is_goal else "epsilon",
            "prec",
            "refinement",
            "tree",
        ),
        () if is_goal else ("dual",),
    )
    problem = problem_from_json(body, source, fields)
    prec, refinement = (fields[name].natural(MAX_PREC) for name in ("prec", "refinement"))
    tree = tree_from_json(fields["tree"], box_dim=problem.box.dim, duals=is_goal)
    certificate = (
        GoalCertificate(_claim(fields["goal"], problem), prec, refinement, tree)
        if is_goal
        else _split_certificate(fields, prec, refinement, tree)
    )
    return replace(problem, sha256=problem_sha256(problem)), certificate


def _split_certificate(
    fields: dict[str, Node], prec: int, refinement: int, tree: SplitTree
) -> SplitCertificate:
    epsilon = fields["epsilon"].rational()
    if epsilon < 0:
        raise fields["epsilon"].error(f"{display(fields['epsilon'].value)} is negative")
    dual = dual_from_json(fields["dual"]) if "dual" in fields else None
    certificate = SplitCertificate(epsilon, prec, refinement, tree, dual)
    if dual is not None and certificate.leaves > 1:
        raise fields["dual"].error("stands beside a tree that cuts the box")
    return certificate


def _claim(field: Node, problem: CertificationProblem) -> GoalClaim:
    claim = goal_from_json(field)
    try:
        claim.require(problem.teacher, problem.student)
    except ValueError as error:
        raise field.error(str(error)) from None
    return claim


def _claim_field(certificate: SplitCertificate | GoalCertificate) -> str:
    return "goal" if isinstance(certificate, GoalCertificate) else "epsilon"


def _claim_text(certificate: SplitCertificate | GoalCertificate) -> str:
    """The claim, for the header."""
    if isinstance(certificate, GoalCertificate):
        return str(certificate.claim)
    return str(certificate.epsilon)


def _certificate_json(certificate: SplitCertificate | GoalCertificate) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "prec": certificate.prec,
        "refinement": certificate.refinement,
        "tree": tree_to_json(certificate.tree),
    }
    if isinstance(certificate, GoalCertificate):
        return {"goal": goal_to_json(certificate.claim), **fields}
    if certificate.dual is not None:
        fields["dual"] = dual_to_json(certificate.dual)
    return {"epsilon": str(certificate.epsilon), **fields}


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _widths(network: Network) -> str:
    return "→".join(map(str, network.widths))
