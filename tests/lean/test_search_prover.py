"""Proof states and tactics on a real Lean of its own, since some of these tests end it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.errors import InputError, StateLost
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.server import LeanServer
from pyorch.lean.toolchain import start_server
from pyorch.lean.workbench import Workbench
from pyorch.model import Position
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split
from pyorch.search.prover import LeanProver, OpenHole
from pyorch.search.suggest.theorem import Conclusion
from pyorch.search.theorems import theorems_of

INIT = Environment()


@pytest.fixture(scope="module")
def lean(bench: Workbench) -> Iterator[LeanServer]:
    made = start_server(bench.toolchain, bench.config.cache)
    yield made
    made.close()


@pytest.fixture
def prover(lean: LeanServer) -> Iterator[LeanProver]:
    with LeanProver(lean, limits=Limits(seconds=60, heartbeats=50_000)) as made:
        yield made


def hole(prover: LeanProver, text: str) -> OpenHole:
    (found,) = prover.open(text, INIT)
    return found


def root(prover: LeanProver, text: str) -> ProofState:
    return hole(prover, text).state


def one(prover: LeanProver, state: ProofState, tactic: str) -> Outcome:
    (outcome,) = prover.apply(state, [tactic])
    return outcome


def split(prover: LeanProver, state: ProofState, tactic: str) -> tuple[ProofState, ...]:
    outcome = one(prover, state, tactic)
    assert isinstance(outcome, Split), outcome
    return outcome.states


def next_state(prover: LeanProver, state: ProofState, *tactics: str) -> ProofState:
    for tactic in tactics:
        (state,) = split(prover, state, tactic)
    return state


def proves(prover: LeanProver, state: ProofState, *tactics: str) -> bool:
    *before, last = tactics
    return one(prover, next_state(prover, state, *before), last) == Closed()


def fails(prover: LeanProver, state: ProofState, tactic: str) -> str:
    outcome = one(prover, state, tactic)
    assert isinstance(outcome, Failed), outcome
    return outcome.message


# ---- holes ---------------------------------------------------------------------------------------


def test_a_hole_has_a_place_a_declaration_and_a_goal(prover: LeanProver) -> None:
    found = hole(prover, "namespace A\ntheorem t (n : Nat) (h : 0 < n) : n ≠ 0 := by\n  sorry\n")
    assert (found.declaration, found.proposition) == ("A.t", True)
    assert (found.start, found.end) == (Position(3, 2), Position(3, 7))
    (goal,) = found.state.goals
    assert goal.target == "n ≠ 0"
    assert [(h.name, h.type) for h in goal.hypotheses] == [("n", "Nat"), ("h", "0 < n")]
    assert {"Nat", "Ne", "LT.lt"} <= set(found.state.constants)
    assert found.state.size > 5


def test_a_hole_sees_what_comes_before_it_in_the_proof(prover: LeanProver) -> None:
    proof = "by\n  have q : n ≤ 2 := by omega\n  sorry\n"
    text = f"theorem t (n : Nat) (h : n < 3) : n * n < 9 := {proof}"
    state = root(prover, text)
    assert [h.name for h in state.goals[0].hypotheses] == ["n", "h", "q"]
    assert proves(prover, state, "have := Nat.mul_le_mul q q", "omega")


def test_two_holes_tactic_and_term(prover: LeanProver) -> None:
    text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨sorry, by\n  sorry⟩\n"
    first, second = prover.open(text, INIT)
    assert {first.state.goals[0].target, second.state.goals[0].target} == {"p", "q"}
    for each in (first, second):
        found = [one(prover, each.state, t) == Closed() for t in ("exact hp", "exact hq")]
        assert sorted(found) == [False, True]


def test_the_environment_of_a_hole_ends_before_its_declaration(prover: LeanProver) -> None:
    text = (
        "theorem early : 1 + 1 = 2 := rfl\n"
        "theorem it : 2 + 2 = 4 := by sorry\n"
        "theorem late : 2 + 2 = 4 := rfl\n"
    )
    state = root(prover, text)
    assert "late" in fails(prover, state, "exact late")
    assert "being proved" in fails(prover, state, "exact it")
    assert "being proved" in fails(prover, state, "have := it; exact this")
    assert proves(prover, state, "have := early", "rfl")


def test_namespace_variables_instances_universes_and_options(prover: LeanProver) -> None:
    text = """
