"""Integer weights as a parameter of a claim."""

from __future__ import annotations

from dataclasses import dataclass

from pyorch.claims.parameters import Parameter
from pyorch.errors import InputError
from pyorch.nets.integer_weights import INLINE, IntegerWeights, parse_rows, read_weights

__all__ = ["OptionalWeightsParameter", "WeightsParameter"]

DOMAIN = (
    "rows such as 3,-8,7;-1,2,5, one for each output channel, or FILE.json, FILE.npz:NAME or"
    " FILE.onnx:NAME"
)
NONE = "none"


def _parse(text: str) -> IntegerWeights:
    if not INLINE.fullmatch(text):
        return read_weights(text)
    try:
        return parse_rows(text)
    except InputError as e:
        raise ValueError(f"{e.field}: {e.problem}") from None


@dataclass(frozen=True)
class WeightsParameter(Parameter[IntegerWeights]):
    """A matrix of integer weights, written as rows or read from a file."""

    @property
    def domain(self) -> str:
        return DOMAIN

    def parse(self, text: str) -> IntegerWeights:
        return _parse(text)

    def show(self, value: IntegerWeights) -> str:
        return value.source


@dataclass(frozen=True)
class OptionalWeightsParameter(Parameter[IntegerWeights | None]):
    """A matrix of integer weights, or none."""

    @property
    def domain(self) -> str:
        return f"{NONE}, or {DOMAIN}"

    def parse(self, text: str) -> IntegerWeights | None:
        return None if text == NONE else _parse(text)

    def show(self, value: IntegerWeights | None) -> str:
        return NONE if value is None else value.source
