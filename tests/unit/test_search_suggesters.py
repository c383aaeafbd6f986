"""The suggesters that need no model, on goals written as Lean prints them."""

from __future__ import annotations

import pytest

from pyorch.model import Goal, Hypothesis
from pyorch.search.model import ProofState, Suggester, Suggestion
from pyorch.search.suggest.arguments import ArgumentSuggester
from pyorch.search.suggest.combined import CombinedSuggester, model_free
from pyorch.search.suggest.families import FAMILIES, NEAREST, families_of
from pyorch.search.suggest.locals import locals_of, unfoldable
from pyorch.search.suggest.names import fresh_names, inaccessible, local_name, qualified_name
from pyorch.search.suggest.portfolio import PORTFOLIO, PORTFOLIO_SEQUENCE, PortfolioSuggester
from pyorch.search.suggest.premises import Conclusion, PremiseIndex, PremiseSuggester, Theorem
from pyorch.search.suggest.priors import load_priors
from pyorch.search.suggest.shape import Symbol, read_statement, shape_of


def state(target: str, *hypotheses: str, constants: tuple[str, ...] = ()) -> ProofState:
    split = [h.split(" : ", 1) for h in hypotheses]
    goal = Goal(target, tuple(Hypothesis(name, type_) for name, type_ in split))
    return ProofState("key", (goal,), constants)


def tactics(suggester: Suggester, found: ProofState) -> dict[str, float]:
    return {s.tactic: s.prior for s in suggester.suggest(found)}


class Fixed:
    """Suggests the same always."""

    def __init__(self, source: str, **priors: float) -> None:
        self._suggestions = [Suggestion(t, p, source) for t, p in priors.items()]

    def suggest(self, state: ProofState) -> list[Suggestion]:
        return self._suggestions


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["h", "h_1", "x'", "αβ", "n₁", "ih", "ℓ", "this", "h!"])
def test_plain_names_stay(name: str) -> None:
    assert local_name(name) == name


@pytest.mark.parametrize(
    ("name", "written"), [("end", "«end»"), ("a-b", "«a-b»"), ("1st", "«1st»"), ("«a b»", None)]
)
def test_names_that_need_quotes_get_them(name: str, written: str | None) -> None:
    assert local_name(name) == written


@pytest.mark.parametrize(
    "name",
    ["", "_", "a✝", "a✝¹", "inst✝", "a._@.Init.Prelude._hyg.3", "a b", "x)", "x; sorry", "h\n",
     "sorry", "«sorry»", "a`b", "«»", "a»b", "admit", "x.y", "\x00", "--", "/-"],
)  # fmt: skip
def test_other_text_is_no_name(name: str) -> None:
    written = local_name(name)
    assert written is None or (written.startswith("«") and "sorry" not in written)


def test_constants() -> None:
    assert qualified_name("List.length_append") == "List.length_append"
    assert qualified_name("Foo.end") == "Foo.«end»"
    assert qualified_name("Foo.«a-b».c") == "Foo.«a-b».c"
    for name in ("", ".", "A..b", "_private.A.0.b", "A.match_1.", "A._proof_1", "A.1", "sorryAx",
                 "a; b", "Lean.sorryAx", "x" * 201, "A.b\n"):  # fmt: skip
        assert qualified_name(name) is None


def test_fresh_names_are_new() -> None:
    assert fresh_names(3, {"h", "h_2"}) == ("h_1", "h_3", "h_4")
    assert inaccessible("a✝") and not inaccessible("a")


