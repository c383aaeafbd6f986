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

Where the bound is proved by duality on the whole box, the tree is one leaf and there is a field
``dual`` (`pyorch.nets.dual_emit.dual_to_json`).

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
from pyorch.nets.json_tree import Node, display, parse_json
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, Leaf, Split, SplitCertificate, SplitTree
from pyorch.output import write_bytes

__all__ = ["FORMAT", "CertificateFile", "problem_sha256", "read_certificate", "write_certificate"]

FORMAT = "pyorch-certificate-1"
MAX_HEADER_BYTES = 10_000
MAX_BODY_BYTES = 256 * 2**20
"""Of the body before compression."""
MAX_PREC = 4096
MAX_DEPTH = 1000
"""Bisections on the way to one leaf."""


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A problem, and the tree that should prove it.

    Args:
        problem: with the ε that is claimed.
        certificate: of that ε.
        weights_file, weights_sha256: where the networks are said to come from.
    """

    problem: CertificationProblem
    certificate: SplitCertificate
    weights_file: str
    weights_sha256: str

    @classmethod
    def of(cls, problem: CertificationProblem, certificate: SplitCertificate) -> CertificateFile:
        """For a problem that was read from a file."""
        name = PurePath(problem.source).name
        return cls(replace(problem, epsilon=certificate.epsilon), certificate, name, problem.sha256)


def problem_sha256(problem: CertificationProblem) -> str:
    """A digest of the exact networks and box: of the numbers, not of a file."""
    return hashlib.sha256(_canonical(_problem_json(problem))).hexdigest()


def write_certificate(path: Path, content: CertificateFile) -> None:
    """Write the file; whole, or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    problem, certificate = content.problem, content.certificate
    body = zlib.compress(
        _canonical(
            {
                **_problem_json(problem),
                "epsilon": str(certificate.epsilon),
                "prec": certificate.prec,
                "refinement": certificate.refinement,
                "tree": _preorder(certificate.tree),
                **({} if certificate.dual is None else {"dual": dual_to_json(certificate.dual)}),
            }
        ),
        9,
    )
    header = {
        "format": FORMAT,
        "body_bytes": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "problem_sha256": problem_sha256(problem),
        "weights_sha256": content.weights_sha256,
        "weights_file": content.weights_file,
        "teacher": _widths(problem.teacher),
        "student": _widths(problem.student),
        "epsilon": str(certificate.epsilon),
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
            "weights_file", "teacher", "student", "epsilon", "leaves",
        )
    )  # fmt: skip
    fields["format"].choice((FORMAT,))
    size = _natural(fields["body_bytes"], MAX_BODY_BYTES)
    if len(compressed) != size:
        what = "truncated" if len(compressed) < size else "longer than it says"
        raise fields["body_bytes"].error(f"{size}, but {len(compressed)} bytes follow: {what}")
    _same(fields["body_sha256"], hashlib.sha256(compressed).hexdigest(), "the body's digest")
    body = parse_json(_decompressed(compressed, source), source)
    problem, certificate = _content(body, source)
    _same(fields["problem_sha256"], problem.sha256, "the digest of its networks and box")
    _same(fields["teacher"], _widths(problem.teacher), "the body's teacher")
    _same(fields["student"], _widths(problem.student), "the body's student")
    _same(fields["epsilon"], str(certificate.epsilon), "the body's")
    if _natural(fields["leaves"], MAX_BODY_BYTES) != certificate.leaves:
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


def _content(body: Node, source: str) -> tuple[CertificationProblem, SplitCertificate]:
    fields = body.fields(
        ("teacher", "student", "box", "epsilon", "prec", "refinement", "tree"), ("dual",)
    )
    teacher, student = _network(fields["teacher"]), _network(fields["student"])
    box = fields["box"].fields(("lo", "hi", "den"))
    epsilon = fields["epsilon"].rational()
    try:
        problem = CertificationProblem(
            teacher,
            student,
            Box(_integers(box["lo"]), _integers(box["hi"]), _integer(box["den"])),
            epsilon,
            "",
            source,
        )
    except ValueError as error:
        raise body.error(str(error)) from None
    certificate = SplitCertificate(
        epsilon,
        _natural(fields["prec"], MAX_PREC),
        _natural(fields["refinement"], MAX_PREC),
        _tree(fields["tree"], box_dim=problem.box.dim),
        dual_from_json(fields["dual"]) if "dual" in fields else None,
    )
    if certificate.dual is not None and certificate.leaves > 1:
        raise fields["dual"].error("stands beside a tree that cuts the box")
    return replace(problem, sha256=problem_sha256(problem)), certificate


def _network(node: Node) -> Network:
    layers = []
    for item in node.items():
        fields = item.fields(("weights", "bias", "den", "activation"))
        try:
            layers.append(
                Layer(
                    tuple(_integers(row) for row in fields["weights"].items()),
                    _integers(fields["bias"]),
                    _integer(fields["den"]),
                    Activation(fields["activation"].choice([a.value for a in Activation])),
                )
            )
        except ValueError as error:
            raise item.error(str(error)) from None
    try:
        return Network(tuple(layers))
    except ValueError as error:
        raise node.error(str(error)) from None


def _tree(node: Node, box_dim: int) -> SplitTree:
    """The tree of a preorder list, without recursion: the list is from anywhere."""
    items = list(node.items())
    done: list[SplitTree] = []
    # from the end: a leaf is a tree, a cut takes the two trees after it
    depths: list[int] = []
    for item in reversed(items):
        if not isinstance(item.value, list):
            if _integer(item) != 0:
                raise item.error("expected [dim, cut] or 0")
            done.append(LEAF)
            depths.append(0)
            continue
        entries = list(item.items())
        if len(entries) != 2:
            raise item.error("expected [dim, cut] or 0")
        if len(done) < 2:
            raise item.error("the tree is not complete")
        dim = _natural(entries[0], box_dim - 1)
        below, above = done.pop(), done.pop()
        depth = 1 + max(depths.pop(), depths.pop())
        if depth > MAX_DEPTH:
            raise item.error(f"more than {MAX_DEPTH} bisections of one box")
        done.append(Split(dim, _integer(entries[1]), below, above))
        depths.append(depth)
    if len(done) != 1:
        raise node.error("is not one tree")
    return done[0]


def _integers(node: Node) -> tuple[int, ...]:
    return tuple(map(_integer, node.items()))


def _integer(node: Node) -> int:
    value = node.float64()
    if not isinstance(value, int):
        raise node.error(f"expected an integer, not {display(node.value)}")
    return value


def _natural(node: Node, most: int) -> int:
    value = _integer(node)
    if not 0 <= value <= most:
        raise node.error(f"{display(node.value)} is not an integer from 0 to {most}")
    return value


def _problem_json(problem: CertificationProblem) -> dict[str, Any]:
    box = problem.box
    return {
        "teacher": _network_json(problem.teacher),
        "student": _network_json(problem.student),
        "box": {"lo": box.lo, "hi": box.hi, "den": box.den},
    }


def _network_json(network: Network) -> list[dict[str, Any]]:
    return [
        {
            "weights": layer.weights,
            "bias": layer.bias,
            "den": layer.den,
            "activation": layer.activation.value,
        }
        for layer in network.layers
    ]


def _preorder(tree: SplitTree) -> list[Any]:
    found: list[Any] = []
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Leaf):
            found.append(0)
        else:
            found.append([node.dim, node.cut])
            todo += [node.above, node.below]
    return found


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _widths(network: Network) -> str:
    return "→".join(map(str, network.widths))
