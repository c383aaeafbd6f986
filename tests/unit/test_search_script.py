"""Scripts: layout, line breaks, and what pruning leaves."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyorch.model import Goal
from pyorch.search.proofs import Gap, Proof, ProofStep, length
from pyorch.search.script import prune, render
from pyorch.search.wrap import wrap

ONE = (Goal("p"),)
TWO = (Goal("p ?w"), Goal("Nat"))


def step(tactic: str, *branches: Proof, goals: tuple[Goal, ...] = ONE) -> ProofStep:
    return ProofStep(tactic, branches, goals)


def script(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


class TestRender:
    def test_one_line_a_step(self) -> None:
        assert render(step("intro x", step("simp", step("omega")))) == "intro x\nsimp\nomega"

    def test_bullets_where_several_goals_are_left(self) -> None:
        inner = step("cases h", step("rfl"), step("intro y", step("simp")))
        proof = step("constructor", inner, step("induction n", step("decide"), Gap(ONE)))
        assert render(proof) == script("""
            constructor
            · cases h
              · rfl
              · intro y
                simp
            · induction n
              · decide
              · sorry
        """)

    def test_goals_that_are_proved_together_go_on_flat(self) -> None:
        joint = step("exact h", step("exact 5"), goals=TWO)
        assert render(step("refine ⟨?_, ?_⟩", joint, step("rfl"))) == script("""
            refine ⟨?_, ?_⟩
            exact h
            exact 5
            · rfl
        """)

    def test_all_goals_of_a_gap(self) -> None:
        assert render(step("constructor", Gap(TWO))) == "constructor\nsorry\nsorry"
        assert render(Gap(ONE), indent=2) == "  sorry"

    def test_tactics_of_several_lines_keep_their_shape(self) -> None:
        cases = "induction n with\n| zero => simp\n\n| succ n ih =>\n  omega"
        assert render(step("constructor", step(cases), step("rfl")), indent=2) == (
            "  constructor\n"
            "  · induction n with\n"
            "    | zero => simp\n"
            "\n"
            "    | succ n ih =>\n"
            "      omega\n"
            "  · rfl"
        )


class TestWrap:
    @pytest.mark.parametrize("width", [None, 80])
    def test_short_ones_stay(self, width: int | None) -> None:
        assert wrap("simp [Nat.add_comm, h]", width) == ["simp [Nat.add_comm, h]"]

    def test_after_a_comma(self) -> None:
        assert wrap("simp only [Nat.add_comm, Nat.mul_comm, h]", 30) == [
            "simp only [Nat.add_comm,",
            "  Nat.mul_comm, h]",
        ]

    def test_a_long_list_takes_several_lines(self) -> None:
        lemmas = ", ".join(f"Nat.lemma_{number}" for number in range(7))
        assert wrap(f"simp [{lemmas}] at h", 40) == [
            "simp [Nat.lemma_0, Nat.lemma_1,",
            "  Nat.lemma_2, Nat.lemma_3, Nat.lemma_4,",
            "  Nat.lemma_5, Nat.lemma_6] at h",
        ]

    def test_a_block_begins_on_a_new_line_and_is_broken_within_itself(self) -> None:
        assert wrap("exact absurd h (by simp [foo_bar, baz_quux] at some_hypothesis)", 30) == [
            "exact absurd h (by",
            "  simp [foo_bar, baz_quux] at",
            "    some_hypothesis)",
        ]

    def test_inside_a_block_of_an_unknown_column_only_terms_begin_lines(self) -> None:
        tactic = "exact f (by simp [aaaaaaaaaaaaaaaa, f bbbbbbbbbbb cccccccccccccccc ddddddddddd])"
        assert wrap(tactic, 40) == [
            "exact f (by simp [aaaaaaaaaaaaaaaa,",
            "  f bbbbbbbbbbb cccccccccccccccc ddddddddddd])",
        ]

    @pytest.mark.parametrize(
        "atom",
        ['"a, b c d e f g h i j k l"', "«a, b c d e f g h i j k»", "-- a b c d e f g h i j k l"],
    )
    def test_not_within_strings_names_and_comments(self, atom: str) -> None:
        assert wrap(f"exact {atom}", 20) == ["exact", f"  {atom}"]

    @given(st.text("ab,()[] |⟨⟩\"'«»-=>by", max_size=120), st.integers(10, 40))
    def test_only_spaces_are_replaced(self, tactic: str, width: int) -> None:
        lines = wrap(tactic, width)
        assert " ".join(" ".join(lines).split()) == " ".join(tactic.split())
        assert len(lines) == 1 or all(line.strip() for line in lines[:-1])


words = st.from_regex(r"[a-z]{1,8}( [a-z]{1,4}){0,3}", fullmatch=True)


def _proofs() -> st.SearchStrategy[ProofStep]:
    """All with one goal a state."""

    def extend(smaller: st.SearchStrategy[ProofStep]) -> st.SearchStrategy[ProofStep]:
        branches = st.lists(smaller, max_size=3).map(tuple)
        return st.builds(ProofStep, words, branches, st.just(ONE))

    return st.recursive(st.builds(ProofStep, words, goals=st.just(ONE)), extend, max_leaves=12)


proofs = _proofs()


def parse(lines: list[str]) -> ProofStep:
    """Read the structure of a script back from its columns."""
    assert not lines[0].startswith((" ", "· "))
    if len(lines) == 1:
        return step(lines[0])
    if not lines[1].startswith("· "):
        return step(lines[0], parse(lines[1:]))
    branches: list[list[str]] = []
    for line in lines[1:]:
        if line.startswith("· "):
            branches.append([])
        else:
            assert line.startswith("  ")
        branches[-1].append(line[2:])
    return step(lines[0], *map(parse, branches))


@given(proofs)
def test_a_script_has_the_structure_of_its_proof(proof: ProofStep) -> None:
    assert parse(render(proof).split("\n")) == proof


def only(*scripts: str) -> Callable[[str], bool]:
    return lambda script: script in scripts


class TestPrune:
    def test_a_step_that_does_nothing_goes(self) -> None:
        proof = step("intro x", step("simp_all", step("omega")))
        assert prune(proof, only("intro x\nomega")) == step("intro x", step("omega"))

    def test_a_closing_tactic_does_it_all(self) -> None:
        proof = step("cases h", step("simp"), step("intro x", step("omega")))
        assert render(prune(proof, only("omega"))) == "omega"

    def test_branches_that_end_alike_are_joined(self) -> None:
        left = ProofStep("rfl", (), ONE, ("simp", "grind"))
        right = ProofStep("omega", (), ONE, ("grind", "simp"))
        proof = step("constructor", left, right)
        kept = prune(proof, only("constructor <;> simp", "constructor <;> grind"))
        assert render(kept) == "constructor <;> simp"

    def test_a_shorter_tactic_takes_the_place_of_a_longer(self) -> None:
        proof = ProofStep("simp_all", (step("rfl"),), ONE, ("simp", "norm"))
        kept = prune(proof, only("simp\nrfl", "norm\nrfl"))
        assert (render(kept), kept.alternatives) == ("simp\nrfl", ("norm",))

    def test_deep_inside(self) -> None:
        proof = step("a", step("b", step("c", step("d")), step("e")), step("f"))
        kept = prune(proof, only("a\n· b\n  · d\n  · e\n· f"))
        assert render(kept) == "a\n· b\n  · d\n  · e\n· f"

    def test_what_is_not_proved_stays(self) -> None:
        proof = step("a", Gap(ONE))
        assert prune(proof, lambda script: False) == proof

    @pytest.mark.parametrize("limit", [0, 1, 5])
    def test_the_number_of_questions_is_bounded(self, limit: int) -> None:
        asked: list[str] = []
        proof = step("a", step("b", step("c", step("d")), step("e", step("g"))), step("f"))
        assert prune(proof, lambda s: bool(asked.append(s)), limit=limit) == proof
        assert len(asked) == len(set(asked)) == limit

    @given(proofs, st.integers(0, 2**64 - 1))
    def test_the_result_works_and_is_no_longer(self, proof: ProofStep, verdicts: int) -> None:
        accepted = {render(proof)}

        def works(script: str) -> bool:
            if verdicts >> crc32(script.encode()) % 64 & 1:
                accepted.add(script)
            return script in accepted

        kept = prune(proof, works)
        assert render(kept) in accepted
        assert length(kept) <= length(proof)
