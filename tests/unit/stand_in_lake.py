"""Stands in for ``lake`` where LeanDojo calls it: notes how it was called, and answers.

Traces ``Demo.lean`` of the folder it is called in, and plays Lean's part in LeanDojo's conversation
about proof states, by a script.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

SPLIT = "case left\np q : Prop\nhp : p\n⊢ p\n\ncase right\np q : Prop\nhp : p\n⊢ q"
ANSWERS = {
    "rfl": "no goals",
    "constructor": SPLIT,
    "intro ⟨hp, hq⟩": "p q : Prop\nhp : p\nhq :\n  q ∧\n    q\n⊢ q",
}


def syntax(text: str) -> list[dict[str, Any]]:
    """The syntax trees of a file of ``theorem NAME : STATEMENT := by TACTIC``, as LeanDojo's
    ``ExtractData.lean`` writes them."""

    def leaf(word: str, at: int) -> dict[str, Any]:
        start = len(text[:at].encode())
        info = {"pos": start, "endPos": start + len(word.encode()), "leading": "", "trailing": ""}
        return {"original": info}

    def atom(match: re.Match[str], group: str) -> dict[str, Any]:
        return {"atom": {"info": leaf(match[group], match.start(group)), "val": match[group]}}

    def ident(match: re.Match[str], group: str) -> dict[str, Any]:
        word = match[group]
        info = leaf(word, match.start(group))
        return {"ident": {"info": info, "rawVal": word, "val": word, "preresolved": []}}

    def node(kind: str, *args: dict[str, Any]) -> dict[str, Any]:
        return {"node": {"info": "none", "kind": f"Lean.Parser.{kind}", "args": list(args)}}

    commands = [node("Module.header")]
    pattern = r"(?P<k>theorem) (?P<n>\S+) (?P<s>:.*?) (?P<e>:=) (?P<b>by)\s+(?P<t>.*)"
    for m in re.finditer(pattern, text):
        proof = node("Term.byTactic", atom(m, "b"), node("Tactic.other", atom(m, "t")))
        theorem = node(
            "Command.theorem",
            atom(m, "k"),
            node("Command.declId", ident(m, "n")),
            node("Command.declSig", atom(m, "s")),
            node("Command.declValSimple", atom(m, "e"), proof),
        )
        commands.append(node("Command.declaration", node("Command.declModifiers"), theorem))
    return commands


def trace(folder: Path) -> None:
    """What tracing leaves behind for ``Demo.lean``."""
    ir = folder / ".lake" / "build" / "ir"
    ir.mkdir(parents=True)
    commands = syntax((folder / "Demo.lean").read_text(encoding="utf-8"))
    data = {"commandASTs": commands, "tactics": [], "premises": []}
    (ir / "Demo.ast.json").write_text(json.dumps(data), encoding="utf-8")
    (ir / "Demo.dep_paths").write_text("")


def answer(**fields: object) -> None:
    reply = {"sid": None, "tacticState": None, "error": None, **fields}
    sys.stdout.write(f"REPL> {json.dumps(reply, ensure_ascii=False)}\n")
    sys.stdout.flush()


def converse(file: Path) -> None:
    """The part of LeanDojo's ``Lean4Repl.lean``."""
    text = file.read_text(encoding="utf-8")
    assert text.startswith("import Lean4Repl\n") and "lean_dojo_repl" in text
    statement = re.findall(r"theorem \S+ : (.*) := ?by\n  lean_dojo_repl", text)
    state = 0
    answer(sid=0, tacticState=f"⊢ {statement[0]}")
    for line in sys.stdin:
        request = json.loads(line)
        tactic = request["cmd"]
        if tactic == "hang":
            time.sleep(3600)
        elif tactic == "crash":
            sys.exit(1)
        elif tactic == "garbage":
            print("REPL> {", flush=True)
        elif tactic == "chatter":
            print("a line of Lean's\nand another", flush=True)
            answer(error="unknown tactic")
        elif tactic == "give up":
            answer(error="proof contains `sorry`")
        elif tactic in ANSWERS:
            state += 1
            answer(sid=state, tacticState=ANSWERS[tactic])
        else:
            answer(error=f"unknown tactic {tactic!r} at {request['sid']}\n")


def main(arguments: list[str]) -> int:
    with Path(os.environ["STAND_IN_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"lake {' '.join(arguments)}\n")
    match arguments:
        case ["build", *_]:
            print("Build completed successfully (3 jobs).")
            compiled = Path(".lake/build/lib/lean/Demo.olean")
            compiled.parent.mkdir(parents=True, exist_ok=True)
            compiled.touch()
            return int(os.environ.get("STAND_IN_FAILS", "0"))
        case ["env", "lean", *_, "--run", "ExtractData.lean", "noDeps"]:
            assert Path("ExtractData.lean").is_file()
            trace(Path())
        case ["env", "lean", "--threads=1", _, file]:
            converse(Path(file))
        case _:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
