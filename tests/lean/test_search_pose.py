"""Theorems of Lean's library, posed in an environment that does not have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyorch.errors import InputError, ProtocolError
from pyorch.lean.protocol import Environment, Server
from pyorch.lean.values import Homes
from pyorch.search.model import Closed, Failed
from pyorch.search.prover import LeanProver

INIT = Environment()
NAME, MODULE = "Nat.sub_min_sub_right", "Init.Data.Nat.MinMax"


@pytest.fixture
def prover(server: Server) -> Iterator[LeanProver]:
    with LeanProver(server) as made:
        yield made


@pytest.fixture(scope="module")
def homes(server: Server) -> Homes:
    return server.homes(INIT)


def environment(homes: Homes, name: str) -> Environment:
    return Environment(homes.imports[homes.theorems[name]])


def test_homes(homes: Homes) -> None:
    assert homes.theorems["Nat.add_comm"] == "Init.Data.Nat.Basic"
    assert "Init.SimpLemmas" in homes.imports["Init.Data.Nat.Basic"]
    # its statement needs `List.append`, which is in its own module
    assert "List.nil_append" not in homes.theorems
    assert all(module in homes.imports for module in homes.theorems.values())


def test_a_posed_theorem_can_be_proved_and_not_quoted(homes: Homes, prover: LeanProver) -> None:
    state = prover.pose("Nat.add_comm", INIT, environment(homes, "Nat.add_comm"))
    (goal,) = state.goals
    assert (goal.target, goal.hypotheses) == ("∀ (n m : Nat), n + m = m + n", ())
    quoted, right, wrong = prover.apply(
        state,
        [
            "exact Nat.add_comm",
            "intro n m\ninduction n with\n| zero => exact Nat.zero_add m\n"
            "| succ n ih => rw [Nat.succ_add, ih]",
            "intro n m\nrfl",
        ],
    )
    assert isinstance(quoted, Failed) and "Unknown constant" in quoted.message
    assert isinstance(wrong, Failed)
    assert isinstance(right, (Closed, Failed))


def test_what_cannot_be_posed(homes: Homes, prover: LeanProver) -> None:
    with pytest.raises(ProtocolError, match="is there already"):
        prover.pose("Nat.add_comm", INIT, INIT)
    with pytest.raises(ProtocolError, match="there is no"):
        prover.pose("Nat.no_such_theorem", INIT, INIT)
    with pytest.raises(ProtocolError, match="is not a theorem"):
        prover.pose("Nat.gcd", INIT, environment(homes, "Nat.add_comm"))
    with pytest.raises(ProtocolError, match=r"needs 'Nat.gcd'"):
        prover.pose("Nat.gcd_comm", INIT, environment(homes, "Nat.add_comm"))


def test_a_text_comes_before(homes: Homes, prover: LeanProver) -> None:
    there = environment(homes, "Nat.add_comm")
    text = "namespace Mine\ntheorem zero_is (n : Nat) : n + 0 = n := rfl"
    state = prover.pose("Nat.add_comm", INIT, there, text=text)
    used, unknown = prover.apply(state, ["intro n m; have := zero_is n; rfl", "exact nothing"])
    assert isinstance(used, Failed) and "rfl" in used.message
    assert isinstance(unknown, Failed)
    with pytest.raises(InputError):
        prover.pose("Nat.add_comm", INIT, there, text="theorem wrong : 1 = 2 := rfl")


def test_a_posed_state_is_made_again_after_a_loss(homes: Homes, prover: LeanProver) -> None:
    state = prover.pose("Nat.add_comm", INIT, environment(homes, "Nat.add_comm"))
    prover._server.close_session(INIT, prover._session)
    (outcome,) = prover.apply(state, ["intro n m; exact Nat.le_antisymm rfl rfl"])
    assert isinstance(outcome, Failed)
    assert prover.replays == 1
