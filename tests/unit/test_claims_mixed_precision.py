"""Rows of mixed precision, groups and blocks: numbers, hypotheses, refutations."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.groupwise import Groupwise
from pyorch.claims.mixed_precision import MixedPrecision
from pyorch.claims.packed_row import PackedRow, RowBits
from pyorch.claims.row import EntryErrorBound, UnguardedErrorBound, identifiers, shares
from pyorch.claims.shared_scale import SharedScale, SharedScaleCost
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check


def mixed(*assignments: str) -> MixedPrecision:
    instance = claims.get("mixed_precision_error_bound").instantiate(assignments)
    assert isinstance(instance, MixedPrecision)
    return instance


def packed(*assignments: str) -> PackedRow:
    instance = claims.get("packed_row_size").instantiate(assignments)
    assert isinstance(instance, PackedRow)
    return instance


def groupwise(*assignments: str) -> Groupwise:
    instance = claims.get("groupwise_error_bound").instantiate(assignments)
    assert isinstance(instance, Groupwise)
    return instance


def shared(*assignments: str) -> SharedScale:
    instance = claims.get("shared_scale_error_bound").instantiate(assignments)
    assert isinstance(instance, SharedScale)
    return instance


# ---- widths that alternate -----------------------------------------------------------------------


def test_the_seeds_pattern_has_3_5_bits() -> None:
    seed = mixed()
    assert seed.average_width == Fraction(7, 2)
    assert [(q.q_min, q.q_max) for q in seed.row.quantizers] == [(-8, 7), (-4, 3)]
    assert [seed.row.at(i).bits for i in range(5)] == [4, 3, 4, 3, 4]
    assert seed.claim.formula == (
        "|x - D(Q(x))| ≤ s/2 for entry i, at position i mod 2: 1/16 for -17/16 ≤ x ≤ 15/16 at"
        " position 0 (4 bits); 1/8 for -9/8 ≤ x ≤ 7/8 at position 1 (3 bits); 7/2 bits an entry on"
        " average"
    )


def test_a_long_pattern_is_cut_short_in_words() -> None:
    formula = mixed("bits=1,2,3,4,5", "scales=1").claim.formula
    assert "position 3 (4 bits); …; 3 bits an entry" in formula


def test_one_scale_serves_all_positions() -> None:
    one = mixed("bits=8,4,2", "scales=1/3")
    assert one == mixed("bits=8,4,2", "scales=1/3,1/3,1/3")
    assert ("scales", "1/3,1/3,1/3") in one.claim.parameters


def test_errors_are_measured_by_the_entrys_own_bound() -> None:
    form = EntryErrorBound(mixed().row)
    assert form.quantity((Fraction(0), Fraction(1, 16))) == 1
    assert form.quantity((Fraction(1), Fraction(1, 16))) == Fraction(1, 2)
    assert form.quantity((Fraction(7), Fraction(1, 8))) == 1
    assert form.explain((Fraction(1), Fraction(1, 8))) == "entry 1: |1/8 - 0| = 1/8 is 1 times 1/8"


@pytest.mark.parametrize(
    ("i", "x", "inside"),
    [
        ("0", "-17/16", True),
        ("0", "-9/8", False),
        ("1", "-9/8", True),
        ("1", "15/16", False),
        ("1000000", "15/16", True),
        ("1/2", "0", False),
        ("-1", "0", False),
    ],
)
def test_which_entries_are_in_range(i: str, x: str, inside: bool) -> None:
    point = (Fraction(i), Fraction(x))
    assert EntryErrorBound(mixed().row).contains(point) is inside
    index_is_one = Fraction(i).denominator == 1 and Fraction(i) >= 0
    assert UnguardedErrorBound(mixed().row).contains(point) is index_is_one


@pytest.mark.parametrize(
    "assignments",
    [
        [],
        ["bits=8,2,1", "scales=1/100,1/3,2", "zero_point=-5/3", "signed=false"],
        ["bits=1", "scales=1e-30", "rounding=half_up"],
        ["bits=64,1", "scales=1e40,1e-40", "zero_point=1e20"],
    ],
)
def test_the_seeds_bound_is_refuted_at_a_sampled_entry(assignments: list[str]) -> None:
    instance = mixed(*assignments)
    checks = cross_check(instance, samples=2000)
    assert checks.failure is None
    found = dict(checks.counterexamples["quantization_3p5bit_error_bound"].inputs)
    q = instance.row.at(found["i"])
    assert q.error(found["x"]) > instance.greatest_half_step >= q.half_step


def test_the_seeds_own_instance_fails_at_2() -> None:
    found = cross_check(mixed()).counterexamples["quantization_3p5bit_error_bound"]
    assert found.inputs == (("i", Fraction(0)), ("x", Fraction(2)))
    assert found.explanation == "entry 0: |2 - 7/8| = 9/8 > 1/8"


# ---- size of a packed row ------------------------------------------------------------------------


def bytes_of_packed(widths: tuple[int, ...], length: int) -> int:
    """Writes codes of all ones one after the other, and counts the bytes."""
    row = 0
    for index in range(length):
        width = widths[index % len(widths)]
        row = row << width | (1 << width) - 1
    return len(row.to_bytes((row.bit_length() + 7) // 8))


@pytest.mark.parametrize(
    ("widths", "length", "bits", "size"),
    [
        ("4,3", 8192, 28672, 3584),
        ("4,3", 1, 4, 1),
        ("4,3", 7, 25, 4),
        ("3,4", 7, 24, 3),
        ("1", 9, 9, 2),
        ("64,1,7", 5, 137, 18),
    ],
)
def test_bits_and_bytes(widths: str, length: int, bits: int, size: int) -> None:
    row = packed(f"bits={widths}", f"length={length}")
    assert (row.bits, row.bytes) == (bits, size)
    assert bytes_of_packed(row.widths, length) == size
    assert row.average_width == Fraction(bits, length)


def test_a_row_as_long_as_allowed_is_sized_at_once() -> None:
    row = packed("bits=64,1,7", "length=1000000000000000")
    assert row.bits == 333333333333333 * 72 + 64
    assert cross_check(row).failure is None
    with pytest.raises(UsageError, match="length of packed_row_size: '1000000000000001' is not"):
        packed("length=1000000000000001")


def test_a_wrong_size_would_be_found() -> None:
    class Wrong(RowBits):
        def computed(self, n: int) -> int:
            return n * sum(self.widths) // len(self.widths)

    found = check_form(Wrong((4, 3)), samples=100).counterexample
    assert found is not None
    assert found.inputs == (("n", Fraction(1)),)
    assert found.explanation == "|4 - 3| = 1 > 0"


# ---- groups and blocks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignments", "average"),
    [
        ([], "33/8"),
        (["bits=3", "group_size=64", "scale_bits=19"], "211/64"),
        (["bits=8", "scale_bits=0"], "8"),
        (["group_size=1"], "20"),
    ],
)
def test_scales_are_stored_too(assignments: list[str], average: str) -> None:
    assert groupwise(*assignments).average_width == Fraction(average)


def test_groups_have_zero_points_of_their_own() -> None:
    row = groupwise("scales=1,2", "zero_points=-1,1/2", "group_size=3").row
    assert [row.at(i).scale for i in range(6)] == [1, 1, 1, 2, 2, 2]
    assert [row.at(i).zero_point for i in (2, 3)] == [-1, Fraction(1, 2)]
    assert row.has(Fraction(5))
    assert not row.has(Fraction(6))
    assert groupwise("scales=1,2", "zero_points=3") == groupwise("scales=1,2", "zero_points=3,3")


def test_blocks_have_symmetric_codes_and_powers_of_two() -> None:
    block = shared("exponents=-6,3")
    assert [(q.q_min, q.q_max) for q in block.row.quantizers] == [(-127, 127)] * 2
    assert [q.scale for q in block.row.quantizers] == [Fraction(1, 64), 8]
    assert [q.half_step for q in block.row.quantizers] == [Fraction(1, 128), 4]
    assert block.steps == Fraction(255, 2)
    assert shared().average_width == Fraction(33, 4)


@pytest.mark.parametrize(
    ("amax", "x", "inside"),
    [
        ("127/64", "127/64", True),
        ("128/64", "0", False),
        ("127/128", "0", False),
        ("1", "1", True),
        ("1", "-65/64", False),
    ],
)
def test_the_cost_is_of_the_least_scale_that_fits(amax: str, x: str, inside: bool) -> None:
    form = SharedScaleCost(shared("exponents=-6").row)
    assert form.contains((Fraction(0), Fraction(amax), Fraction(x))) is inside


def test_the_cost_comes_close_to_its_bound_and_stays_below() -> None:
    """At half of the codes the least scale is almost twice the finest."""
    evidence = check_form(SharedScaleCost(shared().row), samples=1000)
    assert evidence.counterexample is None
    assert evidence.largest is not None
    assert 1 - Fraction(1, 10**20) < evidence.largest < 1


@pytest.mark.parametrize("instance", [groupwise(), shared(), shared("bits=2", "exponents=0")])
def test_no_seed_document_states_these(instance: Groupwise | SharedScale) -> None:
    assert instance.seed_forms == ()
    checks = cross_check(instance, samples=2000)
    assert checks.failure is None
    assert checks.asked[0].largest == checks.asked[0].bound == 1
    assert [(e.largest, e.bound) for e in checks.symbolic] == [(1, 1)]


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "assignment", "message"),
    [
        (
            "mixed_precision_error_bound",
            "bits=4,3,2",
            "needs scales with one value for each position of bits, or one for all,"
            " but there are 2 for 3",
        ),
        (
            "groupwise_error_bound",
            "zero_points=1,2",
            "needs zero_points with one value for each group of scales, or one for all,"
            " but there are 2 for 3",
        ),
    ],
)
def test_lists_have_to_match(name: str, assignment: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(name).instantiate([assignment])
    assert str(error.value) == f"{name} {message}"


@pytest.mark.parametrize(
    ("name", "assignment"),
    [
        ("mixed_precision_error_bound", f"bits={','.join(['4'] * 33)}"),
        ("mixed_precision_error_bound", "bits=4,,3"),
        ("mixed_precision_error_bound", "scales=1,0"),
        ("packed_row_size", "length=0"),
        ("groupwise_error_bound", "group_size=0"),
        ("groupwise_error_bound", "scale_bits=-1"),
        ("shared_scale_error_bound", "bits=1"),
        ("shared_scale_error_bound", "exponents=301"),
        ("shared_scale_error_bound", "block_size=0"),
    ],
)
def test_values_outside_of_their_domain_are_named(name: str, assignment: str) -> None:
    parameter = assignment.partition("=")[0]
    with pytest.raises(UsageError, match=f"parameter {parameter} of {name}: ") as error:
        claims.get(name).instantiate([assignment])
    assert "\n" not in str(error.value)


def test_long_lists_have_short_names() -> None:
    many = [Fraction(k, 10**30 + 1) for k in range(1, 33)]
    assert identifiers([4, Fraction(-5, 3)]) == "4__neg_5_3"
    assert identifiers(many).startswith("sha256_")
    assert len(identifiers(many)) < 40
    assert identifiers(many) != identifiers(many[:-1])


@pytest.mark.parametrize(("count", "parts"), [(10, 3), (2, 5), (0, 1), (7, 7)])
def test_shares_add_up(count: int, parts: int) -> None:
    assert sum(shares(count, parts)) == count
    assert max(shares(count, parts)) - min(shares(count, parts)) <= 1