universe u
namespace Foo
def one : Nat := 1
variable {α : Type u} [BEq α] [LawfulBEq α]
open Nat in
set_option autoImplicit true in
theorem t (a : α) (l : List β) (h : one = 1) : (a == a) = true ∧ l ++ [] = l ∧ succ 0 = one := by
  sorry
end Foo
"""
    state = root(prover, text)
    a, b = split(prover, state, "constructor")
    assert proves(prover, a, "exact beq_self_eq_true a")
    c, d = split(prover, b, "refine ⟨?_, ?_⟩")
    assert proves(prover, c, "exact List.append_nil (α := β) l")
    assert proves(prover, d, "exact h ▸ (rfl : succ 0 = one)")


def test_universe_polymorphic_statements(prover: LeanProver) -> None:
    text = "theorem t.{u, v} {α : Type u} {β : Type v} (f : α → β) : ∀ a, f a = f a := by sorry"
    assert proves(prover, root(prover, text), "intro a", "exact Eq.refl.{v + 1} (f a)")


def test_mutual_and_instances(prover: LeanProver) -> None:
    text = """
mutual
theorem even (n : Nat) : n = n := by sorry
theorem odd (n : Nat) : n + 0 = n := by sorry
end
instance : Inhabited Nat := ⟨sorry⟩
"""
    holes = prover.open(text, INIT)
    assert [(h.declaration.split(".")[-1], h.proposition) for h in holes[:2]] == [
        ("even", True),
        ("odd", True),
    ]
    assert holes[2].proposition is False
    assert "being proved" in fails(prover, holes[0].state, "have := odd n; rfl")
    assert proves(prover, holes[1].state, "rfl")


def test_errors_and_commands_that_are_not_allowed(prover: LeanProver) -> None:
    with pytest.raises(InputError, match=r"F\.lean: line 1, column 21: .*oops"):
        prover.open("theorem t : 1 = 1 := oops\ntheorem u : 1 = 1 := sorry", INIT, file="F.lean")
    with pytest.raises(InputError, match="not allowed"):
        prover.open("theorem u : 1 = 1 := sorry\n#eval 1", INIT)
    assert prover.held() == 0


# ---- tactics -------------------------------------------------------------------------------------


def test_nested_goals_are_states_of_their_own(prover: LeanProver) -> None:
    text = "theorem t : ∀ (a b : Nat), a ≤ b → (a ≤ b ∧ b = b) ∧ a + 0 = a := by sorry"
    state = next_state(prover, root(prover, text), "intro a b h")
    left, right = split(prover, state, "constructor")
    assert proves(prover, right, "rfl")
    first, second = split(prover, left, "refine ⟨?_, ?_⟩")
    assert proves(prover, second, "rfl")
    assert proves(prover, first, "exact h")
    assert proves(prover, first, "omega")
    assert proves(prover, left, "constructor <;> omega")
    assert proves(prover, state, "(constructor; omega); simp")


def test_cases_and_induction(prover: LeanProver) -> None:
    state = root(prover, "theorem t (n : Nat) (p q : Prop) (h : p ∨ q) : q ∨ p := by sorry")
    left, right = split(prover, state, "cases h")
    assert [g.name for g in (left.goals[0], right.goals[0])] == ["inl", "inr"]
    # the name is inaccessible, as Lean prints it
    assert left.goals[0].hypotheses[-1].name == "h✝"
    assert proves(prover, left, "exact Or.inr ‹p›")
    base, step = split(prover, state, "induction n")
    assert (base.goals[0].name, step.goals[0].name) == ("zero", "succ")


def test_goals_that_share_a_metavariable_stay_together(prover: LeanProver) -> None:
    state = root(prover, "theorem t (n : Nat) : ∃ k, n < k ∧ k < n + 2 := by sorry")
    (joint,) = split(prover, state, "constructor")
    assert len(joint.goals) == 2
    assert joint.goals[0].target.startswith("n < ?")
    (narrowed,) = split(prover, joint, "constructor")
    assert len(narrowed.goals) == 3
    # what closes the first goal decides what the others say
    (rest,) = split(prover, narrowed, "exact Nat.lt_succ_self n")
    assert len(rest.goals) == 1
    assert proves(prover, rest, "omega")
    # and a wrong witness leaves what cannot be proved
    (wrong,) = split(prover, narrowed, "exact Nat.lt_add_of_pos_right (k := 7) (by omega)")
    assert "omega" in fails(prover, wrong, "omega")
    assert one(prover, state, "exact ⟨_, Nat.lt_succ_self n, by omega⟩") == Closed()
    assert "placeholder" in fails(prover, state, "refine ⟨_, ?_⟩")


def test_coupled_goals_part_when_nothing_is_shared_any_more(prover: LeanProver) -> None:
    text = "theorem t (n : Nat) : ∃ k, k = n ∧ k ≤ n ∧ n ≤ k := by sorry"
    joint = next_state(prover, root(prover, text), "apply Exists.intro")
    joint = next_state(prover, joint, "refine And.intro ?_ (And.intro ?_ ?_)")
    parts = split(prover, joint, "rfl")
    assert [len(part.goals) for part in parts] == [1, 1]
    assert all(proves(prover, part, "exact Nat.le_refl n") for part in parts)


def test_the_state_stays_as_it_is(prover: LeanProver) -> None:
    state = root(prover, "theorem t (p : Prop) (h : p) : p ∧ p := by sorry")
    tactics = ["constructor", "exact ⟨h, h⟩", "constructor", "nonsense", "exact ⟨h, h⟩"]
    kinds = [type(outcome) for outcome in prover.apply(state, tactics)]
    assert kinds == [Split, Closed, Split, Failed, Closed]


def test_lemmas_that_tactics_make_are_kept(prover: LeanProver) -> None:
    state = root(prover, "theorem t (a b : Nat) (h : a < b) : a + 1 ≤ b ∧ 10 ∣ 100 := by sorry")
    state = next_state(prover, state, "have q : ∃ c, b = a + 1 + c := ⟨b - (a + 1), by omega⟩")
    left, right = split(prover, state, "constructor")
    assert proves(prover, left, "omega")
    assert proves(prover, right, "decide")


def test_what_lean_says_beside(prover: LeanProver) -> None:
    state = root(prover, "theorem t (l : List Nat) : (l ++ []).length = l.length := by sorry")
    assert "simp only" in prover.hint(state, "simp?")
    assert prover.hint(state, "skip") == ""


# ---- what must not pass --------------------------------------------------------------------------

FALSE = "theorem t : 2 + 2 = 5 := by sorry"


@pytest.mark.parametrize(
    "tactic",
    [
        "sorry",
        "admit",
        "stop",
        "exact sorry",
        "exact (by sorry)",
        "skip; sorry",
        "(first | omega | sorry)",
        "have h : 2 + 2 = 5 := by\n  admit\nexact h",
        "exact sorryAx _",
        "exact sorryAx _ true",
        "exact @sorryAx (2 + 2 = 5) false",
        "apply sorryAx; exact true",
        "native_decide",
        "decide +native",
        "exact Lean.ofReduceBool _ _ rfl",
        "exact (Lean.trustCompiler : False).elim",
        "run_tac pure ()",
        "exact by_elab return Lean.mkConst `x",
        "exact unsafe (lcProof : 2 + 2 = 5)",
        "exact lcProof",
        "exact (unsafeCast rfl : 2 + 2 = 5)",
        "set_option debug.skipKernelTC true in exact rfl",
        "exact rfl)\n#eval 1",
        "rfl\naxiom x : 2 + 2 = 5",
        "exact x\nend t",
        "theorem y : 1 = 1 := rfl",
        "import Lean",
        'exact (include_str "/etc/passwd").elim',
        "",
        "-- nothing",
        "\x00",
        "{",
    ],
)
def test_smuggling_is_refused(prover: LeanProver, tactic: str) -> None:
    outcome = one(prover, root(prover, FALSE), tactic)
    assert isinstance(outcome, Failed), outcome
    assert outcome.message


def test_a_name_that_contains_a_refused_word_is_fine(prover: LeanProver) -> None:
    state = root(prover, "theorem t (sorry' : 1 = 1) (admitted : 2 = 2) : 1 = 1 := by sorry")
    assert proves(prover, state, "have axiom_ := admitted", "exact sorry'")


def test_earlier_lemmas_with_holes_may_be_quoted(prover: LeanProver) -> None:
    text = "theorem a : 1 = 1 := sorry\ntheorem b : 1 = 1 := by sorry\n"
    _, second = prover.open(text, INIT)
    assert one(prover, second.state, "exact a") == Closed()


def test_universes_and_placeholders_left_open_are_failures(prover: LeanProver) -> None:
    state = root(prover, "theorem t (n : Nat) : n ≤ n + 1 := by sorry")
    assert fails(prover, state, "have h : ∃ x : Nat, x = x := ⟨_, rfl⟩; omega")
    assert fails(prover, state, "exact (fun (α : Type _) (a : α) => Nat.le_succ n) _ PUnit.unit")


# ---- keys ----------------------------------------------------------------------------------------


def test_keys_are_equal_up_to_names(prover: LeanProver) -> None:
    a = root(prover, "theorem t (n : Nat) (h : ∀ k, k < n) : ∃ m, m < n := by sorry")
    b = root(prover, "theorem u (x : Nat) (q : ∀ i, i < x) : ∃ j, j < x := by sorry")
    c = root(prover, "theorem v : ∀ (x : Nat), (∀ i, i < x) → ∃ j, j < x := by sorry")
    assert a.key == b.key == next_state(prover, c, "intro y p").key
    # metavariables count by their order
    one_way = next_state(prover, a, "apply Exists.intro").key
    assert one_way == next_state(prover, c, "intro y p", "skip", "constructor").key
    assert next_state(prover, a, "have z := h").key == next_state(prover, b, "have w := q").key
    # how a hypothesis was proved does not matter
    one_way = next_state(prover, a, "have z : 1 ≤ 2 := by omega").key
    assert one_way == next_state(prover, a, "have z : 1 ≤ 2 := by decide").key


def test_keys_differ_otherwise(prover: LeanProver) -> None:
    statements = [
        "(n : Nat) (h : n < 3) : n < 4",
        "(n : Nat) (h : n < 4) : n < 4",
        "(n : Nat) (h : n < 3) : n < 5",
        "(n m : Nat) (h : n < 3) : n < 4",
        "(n m : Nat) (h : n < 3) : m < 4",
        "(n m : Nat) (h : m < 3) : n < 4",
        "(n : Int) (h : n < 3) : n < 4",
        "(n : Nat) (h : n ≤ 3) : n < 4",
        "(n : Nat) (h : n < 18446744073709551619) : n < 4",
        "(n : Nat) (h : n < 4294967299) : n < 4",
        "(n : Nat) (h : n < 3) : 4 < n",
        '(s : String) (h : s < "a") : s < "b"',
        '(s : String) (h : s < "b") : s < "a"',
        "(p : Nat → Prop) : ∃ n, ∃ m, p n ∧ p m",
        "(p : Nat → Prop) : ∃ n, ∃ m, p m ∧ p n",
        ": ∀ n : Nat, n < 3 → n < 4",
        "(n : Nat) : n < 3 → n < 4",
    ]
    keys = [root(prover, f"theorem t {s} := by sorry").key for s in statements]
    assert len(set(keys)) == len(keys)


def test_keys_are_the_same_in_another_process(prover: LeanProver, lean: LeanServer) -> None:
    text = "theorem t (n : Nat) : ∃ k, n < k ∧ k < n + 2 := by sorry"
    first = next_state(prover, root(prover, text), "constructor").key
    lean.close()
    assert next_state(prover, root(prover, text), "constructor").key == first


# ---- life and death ------------------------------------------------------------------------------


def test_a_runaway_tactic_meets_its_heartbeats(lean: LeanServer) -> None:
    with LeanProver(lean, limits=Limits(seconds=120, heartbeats=500)) as prover:
        state = root(prover, "theorem t : (List.range 40).foldl (· + ·) 0 = 780 := by sorry")
        pid = lean.pid
        runaway = "iterate 1000000 (have : 1 = 1 := rfl)"
        outcomes = prover.apply(state, [runaway, "decide", "rfl"])
        assert isinstance(outcomes[0], Failed)
        assert outcomes[2] == Closed()
        assert lean.pid == pid


def test_a_tactic_that_runs_out_of_time_fails_alone(lean: LeanServer) -> None:
    numbers = range(30)
    variables = " ".join(f"a{i}" for i in numbers)
    cases = " ".join(f"(h{i} : a{i} = 0 ∨ a{i} = {3 ** (i % 7) + i})" for i in numbers)
    total = " + ".join(f"a{i}" for i in numbers)
    text = f"theorem t ({variables} : Nat) {cases} (p : Prop) (h : p) : p ∧ {total} ≠ 2 := by sorry"
    with LeanProver(lean, limits=Limits(seconds=60)) as prepared:
        left, _ = split(prepared, root(prepared, text), "constructor")
        assert one(prepared, left, "exact h") == Closed()
    with LeanProver(lean, limits=Limits(seconds=2, heartbeats=10**9)) as prover:
        state = root(prover, text)
        outcomes = prover.apply(state, ["constructor", "constructor <;> omega", "skip"])
        assert isinstance(outcomes[0], Split)
        assert isinstance(outcomes[1], Failed)
        assert "no answer within 2 s" in outcomes[1].message
        assert isinstance(outcomes[2], Split)
        assert one(prover, outcomes[0].states[0], "exact h") == Closed()
        assert prover.replays == 2


def test_a_tactic_that_overflows_the_stack_fails_alone(lean: LeanServer) -> None:
    limits = Limits(seconds=60, heartbeats=10**9, recursion=10**9)
    with LeanProver(lean, limits=limits) as prover:
        state = root(prover, "theorem t (p : Prop) (h : p) : p := by sorry")
        outcomes = prover.apply(state, ["repeat (have : 1 = 1 := rfl)", "exact h"])
        assert isinstance(outcomes[0], Failed)
        assert outcomes[1] == Closed()


def test_states_are_made_again_after_a_kill(prover: LeanProver, lean: LeanServer) -> None:
    text = "theorem a : 1 = 1 := sorry\ntheorem t (p : Prop) (h : p) : (p ∧ p) ∧ p := by\n  sorry\n"
    _, opened = prover.open(text, INIT)
    left, right = split(prover, opened.state, "constructor")
    deep, _ = split(prover, left, "constructor")
    prover.release([left])
    assert lean.pid is not None
    os.kill(lean.pid, signal.SIGKILL)
    while lean.pid is not None:
        pass
    before = prover.replays
    assert one(prover, deep, "exact h") == Closed()
    assert prover.replays == before + 1
    assert one(prover, deep, "exact h") == Closed()
    assert prover.replays == before + 1
    assert one(prover, right, "exact h") == Closed()
    with pytest.raises(StateLost):
        prover.apply(left, ["skip"])


def test_states_are_made_again_after_their_session_was_dropped(
    prover: LeanProver, lean: LeanServer
) -> None:
    state = root(prover, "theorem t (p : Prop) (h : p) : p ∧ p := by sorry")
    left, _ = split(prover, state, "constructor")
    lean.close_session(INIT, prover._session)
    assert one(prover, left, "exact h") == Closed()


def test_states_are_released(prover: LeanProver) -> None:
    state = root(prover, "theorem t (p : Prop) (h : p) : p ∧ p := by sorry")
    assert prover.held() == 1
    states = [split(prover, state, "constructor") for _ in range(20)]
    assert prover.held() == 41
    for pair in states:
        prover.release(pair)
    assert prover.held() == 1
    prover.release([state])
    assert prover.held() == 0


def test_sessions_do_not_see_each_other(lean: LeanServer) -> None:
    with LeanProver(lean) as first, LeanProver(lean) as second:
        a = root(first, "theorem t : 1 = 1 := by sorry")
        b = root(second, "theorem t : 2 = 3 := by sorry")
        assert one(first, a, "rfl") == Closed()
        assert isinstance(one(second, b, "rfl"), Failed)
        first.close()
        assert second.held() == 1


# ---- theorems ------------------------------------------------------------------------------------


def test_theorems_of_init(lean: LeanServer, bench: Workbench, tmp_path: Path) -> None:
    found = {t.name: t for t in theorems_of(lean, INIT, tmp_path, bench.toolchain.key)}
    assert len(found) > 20_000
    assert found["Nat.add_comm"].conclusion is Conclusion.EQ
    assert found["Nat.add_comm"].head == "HAdd.hAdd"
    assert {"Nat", "HAdd.hAdd", "Eq"} <= set(found["Nat.add_comm"].constants)
    assert found["Nat.le_of_lt"].head == "LE.le"
    assert found["Nat.lt_irrefl"].conclusion is Conclusion.OTHER
    assert not any(name.startswith("_private") for name in found)
    (file,) = (tmp_path / "theorems").iterdir()
    file.write_text("garbage\n", encoding="utf-8")
    assert len(theorems_of(lean, INIT, tmp_path, bench.toolchain.key)) == len(found)
    file.write_text(file.read_text(encoding="utf-8")[:5000].rpartition("\n")[0], encoding="utf-8")
    assert len(theorems_of(lean, INIT, tmp_path, bench.toolchain.key)) < 1000
