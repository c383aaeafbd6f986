"""channel_accumulator_width: widths and witnesses by hand, files as parameters, limits."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pyorch import claims, emit
from pyorch.claims.channel_forms import Channels, ChannelSums, WitnessWraps
from pyorch.claims.channel_width import MAX_LISTED, ChannelWidths
from pyorch.errors import InputError, UsageError
from pyorch.nets.integer_weights import parse_rows
from pyorch.numeric import check_form, cross_check

NAME = "channel_accumulator_width"


def widths(*assignments: str) -> ChannelWidths:
    instance = claims.get(NAME).instantiate(assignments)
    assert isinstance(instance, ChannelWidths)
    return instance


def channels(rows: str, x_min: int, x_max: int) -> Channels:
    return Channels(parse_rows(rows), x_min, x_max)


# ---- widths --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "x_min", "x_max", "extremes", "bits"),
    [
        ("3,-8,7;-1,2,5", 0, 255, ((-2040, 2550), (-255, 1785)), (13, 12)),
        # -10·(-128) + 8·127 = 2296 needs 13 bits, as -10·127 - 8·128 = -2294 does
        ("10,-8", -128, 127, ((-2296, 2294),), (13,)),
        # -128·8 = -1024 just fits 11 bits, 1024 does not
        ("8", -128, 127, ((-1024, 1016),), (11,)),
        ("-8", -128, 127, ((-1016, 1024),), (12,)),
        ("1", 0, 1, ((0, 1),), (2,)),
        ("-1", 0, 1, ((-1, 0),), (1,)),
        ("0,0", 0, 255, ((0, 0),), (0,)),
        ("1,-1", 0, 0, ((0, 0),), (0,)),
        ("2147483647,-2147483648", -65536, 65536, ((-(2**48) + 2**16, 2**48 - 2**16),), (49,)),
    ],
)
def test_extremes_and_widths(
    rows: str,
    x_min: int,
    x_max: int,
    extremes: tuple[tuple[int, int], ...],
    bits: tuple[int, ...],
) -> None:
    c = channels(rows, x_min, x_max)
    assert c.extremes == extremes
    assert c.widths == bits
    for index in range(len(bits)):
        for greatest in (False, True):
            inputs = c.attaining(index, greatest=greatest)
            assert c.dot(index, inputs) == extremes[index][greatest]


def test_witnesses_overflow_one_bit_less() -> None:
    c = channels("3,-8,7;-1,2,5;8,0,0", 0, 255)
    assert c.witness(0) == (255, 0, 255)
    assert c.run(0) == (2550, 2550 - 2**12)
    assert c.witness(1) == (0, 255, 255)
    assert c.run(1) == (1785, 1785 - 2**11)
    # where only the least dot product overflows, the witness has that
    negative = channels("-3,8,-7", 0, 255)
    assert negative.widths == (13,)
    assert negative.witness(0) == (255, 0, 255)
    assert negative.run(0) == (-2550, -2550 + 2**12)


def test_the_claim_says_the_numbers() -> None:
    assert widths().claim.formula == (
        "P bits hold every partial sum of a channel, in every order, for inputs from 0 to 255, if"
        " and only if P ≥ 13, 12"
    )
    assert widths().claim.title == "Accumulators of 2 channels with 3 weights each"
    many = widths(f"weights={';'.join(str(i) for i in range(1, 10))}").claim
    assert many.formula.endswith("P ≥ 9, 10, 11, 11, 12, 12, 12, 12, … (9 to 13)")
    assert widths("weights=5").claim.title == "Accumulators of 1 channel with 1 weights each"


def test_transposed() -> None:
    given = widths("weights=3,-1;-8,2;7,5", "transposed=true")
    assert given.weights.rows == widths().weights.rows
    assert given.claim.parameters[:2] == (
        ("weights", "3,-1;-8,2;7,5"),
        ("transposed", "true"),
    )
    assert given.namespace == widths().namespace


# ---- files ---------------------------------------------------------------------------------------


def test_a_file_is_named_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "layer.json"
    path.write_text(json.dumps({"format": "pyorch-weights-1", "weights": [[3, -8, 7], [-1, 2, 5]]}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    instance = widths(f"weights={path}")
    assert instance.channels.widths == (13, 12)
    assert instance.claim.parameters[:2] == (("weights", str(path)), ("sha256", digest))
    text = emit.emit(instance).text
    assert f"Weights: layer.json; SHA-256 of the file {digest}." in text
    assert str(tmp_path) not in text
    assert instance.namespace == widths().namespace  # of the weights alone


def test_file_names_cannot_leave_the_comment(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    name = "a/b -/\naxiom evil : False /-"
    np.savez(path, **{name: np.array([[1, 2]])})
    text = emit.emit(widths(f"weights={path}:{name}")).text
    assert r"Weights: w.npz:a/b - /\u000aaxiom evil : False / -; SHA-256" in text


def test_wrong_files_and_rows_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        widths(f"weights={tmp_path}/none.npz:w")
    with pytest.raises(UsageError) as error:
        widths("weights=1,2;3")
    assert str(error.value) == (
        f"parameter weights of {NAME}: [1]: has 1 weights, the rows before 2"
    )
    with pytest.raises(InputError) as error:
        widths("weights=none")
    assert str(error.value).startswith("none: neither rows such as 3,-8,7;-1,2,5 nor a .json file")


# ---- limits --------------------------------------------------------------------------------------


def test_limits(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    rng = np.random.default_rng(0)
    np.savez(
        path,
        tall=np.ones((1025, 1), dtype=np.int8),
        wide=np.ones((1, 16385), dtype=np.int8),
        large=rng.integers(-128, 128, (513, 512), dtype=np.int8),
        padded=rng.integers(-128, 128, (512, 513), dtype=np.int8),
        allowed=rng.integers(-128, 128, (512, 512), dtype=np.int8),
    )
    for name, message in {
        "tall": "needs at most 1024 output channels, but the weights have 1025",
        "wide": "needs at most 16384 weights a channel, but the channels have 16385",
        "large": (
            "needs at most 2097152 bits of weights, to be checked in a few seconds, but 513"
            " channels of 512 weights take 2101248 bits with rows filled up to a power of two"
        ),
        "padded": (
            "needs at most 2097152 bits of weights, to be checked in a few seconds, but 512"
            " channels of 513 weights take 4194304 bits with rows filled up to a power of two"
        ),
    }.items():
        with pytest.raises(UsageError) as error:
            widths(f"weights={path}:{name}")
        assert str(error.value) == f"{NAME} {message}"
    allowed = widths(f"weights={path}:allowed")
    assert not allowed.listed
    assert cross_check(allowed).failure is None


def test_no_products_no_claim() -> None:
    for given in (["weights=0,0"], ["weights=1,-1", "x_max=0"]):
        with pytest.raises(UsageError, match="needs a weight and an input other than 0"):
            widths(*given)
    assert widths("weights=0,0;1,0").overflowing == (1,)


@pytest.mark.parametrize("assignment", ["x_min=1", "x_max=-1", "x_min=-65537", "x_max=65537"])
def test_ranges_of_inputs_contain_0(assignment: str) -> None:
    with pytest.raises(UsageError, match="is not an integer from"):
        widths(assignment)


# ---- what is emitted -----------------------------------------------------------------------------


def test_few_weights_are_listed_and_more_are_packed() -> None:
    few = widths(f"weights={','.join(['-1'] * MAX_LISTED)}")
    more = widths(f"weights={','.join(['-1'] * (MAX_LISTED + 1))}")
    assert few.listed
    assert "joinParts" not in emit.emit(few).text
    assert not more.listed
    text = emit.emit(more).text
    assert "import PyOrch.PackedWidths\n" in text
    assert "unpackLayer 1 17 5 1 data" in text
    # a weight of -1 is stored as 0 in one bit
    assert "nat_lit 0]" in text


# ---- the forms -----------------------------------------------------------------------------------


def test_a_width_too_small_is_found_out() -> None:
    c = channels("3,-8,7;-1,2,5", 0, 255)
    evidence = check_form(ChannelSums(c, (13, 11)))
    assert evidence.counterexample is not None
    channel, *inputs = (x for _, x in evidence.counterexample.inputs)
    assert channel == 1
    assert sum(x * w for x, w in zip(inputs, c.weights.rows[1], strict=True)) >= 2**10
    assert check_form(ChannelSums(c, c.widths)).largest == 0


def test_partial_sums_in_every_order() -> None:
    form = ChannelSums(channels("3,-8,7;-1,2,5", 0, 255), (13, 12))
    point = tuple(map(Fraction, (0, 10, 20, 1)))
    # 30 - 160 + 7: from -160 (9 bits) to 37
    assert form.quantity(point) == 9 - 13
    assert form.explain(point) == (
        "partial sums of 10·3 + 20·(-8) + 1·7 reach from -160 to 37 and need 9 bits, not 13: -4"
    )
    assert form.contains(point)
    assert not form.contains((Fraction(2), *point[1:]))
    assert not form.contains((*point[:3], Fraction(256)))
    assert not form.contains((*point[:3], Fraction(1, 2)))


def test_witnesses_are_run() -> None:
    form = WitnessWraps(channels("3,-8,7;0,0,0;-1,2,5", 0, 255))
    assert form.corners() == ((Fraction(0),), (Fraction(2),))
    assert form.quantity((Fraction(0),)) == -(2**12)
    assert form.explain((Fraction(2),)) == "-|-263 - 1785| = -2048"
    # no bits at all
    assert WitnessWraps(channels("-1", 0, 1)).quantity((Fraction(0),)) == -1


def test_wide_channels_get_fewer_samples() -> None:
    rows = ",".join(["1", "-1"] * 8192)
    form = ChannelSums(channels(rows, -128, 127), (22,))
    samples = form.sample(np.random.default_rng(0), 100_000)
    assert 1 <= len(samples) < 100
    assert samples.shape[1] == 16385
    assert 1 <= len(form.corners()) <= 8
