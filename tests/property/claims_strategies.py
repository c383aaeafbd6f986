"""Parameters of families of claims, and what every form must satisfy."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from pyorch import claims, emit
from pyorch.claims.base import Form, Instance
from tests.property.fraction_strategies import fractions_between

rationals = fractions_between(-(10**9), 10**9)
positive = rationals.map(abs).filter(bool)

_QUANTIZERS = st.fixed_dictionaries(
    {
        "bits": st.integers(2, 64),
        "scale": positive,
        "zero_point": rationals,
        "signed": st.just("true"),
        "narrow_range": st.sampled_from(["true", "false"]),
    }
) | st.fixed_dictionaries(
    {"bits": st.integers(1, 64), "scale": positive, "signed": st.just("false")}
)


def instances(name: str, **parameters: st.SearchStrategy[object]) -> st.SearchStrategy[Instance]:
    """Instances of one family, with texts of arbitrary parameters."""
    return st.fixed_dictionaries(parameters).map(lambda given: _instantiate(name, given))


def of_quantizers(name: str) -> st.SearchStrategy[Instance]:
    return _QUANTIZERS.map(lambda given: _instantiate(name, given))


def _instantiate(name: str, given: dict[str, object]) -> Instance:
    return claims.get(name).instantiate(f"{key}={value}" for key, value in given.items())


def assert_screen_agrees(form: Form, unit: Fraction, *, seed: int, count: int = 50) -> None:
    """The float screen is the exact quantity in the unit, up to rounding."""
    samples = form.sample(np.random.default_rng(seed), count)
    assert samples.shape == (count, len(form.inputs))
    assert np.isfinite(samples).all()
    for sample, screened in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
        point = form.exact_point(sample)
        if not form.contains(point):
            continue
        exact = float(form.quantity(point) / unit)
        size = max(1.0, abs(exact), *map(abs, sample))
        assert abs(screened - exact) <= 1e-9 * size, (point, screened, exact)


_NUMBER = re.compile(r"(?<![\w.])\d+\.\d|\d[eE][+-]?\d|nan|inf(?![a-z])")


def assert_text_is_plain(instance: Instance) -> None:
    """Exact numbers only, one namespace, each theorem once, and parameters that parse back."""
    emitted = emit.emit(instance)
    assert not _NUMBER.search(emitted.text)
    assert "sorry" not in emitted.text
    assert emitted.text.count("\nnamespace ") == emitted.text.count("\nend ") == 1
    for theorem in emitted.theorems:
        assert emitted.text.count(f"\ntheorem {theorem.rpartition('.')[2]} ") == 1, theorem
    again = instance.family.instantiate(f"{k}={v}" for k, v in instance.claim.parameters)
    assert again == instance
