"""A pair's problem as the options of a command line name its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyorch.errors import UsageError
from pyorch.nets.network import Activation, CertificationProblem
from pyorch.nets.pair import read_pair
from pyorch.nets.reader import parse_activations, read_problem

__all__ = ["PairOptions"]


@dataclass(frozen=True, slots=True)
class PairOptions:
    """Either one file of weights, or a teacher, a student and a box."""

    weights: Path | None
    teacher: Path | None
    student: Path | None
    box: Path | None
    normalize: bool = False
    teacher_activations: str | None = None
    student_activations: str | None = None

    def read(self) -> CertificationProblem:
        """The problem that the files pose.

        Raises:
            UsageError: options that do not go together, in one line that names one.
            InputError: one line that names file, field and value.
        """
        others = {
            "--teacher": self.teacher,
            "--student": self.student,
            "--box": self.box,
            "--normalize": self.normalize or None,
            "--teacher-activations": self.teacher_activations,
            "--student-activations": self.student_activations,
        }
        given = [name for name, value in others.items() if value is not None]
        if self.weights is not None:
            if given:
                raise UsageError(f"{given[0]} does not go with --weights, whose file says it all")
            return read_problem(self.weights)
        if self.teacher is None or self.student is None or self.box is None:
            missing = next(n for n in ("--teacher", "--student", "--box") if others[n] is None)
            raise UsageError(
                f"{missing} is missing: give --weights, or --teacher, --student and --box"
            )
        return read_pair(
            self.teacher,
            self.student,
            self.box,
            normalize=self.normalize,
            teacher_activations=_activations("--teacher-activations", self.teacher_activations),
            student_activations=_activations("--student-activations", self.student_activations),
        )


def _activations(option: str, text: str | None) -> tuple[Activation, ...] | None:
    if text is None:
        return None
    try:
        return parse_activations(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
