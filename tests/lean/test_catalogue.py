"""The whole catalogue on the real Lean: every claim proved, every false seed claim refuted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyorch import claims, pipeline
from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.model import STANDARD_AXIOMS, Status, Trust, Verdict
from pyorch.report.catalogue import catalogue_markdown

FAMILIES = claims.all_families()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """Each file is judged on what it imports itself; `prove --all` takes the whole library."""
    config = load({"output": tmp_path_factory.mktemp("out")})
    with Workbench(config, lambda _: None) as fresh:

        def prove(name: str) -> Verdict:
            # a workbench takes what it has loaded before, if that is enough
            fresh.forget_environments()
            return pipeline.prove(name, (), fresh, lambda _: None)

        return list(pipeline.each(prove, (f.name for f in FAMILIES), lambda _: None))


def test_every_claim_is_proved_and_every_false_seed_claim_refuted(verdicts: list[Verdict]) -> None:
    for family, verdict in zip(FAMILIES, verdicts, strict=True):
        assert (verdict.status, verdict.trust) == (Status.PROVED, Trust.KERNEL), verdict.reason
        proved = {t.name.rpartition(".")[2]: t for t in verdict.theorems}
        assert next(iter(proved)) == family.name
        assert set(family.theorems) <= set(proved)
        for seed in family.false_seeds:
            assert "¬" in proved[seed.refutation].type
        for theorem in verdict.theorems:
            assert set(theorem.axioms) <= STANDARD_AXIOMS


def test_the_page_of_claims_is_up_to_date(verdicts: list[Verdict], checkout: Path) -> None:
    """If not: `python scripts/claims.py`."""

    def timeless(text: str) -> str:
        return re.sub(r"\b\d+\.\d\d s\b|^Checked with .*$", "", text, flags=re.M)

    page = (checkout / "docs" / "claims.md").read_text(encoding="utf-8")
    assert timeless(page) == timeless(catalogue_markdown(FAMILIES, verdicts))


def test_every_seed_claim_is_there() -> None:
    """The claims of seed document 003 that can be stated, by its names for them."""
    names = {seed.name for family in FAMILIES for seed in family.seeds if seed.source == "003"}
    assert names >= {
        "round_error",
        "clamp_in_range",
        "scale_distrib",
        "quantization_error_bound",
        "quantization_3p5bit_error_bound",
        "matmul_int4_correct",
        "no_int32_overflow",
        "activation_quantization_bounded",
        "accumulator_bounded_70B",
        "matmul_fits_groq_sram",
        "matmul_fits_groq_sram_corrected",
        "llama70b_error_bounded",
        "llama70b_groq_latency",
    }