# ---- shape -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("∀ (x : Nat), x = y", Symbol.FORALL),
        ("a ∧ b → c ∨ d", Symbol.IMP),
        ("a ∧ b ↔ c → d", Symbol.IFF),
        ("a ∧ ∃ x, x = y ↔ z", Symbol.AND),
        ("¬a = b", Symbol.NOT),
        ("¬a ∨ b", Symbol.OR),
        ("((a = b))", Symbol.EQ),
        ("(a) = (b)", Symbol.EQ),
        ("a + (if x ≤ y then 1 else 2) < 3", Symbol.LT),
        ("a = if x ≤ y ∧ z then 1 else 2", Symbol.EQ),
        ("if p then a = b else c", Symbol.BLOCK),
        ("xs.Nodup", Symbol.APP),
        ("False", Symbol.FALSE),
        ("True", Symbol.TRUE),
        ("a ∈ l", Symbol.MEM),
        ("3 ∣ n", Symbol.DVD),
        ("", Symbol.OTHER),
        (")))", Symbol.OTHER),
    ],
)
def test_symbols(text: str, symbol: Symbol) -> None:
    assert read_statement(text).symbol is symbol


def test_a_statement_is_read() -> None:
    found = read_statement("∀ (x y : α) {z : β} w, f x 3 → g.h y")
    assert found.binders == ("x", "y", "z", "w")
    assert found.conclusion is Symbol.APP
    assert found.numerals == ("3",)
    assert read_statement("List (Fin 3)").head == "List"
    assert read_statement("Nat × Nat").head == "Prod"
    assert read_statement("{ x // 0 < x }").head == "Subtype"


def test_a_long_goal_takes_no_long_time() -> None:
    assert read_statement("(" * 100_000).symbol is Symbol.APP
    assert read_statement("∀ x, " * 100_000).symbol is Symbol.FORALL
    assert read_statement("a ∧ " * 100_000).symbol is Symbol.AND


# ---- portfolio ---------------------------------------------------------------------------------


def test_the_portfolio_follows_the_shape() -> None:
    suggester = PortfolioSuggester()
    conjunction = tactics(suggester, state("p ∧ q"))
    assert next(iter(conjunction)) == "constructor"
    assert "left" not in conjunction and "ac_rfl" not in conjunction
    order = tactics(suggester, state("a < b", "a : Nat", "b : Nat", "h : a + 1 ≤ b"))
    assert next(iter(order)) == "omega"
    assert "left" in tactics(suggester, state("p ∨ q"))
    assert "decide" in tactics(suggester, state("10 % 3 = 1"))
    assert "decide" not in tactics(suggester, state("n % 3 = 1", "n : Nat"))
    assert "decide +revert" in tactics(suggester, state("(!b) = c", "b : Bool", "c : Bool"))
    assert "split" in tactics(suggester, state("(if p then 1 else 2) = 1"))
    assert next(iter(tactics(suggester, state("p", "h : False")))) == "contradiction"
    assert "omega" not in tactics(suggester, state("f x = y", "x : α", "y : α"))


def test_no_goal_no_suggestion() -> None:
    for suggester in (PortfolioSuggester(), ArgumentSuggester()):
        assert not suggester.suggest(ProofState("", ()))


def test_the_baseline_is_part_of_the_portfolio() -> None:
    assert set(PORTFOLIO_SEQUENCE) <= {t.text for t in PORTFOLIO}
    assert len({t.text for t in PORTFOLIO}) == len(PORTFOLIO)


# ---- arguments ---------------------------------------------------------------------------------


def test_hypotheses_are_told_from_values() -> None:
    goal = state(
        "q", "p : Prop", "P : Nat → Prop", "f : Nat → Nat", "t : Tree α", "α : Type", "x : α",
        "h : p", "k : P 3", "l : p → p", "e : Even n", "s : xs.Nodup",
    ).goals[0]  # fmt: skip
    found = {local.name: local.data for local in locals_of(goal, shape_of(goal))}
    proofs = {name for name, data in found.items() if not data}
    assert proofs == {"h", "k", "l", "e", "s"}


