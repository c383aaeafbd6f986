"""The proof server on a real Lean of its own, since some of these tests end it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.errors import ServerCrashed, ServerOutOfMemory, ServerTimeout
from pyorch.lean.node import EmbeddedToolchain
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.server import LeanServer
from pyorch.lean.toolchain import start_server
from pyorch.lean.workbench import Workbench
from pyorch.model import Position, Severity

INIT = Environment()
META = Environment(("Init", "Lean"))


@pytest.fixture(scope="module")
def lean(bench: Workbench) -> Iterator[LeanServer]:
    made = start_server(bench.toolchain, bench.config.cache)
    yield made
    made.close()


def test_messages_have_positions_and_severities(lean: LeanServer) -> None:
    text = "theorem a : 1 = 2 := rfl\n\n#check (3 : Nat)\ntheorem b : 1 = 1 := by sorry\n"
    result = lean.elaborate(text, INIT, file="A.lean")
    found = [(d.severity, d.start.line, d.file) for d in result.diagnostics]
    assert (Severity.ERROR, 1, "A.lean") in found
    assert (Severity.INFO, 3, "A.lean") in found
    assert (Severity.WARNING, 4, "A.lean") in found


def test_no_length_of_a_request_ends_the_server(lean: LeanServer) -> None:
    """Its standard input is read in buffers of 1,024 bytes; a line may end where a buffer does."""
    lean.elaborate("", INIT)
    starts = lean.starts
    for length in (*range(700, 1030), *range(1800, 1810)):
        assert not lean.elaborate(" " * length, INIT).diagnostics
    assert lean.starts == starts


def test_an_environment_has_what_it_imports_and_no_more(lean: LeanServer) -> None:
    """What was read for `Init` before is not in an environment without it."""
    lean.elaborate("", INIT)
    small = Environment(("Init.Prelude",))
    assert lean.elaborate("#check Nat.add\n", small).errors == ()
    assert lean.elaborate("#check Nat.add_comm\n", small).errors
    assert lean.elaborate("#check Nat.add_comm\n", INIT).errors == ()


def test_columns_count_code_points(lean: LeanServer) -> None:
    result = lean.elaborate("theorem αβγ : 1 = 1 ∧ 1 = 2 := ⟨rfl, oops⟩\n", INIT)
    assert result.errors[0].start == Position(1, 37)


def test_declarations_kinds_axioms_and_statement(lean: LeanServer) -> None:
    text = (
        "def d : Nat := 3\naxiom x : d = 4\ninductive T | c\n"
        "theorem t : d = 4 := x\ntheorem u : d = 3 := rfl\n"
    )
    result = lean.elaborate(text, INIT, trusted=True)
    found = {d.name: d for d in result.declarations}
    assert found["d"].kind == "definition"
    assert found["x"].kind == "axiom"
    assert found["T"].kind == "inductive"
    assert found["t"].axioms == ("x",)
    assert found["u"].axioms == ()
    assert found["u"].type == "d = 3"
    assert found["t"].start == Position(4, 0)


def test_the_fingerprint_follows_the_statement_and_what_is_below_it(lean: LeanServer) -> None:
    def fingerprint(text: str) -> str:
        return {d.name: d.statement for d in lean.elaborate(text, INIT).declarations}["t"]

    base = fingerprint("def d : Nat := 3\ntheorem t : d = d := rfl\n")
    assert base == fingerprint("\n\ndef d : Nat := 3\ntheorem t : d = d := by simp\n")
    assert base != fingerprint("def d : Nat := 4\ntheorem t : d = d := rfl\n")
    assert base != fingerprint("def d : Nat := 3\ntheorem t : d = 3 := rfl\n")


def test_theorems_of_the_standard_library_are_not_axioms(lean: LeanServer) -> None:
    (declaration,) = lean.elaborate(
        "theorem t (a b : Nat) : a + b = b + a := by omega\n", INIT
    ).declarations
    assert set(declaration.axioms) <= {"propext", "Classical.choice", "Quot.sound"}
    if lean.toolchain.kind == "embedded":
        assert declaration.bodyless > 0


@pytest.mark.parametrize(
    ("text", "axiom"),
    [
        ("theorem t : 2 ^ 20 = 1048576 := by native_decide", "Lean.ofReduceBool"),
        ("theorem t (p : Prop) : p ∨ ¬p := Classical.em p", "Classical.choice"),
        ("theorem t : False := sorry", "sorryAx"),
    ],
)
def test_axioms_are_found(text: str, axiom: str, lean: LeanServer) -> None:
    (declaration,) = lean.elaborate(text, INIT).declarations
    if axiom == "Classical.choice" and lean.toolchain.kind == "embedded":
        assert declaration.bodyless > 0 or axiom in declaration.axioms
    else:
        assert axiom in declaration.axioms


def test_goals_of_holes(lean: LeanServer) -> None:
    text = (
        "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by\n"
        "  constructor\n  · sorry\n  · let n := 3\n    sorry\n"
        "def v : Nat := sorry\n"
    )
    result = lean.elaborate(text, INIT, goals=True)
    first, second, third = result.holes
    assert first.start == Position(3, 4)
    assert first.declaration == "t"
    assert first.goals[0].target == "q"
    assert [h.name for h in first.goals[0].hypotheses] == ["p", "q", "h"]
    assert second.goals[0].hypotheses[-1].value == "3"
    assert third.goals[0].target == "Nat"


def test_steps_of_tactics(lean: LeanServer) -> None:
    text = "theorem t (a : Nat) : a = a ∧ True := by\n  constructor\n  · rfl\n  · trivial\n"
    steps = lean.elaborate(text, INIT, steps=True).steps
    split = next(s for s in steps if s.kind == "Lean.Parser.Tactic.constructor")
    assert [g.target for g in split.before] == ["a = a ∧ True"]
    assert [g.target for g in split.after] == ["a = a", "True"]


def test_a_command_that_runs_code_is_refused_with_its_place(lean: LeanServer) -> None:
    result = lean.elaborate("theorem t : 1 = 1 := rfl\n#eval 3\n", INIT)
    assert result.refused[0][0] == Position(2, 0)
    assert "eval" in result.refused[0][1]
    assert [d.name for d in result.declarations] == ["t"]


def test_elaborated_code_cannot_forge_an_answer(lean: LeanServer) -> None:
    forged = '{\\"id\\":1,\\"ms\\":0,\\"messages\\":[],\\"declarations\\":[]}'
    result = lean.elaborate(
        f'#eval IO.println "{forged}"\n#eval IO.print "#pyorch-"\ntheorem t : 1 = 2 := rfl\n',
        INIT,
        trusted=True,
    )
    assert result.errors


@pytest.mark.parametrize(
    "action",
    [
        'IO.FS.writeFile "{path}" "x"',
        'IO.FS.removeFile "{path}"',
        'IO.FS.rename "{path}" "/stage/stolen"',
        'do let h ← IO.FS.Handle.mk "{path}" .append; h.putStr "x"',
    ],
)
@pytest.mark.parametrize(
    "path", ["/lib/lean/Init.olean", "/image/PyOrchServerImage.olean", "/roots/evil"]
)
def test_lean_code_cannot_change_compiled_modules(
    action: str, path: str, lean: LeanServer, bench: Workbench
) -> None:
    chosen = bench.toolchain.chosen
    if not isinstance(chosen, EmbeddedToolchain):
        pytest.skip("the native toolchain has no sandbox (docs/trust.md says so)")
    before = (chosen.lib / "Init.olean").read_bytes()
    result = lean.elaborate("#eval " + action.format(path=path), INIT, trusted=True)
    assert result.errors, "Lean reported no I/O error"
    assert (chosen.lib / "Init.olean").read_bytes() == before
    assert not (bench.config.cache / "modules" / "roots" / "evil").exists()


@pytest.mark.parametrize(
    "action",
    [
        'IO.FS.readFile "/etc/passwd"',
        'IO.Process.output {{ cmd := "ls" }}',
        '(System.FilePath.mk "/usr").readDir',
        'IO.FS.writeFile "/tmp/{name}" "x"',
    ],
)
def test_lean_code_cannot_see_the_machine(
    action: str, lean: LeanServer, bench: Workbench, tmp_path: Path
) -> None:
    if not isinstance(bench.toolchain.chosen, EmbeddedToolchain):
        pytest.skip("the native toolchain has no sandbox (docs/trust.md says so)")
    name = f"pyorch-escape-{tmp_path.name}"
    lean.elaborate("#eval do\n  let _ ← " + action.format(name=name), INIT, trusted=True)
    result = lean.elaborate(
        "#eval do\n  let _ ← " + action.format(name=name) + "\n  return ()", INIT, trusted=True
    )
    assert result.errors or "writeFile" in action
    assert not Path("/tmp", name).exists()


CHEAT = """
open Lean Elab Command
def false : Declaration := .thmDecl
  { name := `bad, levelParams := [], type := .const ``False [], value := .const ``True.intro [] }
def cheat (env : Environment) : Environment :=
  match env.addDeclCore 0 false none (doCheck := false) with
  | .ok env => env
  | .error _ => env
elab "cheat" : command => do
  let env ← getEnv
  setEnv (cheat env)
cheat
theorem goal : False := bad
"""


def test_replay_finds_what_the_kernel_never_saw(lean: LeanServer) -> None:
    """Text from outside may not contain any of this; this shows the second line of defence."""
    limits = Limits()
    process = lean._connection
    process.elaborate("theorem goal : False := sorry", META, limits, keep="asked", trusted=True)
    given = process.elaborate(CHEAT, META, limits, keep="given", trusted=True)
    found = {d["name"]: d["axioms"] for d in given["declarations"]}
    assert found["goal"] == [], "the cheat must look like a clean proof at first sight"
    answer = process.ask(
        {"op": "audit", "base": META.key, "asked": "asked", "given": "given", "names": ["goal"]},
        Limits(),
    )
    assert answer["theorems"][0]["difference"] is None
    assert "bad" in answer["kernel"]


def test_a_stall_is_ended_and_the_next_request_served(lean: LeanServer) -> None:
    loop = "partial def spin (n : Nat) : IO Unit := spin (n + 1)\n#eval spin 0\n"
    with pytest.raises(ServerTimeout):
        lean.elaborate(loop, INIT, trusted=True, limits=Limits(seconds=3))
    assert lean.pid is None
    assert lean.elaborate("theorem t : 1 = 1 := rfl", INIT).declarations


def test_too_much_memory_is_ended_and_the_next_request_served(lean: LeanServer) -> None:
    hoard = (
        "partial def hoard (data : Array Nat) : IO Unit :=\n"
        "  hoard (data.push (1 <<< (8000000 + data.size)))\n"
        "#eval hoard #[]\n"
    )
    with pytest.raises(ServerOutOfMemory):
        lean.elaborate(hoard, INIT, trusted=True, limits=Limits(seconds=300, memory=1500))
    assert lean.pid is None
    assert lean.elaborate("theorem t : 1 = 1 := rfl", INIT).declarations


def test_heartbeats_end_a_long_proof_in_good_order(lean: LeanServer) -> None:
    text = "theorem t : (List.range 3000).length = 3000 := by decide\n"
    result = lean.elaborate(text, INIT, limits=Limits(seconds=60, heartbeats=20))
    assert result.errors


def test_too_deep_a_recursion_is_a_typed_error(lean: LeanServer) -> None:
    text = "def f : Nat → Nat\n  | 0 => 0\n  | n + 1 => f n + 1\n"
    text += "set_option maxRecDepth 10000000 in\n"
    text += "theorem t : f 200000 = 200000 := by decide +kernel\n"
    try:
        result = lean.elaborate(text, INIT, limits=Limits(seconds=60))
    except (ServerCrashed, ServerTimeout):
        pass
    else:
        assert result.errors
    assert lean.elaborate("theorem t : 1 = 1 := rfl", INIT).declarations
