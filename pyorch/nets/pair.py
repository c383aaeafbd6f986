"""A pair's problem from separate files: teacher, student and box."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import PurePath

from pyorch.errors import InputError, UsageError
from pyorch.nets.formats.files import read_file
from pyorch.nets.network import Activation, Box, CertificationProblem, Network
from pyorch.nets.reader import parse_box, parse_network

__all__ = ["BoxFile", "NetworkFile", "load_box", "load_network", "pair_problem", "read_pair"]


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network, where it is from, and what identifies it.

    Args:
        source: the file as the user named it.
        sha256: hexadecimal digest of the file's bytes.
        options: how it was read, such as ``normalize``; empty for a file that says it all.
    """

    network: Network
    source: str
    sha256: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxFile:
    """A box, where it is from, and the hexadecimal digest of that file's bytes."""

    box: Box
    source: str
    sha256: str


def load_network(
    path: str | PathLike[str],
    *,
    normalize: bool = False,
    activations: Sequence[Activation] | None = None,
) -> NetworkFile:
    """As `pyorch.nets.reader.read_network`, together with the file's digest.

    Raises:
        InputError: one line that names file, field and value.
    """
    file = read_file(path, "network")
    network = parse_network(file, normalize=normalize, activations=activations)
    options = ["normalize"] if normalize else []
    if activations is not None:
        options.append("activations=" + ",".join(activations))
    return NetworkFile(network, file.source, file.sha256, tuple(options))


def load_box(path: str | PathLike[str], dim: int) -> BoxFile:
    """As `pyorch.nets.reader.read_box`, together with the file's digest.

    Raises:
        InputError: one line that names file, field and value.
    """
    file = read_file(path, "box")
    return BoxFile(parse_box(file, dim), file.source, file.sha256)


def pair_problem(
    teacher: NetworkFile, student: NetworkFile, box: BoxFile, epsilon: Fraction | None = None
) -> CertificationProblem:
    """The problem that the three files pose.

    Its `sha256` is that of the text below, in which names of files do not occur; options follow
    the digest after a space each:

        pyorch-pair-files-1
        teacher <sha256>
        student <sha256> normalize
        box <sha256>

    Raises:
        InputError: where their numbers of inputs or outputs differ.
        ValueError: for an epsilon that is not positive.
    """
    for what, ours, theirs in (
        ("inputs", student.network.input_dim, teacher.network.input_dim),
        ("outputs", student.network.output_dim, teacher.network.output_dim),
    ):
        if ours != theirs:
            raise InputError(student.source, "", f"has {ours} {what}, {teacher.source} {theirs}")
    if box.box.dim != teacher.network.input_dim:
        raise InputError(
            box.source,
            "",
            f"has {box.box.dim} coordinates, {teacher.source} {teacher.network.input_dim} inputs",
        )
    lines = (
        ("pyorch-pair-files-1",),
        ("teacher", teacher.sha256, *teacher.options),
        ("student", student.sha256, *student.options),
        ("box", box.sha256),
    )
    text = "".join(" ".join(line) + "\n" for line in lines)
    return CertificationProblem(
        teacher.network,
        student.network,
        box.box,
        epsilon,
        hashlib.sha256(text.encode()).hexdigest(),
        # without folders: what names the files in the header of the Lean file
        ", ".join(PurePath(file.source).name for file in (teacher, student, box)),
    )


def read_pair(
    teacher: str | PathLike[str],
    student: str | PathLike[str],
    box: str | PathLike[str],
    *,
    epsilon: Fraction | None = None,
    normalize: bool = False,
    teacher_activations: Sequence[Activation] | None = None,
    student_activations: Sequence[Activation] | None = None,
) -> CertificationProblem:
    """The problem in three files; see docs/formats.md.

    Args:
        normalize: for the networks in .nnet files, of which there has to be one.
        teacher_activations, student_activations: for networks in .npz files that lack them.

    Raises:
        InputError: one line that names file, field and value.
        ValueError: for an epsilon that is not positive.
    """
    is_nnet = [PurePath(path).suffix.lower() == ".nnet" for path in (teacher, student)]
    if normalize and not any(is_nnet):
        raise UsageError("normalization is a part of .nnet files, and neither network is in one")
    first, second = (
        load_network(path, normalize=normalize and nnet, activations=activations)
        for path, nnet, activations in zip(
            (teacher, student), is_nnet, (teacher_activations, student_activations), strict=True
        )
    )
    return pair_problem(first, second, load_box(box, first.network.input_dim), epsilon)