def test_of_two_hypotheses_of_a_name_only_the_newer_is_named() -> None:
    goal = state("a = b", "h : a = b", "x✝ : a = c", "h : b = a").goals[0]
    (local,) = locals_of(goal, shape_of(goal))
    assert (local.name, local.reading.identifiers) == ("h", ("b", "a"))
    assert "rename_i h_1 h_2" in tactics(
        ArgumentSuggester(), state("p", "h : a", "x✝ : b", "h : c")
    )


def test_instances_need_no_name() -> None:
    found = tactics(ArgumentSuggester(), state("p x", "inst✝ : DecidableEq α", "x : α"))
    assert not any(t.startswith("rename_i") for t in found)


@pytest.mark.parametrize(
    ("text", "premises"),
    [
        ("∀ {α : Type u} [inst : BEq α] [LawfulBEq α] (a : α), a = a", ("α", "inst", "inst", "a")),
        ("∀ {a b : Nat}, a < b → ¬b = 0 → b > a", ("a", "b", "", "")),
        ("∀ x ∈ s, p x → ∀ n < 3, q", ("x", "", "", "n", "")),
        ("∀ {x : BitVec n} [Foo (Bar x) [1]] (h : ∀ (y : Nat), p y) z, q", ("x", "inst", "h", "z")),
        ("a ∧ b", ()),
    ],
)
def test_what_intro_takes(text: str, premises: tuple[str, ...]) -> None:
    assert read_statement(text).premises == premises


def test_all_is_introduced_at_once() -> None:
    state = ProofState("k", (Goal("∀ {α : Type u} [LawfulBEq α] (h : α) [BEq α], h = h → p", ()),))
    found = [s.tactic for s in ArgumentSuggester().suggest(state)]
    assert found[0] == "intro α inst h inst_1 h_1"


def test_binders_keep_their_names_where_they_can() -> None:
    assert "intro x y" in tactics(ArgumentSuggester(), state("∀ (x y : Nat), x = y"))
    assert "intro x_1 y" in tactics(ArgumentSuggester(), state("∀ (x y : Nat), x = y", "x : Nat"))
    assert "intro x" in tactics(ArgumentSuggester(), state("∀ (a✝ : Nat), p"))
    assert "intro h_1" in tactics(ArgumentSuggester(), state("p → q", "h : r"))


@pytest.mark.parametrize(
    ("target", "hypothesis", "tactic"),
    [
        ("p", "h : p ∧ q", "rcases h with ⟨h_1, h_2⟩"),
        ("p", "h : p ∨ q", "rcases h with h_1 | h_1"),
        ("p", "h : ∃ n m, n < m", "rcases h with ⟨n, m, h_1⟩"),
        ("a = b", "h : ∀ x, x = b", "rw [h]"),
        ("a = b", "h : ∀ x, x = b", "apply h"),
        ("False", "h : ¬p", "apply h"),
        ("p xs", "h : xs ~ ys", "induction h <;> simp_all"),
        ("p xs", "h : xs <+: ys", "rcases h with ⟨x, rfl⟩"),
        ("a = b", "h : b = a", "exact h.symm"),
        ("∃ x, x = 37", "n : Nat", "exists n"),
        ("∃ x, x = 37", "n : Nat", "exists 37"),
        ("f n = 0", "n : Nat", "induction n with | zero => ?_ | succ n ih => ?_"),
        ("f b", "b : Bool", "cases b"),
        ("f n = 0", "h : a = b", "simp [h]"),
    ],
)
def test_arguments_come_from_the_goal(target: str, hypothesis: str, tactic: str) -> None:
    assert tactic in tactics(ArgumentSuggester(), state(target, hypothesis))


def test_constants_are_unfolded_unless_they_are_logic_or_operations() -> None:
    found = state(
        "triple n = g n + n", "n : Nat",
        constants=("Eq", "Nat", "HAdd.hAdd", "instHAdd", "Mine.hidden", "Mine.triple", "Nat.succ"),
    )  # fmt: skip
    assert [(c.name, c.shown, c.calls) for c in unfoldable(found)] == [
        ("Mine.triple", True, ("n",)),
        ("Mine.hidden", False, ()),
    ]
    written = tactics(ArgumentSuggester(), found)
    for tactic in ("unfold Mine.triple", "simp [Mine.triple]", "fun_induction Mine.triple n"):
        assert tactic in written
    assert "unfold Mine.hidden" not in written


