"""Certificate files: what is written is read, and whatever was altered is noticed."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import InputError
from pyorch.nets.certificate_file import (
    FORMAT,
    CertificateFile,
    problem_sha256,
    read_certificate,
    write_certificate,
)
from pyorch.nets.dual_steps import DualCertificate, Multipliers
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.split import LEAF, Split, SplitCertificate

TEACHER = Network(
    (
        Layer(((3, -1), (2, 5)), (1, -4), 8, Activation.RELU),
        Layer(((1, -7),), (2,), 4, Activation.IDENTITY),
    )
)
STUDENT = Network((Layer(((1, 0),), (-3,), 1, Activation.IDENTITY),))
PROBLEM = CertificationProblem(
    TEACHER, STUDENT, Box((-4, 0), (4, 7), 4), None, "ab" * 32, "some/where/päir.json"
)
TREE = Split(1, 14, Split(0, -2, LEAF, LEAF), LEAF)
CERTIFICATE = SplitCertificate(Fraction(7, 3), 20, 2, TREE)
DUAL = DualCertificate(16, True, ((Multipliers((3, -1), ()),), ()), ((), ()))
CONTENT = CertificateFile.of(PROBLEM, CERTIFICATE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "a b ∀.cert"
    write_certificate(target, CONTENT)
    return target


def parts(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    line, _, body = path.read_bytes().partition(b"\n")
    return json.loads(line), json.loads(zlib.decompress(body))


def put(path: Path, header: dict[str, Any], body: dict[str, Any] | bytes) -> None:
    """Write a file whose digests of the body fit."""
    data = body if isinstance(body, bytes) else zlib.compress(json.dumps(body).encode())
    header = header | {"body_bytes": len(data), "body_sha256": hashlib.sha256(data).hexdigest()}
    path.write_bytes(json.dumps(header).encode() + b"\n" + data)


def test_what_is_written_is_read(path: Path) -> None:
    content = read_certificate(path)
    assert content.certificate == CERTIFICATE
    assert content.problem == replace(PROBLEM, sha256=problem_sha256(PROBLEM), source=str(path))
    assert (content.weights_file, content.weights_sha256) == ("päir.json", "ab" * 32)
    header, _ = parts(path)
    assert header["format"] == FORMAT
    assert (header["teacher"], header["student"], header["leaves"]) == ("2→2→1", "2→1", 3)


@pytest.mark.parametrize("symbols", [(), (3, 0, 2**60)])
def test_multipliers_are_read(path: Path, symbols: tuple[int, ...]) -> None:
    whole = SplitCertificate(Fraction(7, 3), 16, 0, LEAF, replace(DUAL, symbols=symbols))
    write_certificate(path, CertificateFile.of(PROBLEM, whole))
    assert read_certificate(path).certificate == whole


@pytest.mark.parametrize(
    ("dual", "field"),
    [
        (5, "dual"), ({"prec": 16}, "tighten"), ({"prec": -1, "tighten": True}, "prec"),
        ({"prec": 10**6, "tighten": True}, "prec"), ({"prec": 16, "tighten": 1}, "tighten"),
        ({"prec": 16, "tighten": True, "upper": [[[1]]]}, "upper"),
        ({"prec": 16, "tighten": True, "lower": [[[[0.5], 0]]]}, "lower"),
        ({"prec": 16, "tighten": True, "other": 0}, "other"),
        ({"prec": 16, "tighten": True, "symbols": [1, -1]}, "symbols"),
    ],
)  # fmt: skip
def test_multipliers_that_are_none(path: Path, dual: Any, field: str) -> None:
    header, body = parts(path)
    put(path, header | {"leaves": 1}, body | {"tree": [0], "dual": dual})
    with pytest.raises(InputError, match=field):
        read_certificate(path)


def test_multipliers_beside_a_tree(path: Path) -> None:
    header, body = parts(path)
    put(path, header, body | {"dual": {"prec": 16, "tighten": True}})
    with pytest.raises(InputError, match="dual"):
        read_certificate(path)


def test_the_same_certificate_is_the_same_file(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    write_certificate(again, read_certificate(path))
    assert again.read_bytes() == path.read_bytes()


def test_a_problem_has_one_digest() -> None:
    digest = problem_sha256(PROBLEM)
    assert (
        problem_sha256(replace(PROBLEM, source="other", sha256="", epsilon=Fraction(1))) == digest
    )
    for other in (
        replace(PROBLEM, box=Box((-4, 0), (4, 8), 4)),
        replace(PROBLEM, student=Network((Layer(((1, 0),), (-3,), 1, Activation.RELU),))),
        replace(PROBLEM, teacher=replace(TEACHER, layers=TEACHER.layers[:1] + STUDENT.layers)),
    ):
        assert problem_sha256(other) != digest


def test_every_byte_counts(path: Path) -> None:
    data = path.read_bytes()
    for index in range(len(data)):
        path.write_bytes(data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :])
        try:
            content = read_certificate(path)
        except InputError as error:
            assert len(str(error).splitlines()) == 1
        else:  # a changed letter where the header tells of the weights' origin
            assert (content.problem, content.certificate) == (
                replace(PROBLEM, sha256=problem_sha256(PROBLEM), source=str(path)),
                CERTIFICATE,
            )


@pytest.mark.parametrize("keep", [0, 1, 20, 200, -1])
def test_truncated(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError):
        read_certificate(path)


def test_a_header_may_not_lie(path: Path) -> None:
    header, body = parts(path)
    for field, value in {
        "format": "pyorch-certificate-3",
        "problem_sha256": "00" * 32,
        "teacher": "2→1",
        "student": "2→2→1",
        "epsilon": "1/3",
        "leaves": 4,
    }.items():
        put(path, header | {field: value}, body)
        with pytest.raises(InputError, match=field):
            read_certificate(path)
    put(path, {k: v for k, v in header.items() if k != "leaves"}, body)
    with pytest.raises(InputError, match="leaves"):
        read_certificate(path)
    put(path, header | {"proved": True}, body)
    with pytest.raises(InputError, match="proved"):
        read_certificate(path)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": {"property": "class", "class": 0}}, "goal"),
        ({"epsilon": "-1"}, "epsilon"),
        ({"epsilon": "nan"}, "epsilon"),
        ({"prec": -1}, "prec"),
        ({"prec": 10**6}, "prec"),
        ({"prec": 1.5}, "prec"),
        ({"refinement": "2"}, "refinement"),
        ({"tree": []}, "tree"),
        ({"tree": [0, 0]}, "tree"),
        ({"tree": [1]}, "tree"),
        ({"tree": [[0, 1], 0]}, "tree"),
        ({"tree": [[2, 1], 0, 0]}, "tree"),
        ({"tree": [[0], 0, 0]}, "tree"),
        ({"tree": [[0, 1.5], 0, 0]}, "tree"),
        ({"tree": [[0, 1]] * 5000 + [0] * 5001}, "bisections"),
        ({"box": {"lo": [0], "hi": [1], "den": 1}}, "box.dim"),
        ({"box": {"lo": [1, 1], "hi": [0, 1], "den": 1}}, "lower bound"),
        ({"box": {"lo": [0, 0], "hi": [1, 1], "den": 0}}, "denominator"),
        ({"teacher": []}, "teacher"),
        ({"student": [{"weights": [[1]], "bias": [0], "den": 3, "activation": "relu"}]}, "student"),
        (
            {"student": [{"weights": [[1, 1]], "bias": [0], "den": 1, "activation": "tanh"}]},
            "activation",
        ),
    ],
    ids=str,
)
def test_malformed_bodies(path: Path, change: dict[str, Any], field: str) -> None:
    header, body = parts(path)
    put(path, header, body | change)
    with pytest.raises(InputError, match=field) as error:
        read_certificate(path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    "body", [b"", b"no zlib", zlib.compress(b"{}")[:-1], zlib.compress(b"{}") + b"x", b"[" * 10**6]
)
def test_bodies_that_are_none(path: Path, body: bytes) -> None:
    header, _ = parts(path)
    put(path, header, body)
    with pytest.raises(InputError):
        read_certificate(path)


def test_a_body_that_unpacks_without_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyorch.nets.certificate_file.MAX_BODY_BYTES", 10_000)
    header, _ = parts(path)
    put(path, header, zlib.compress(b" " * 10**6))
    with pytest.raises(InputError, match="larger than"):
        read_certificate(path)


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="cannot be read"):
            read_certificate(path)
