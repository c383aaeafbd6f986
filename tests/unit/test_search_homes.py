"""What the server says of where theorems come from."""

from __future__ import annotations

import pytest

from pyorch.errors import ProtocolError
from pyorch.lean.answers import parse_homes
from pyorch.lean.values import Homes


def test_homes_are_parsed() -> None:
    answer = {"modules": "A\nB\tA\nC\tA\tB\n", "theorems": "a.b\t0\nc\t2\n"}
    imports = {"A": (), "B": ("A",), "C": ("A", "B")}
    assert parse_homes(answer) == Homes(imports, {"a.b": "A", "c": "C"})
    assert parse_homes({"modules": "", "theorems": ""}) == Homes({}, {})


@pytest.mark.parametrize("theorems", ["a\n", "a\t1\n", "a\t-1\n", "a\tx\n", "a\t²\n", 3, None])
def test_nonsense_is_refused(theorems: object) -> None:
    with pytest.raises(ProtocolError):
        parse_homes({"modules": "A\n", "theorems": theorems})