def test_bad_names_are_never_pasted() -> None:
    found = state("q", "h) ; sorry : p ∧ q", "x\ny : Nat", "sorry : p", constants=("a; b", "c d"))
    text = " ".join(tactics(ArgumentSuggester(), found))
    assert ";" not in text and "sorry" not in text and "\n" not in text


# ---- families ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tactic", "families"),
    [
        ("rw [h]", ("rw_local",)),
        ("rw [← Nat.add_comm, h]", ("rw_lemma",)),
        ("rw [foo] at h", ("rw_at",)),
        ("simp [foo] at h", ("simp_at",)),
        ("simp only [foo]", ("simp",)),
        ("exact h", ("exact_local",)),
        ("exact foo h", ("exact_lemma",)),
        ("exact ⟨a, b⟩", ("constructor",)),
        ("· linarith", ("omega", "grind")),
        ("all_goals (try ring)", ("grind", "ac_rfl")),
        ("obtain ⟨a, b⟩ := h", ("cases",)),
        ("frobnicate", ()),
        ("", ()),
    ],
)
def test_families(tactic: str, families: tuple[str, ...]) -> None:
    assert families_of(tactic, {"h"}, Symbol.EQ) == families


def test_every_tactic_of_mathlib_becomes_one_that_we_have() -> None:
    assert all(family in FAMILIES for families in NEAREST.values() for family in families)


# ---- combined ----------------------------------------------------------------------------------


def test_mixing_adds_what_agrees() -> None:
    mixed = CombinedSuggester([(Fixed("a", rfl=1, simp=3), 1), (Fixed("b", simp=5, omega=5), 1)])
    found = {s.tactic: s for s in mixed.suggest(state("p"))}
    assert found["simp"].prior == pytest.approx((0.75 + 0.5) / 2)
    assert found["simp"].source == "a+b"
    assert sum(s.prior for s in found.values()) == pytest.approx(1)


def test_equals_are_ordered_by_the_seed() -> None:
    suggester = Fixed("a", **{f"t{i}": 1.0 for i in range(20)})

    def order(seed: int) -> list[str]:
        return [
            s.tactic for s in CombinedSuggester([(suggester, 1)], seed=seed).suggest(state("p"))
        ]

    assert order(0) == order(0) != order(1)
    assert set(order(0)) == set(order(1))


def test_what_the_policy_refuses_is_dropped() -> None:
    bad = Fixed("model", sorry=9, rfl=1, **{"native_decide": 5.0, "exact (by\n sorry)": 1.0})
    found = CombinedSuggester([(bad, 1)], most=1).suggest(state("p"))
    assert [(s.tactic, s.prior) for s in found] == [("rfl", 1)]


def test_weights_are_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        CombinedSuggester([(Fixed("a"), 0.0)])


def test_all_together() -> None:
    lemma = Theorem("Nat.foo", ("Mine.triple",), "Mine.triple", Conclusion.EQ)
    premises = PremiseSuggester(PremiseIndex([lemma]))
    found = state("Mine.triple n = n", "n : Nat", constants=("Eq", "Nat", "Mine.triple"))
    plain = {s.tactic: s.source for s in model_free(premises).suggest(found)}
    assert {"omega": "portfolio", "rw [Nat.foo]": "premises"}.items() <= plain.items()
    assert plain["unfold Mine.triple"] == "arguments"
    learned = model_free(premises, load_priors()).suggest(found)
    assert {s.tactic for s in learned} == set(plain)
    assert [s.tactic for s in learned] != list(plain)
