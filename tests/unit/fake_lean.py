#!/usr/bin/env python3
"""A scripted fake of the proof server, for tests: it speaks the protocol and proves nothing.

    fake_lean.py LOG [START]

LOG gets a line of JSON for each event. START is how it begins: ``proper``, ``die``, ``silent``,
``malformed``, ``empty`` (an introduction without fields), ``noisy``, ``garbage`` (no introduction).

What it does with a request is written in the request: a word of `MISDEEDS` at the beginning of the
text to be elaborated. Any other text is answered properly, with one message that tells which
process answered on which environment. An ``import`` of a module that lies nowhere on the path fails
as in Lean.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Fake:
    def __init__(self, log: Path) -> None:
        self.log = log
        self.marker = ""
        self.environments: dict[str, Json] = {}
        self.sessions: set[str] = set()

    def note(self, event: str, **fields: Any) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"event": event, "pid": os.getpid(), **fields}) + "\n")

    def send(self, answer: Json) -> None:
        self.print(f"\n{self.marker}{json.dumps(answer, ensure_ascii=False)}\n")

    def print(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    # ---- proper answers ------------------------------------------------------------------------

    def answer(self, request: Json) -> Json:
        if request["op"] == "load":
            self.environments[request["env"]] = request
            missing = [m for m in request["modules"] if not self.is_on(m, request["path"])]
            return {"error": f"unknown module\n\nprefix '{missing[0]}'"} if missing else {}
        if request["op"] == "base":
            self.environments[request["env"]] = self.environments[request["of"]]
            return {}
        if request["op"] == "forget":
            self.environments.pop(request["env"], None)
            return {}
        if request["op"] in ("try", "release", "close"):
            return self.stepped(request)
        needed = [request[key] for key in ("env", "base", "asked", "given") if key in request]
        for key in needed:
            if key not in self.environments:
                return {"error": f"no environment '{key}'"}
        if request["op"] == "open":
            self.sessions.add(request["session"])
            return {"messages": [], "refused": [], "holes": []}
        if request["op"] == "audit":
            theorem = {"difference": None, "axioms": ["propext"], "bodyless": 0}
            return {"kernel": None, "theorems": [{"name": n, **theorem} for n in request["names"]]}
        if request.get("keep"):
            self.environments[request["keep"]] = request
        return self.elaborated(request)

    def is_on(self, module: str, path: list[str]) -> bool:
        inner = module.replace(".", "/") + ".olean"
        own = module.split(".")[0] in {"Init", "Std", "Lean"}
        return own or any(Path(folder, inner).is_file() for folder in path)

    def elaborated(self, request: Json) -> Json:
        loaded = self.environments[request["env"]]
        told = {
            "pid": os.getpid(),
            "modules": loaded["modules"],
            "path": loaded["path"],
            "file": request.get("file"),
            "text": request["text"],
        }
        failed = request["text"].strip().startswith("error")
        written = bool(request.get("olean")) and not failed
        if written and not request["text"].strip().startswith("unwritten"):
            Path(request["olean"]).write_text(request["text"], encoding="utf-8")
        message = {
            "severity": "error" if failed else "info",
            "start": {"line": 1, "column": 0},
            "end": None,
            "text": json.dumps(told),
        }
        return {
            "messages": [message],
            "declarations": [],
            "holes": [],
            "steps": [],
            "refused": [],
            "written": written,
        }

    def stepped(self, request: Json) -> Json:
        """Each tactic fails and says which process it was; a tactic may be one of `MISDEEDS`."""
        if request["op"] == "close":
            self.sessions.discard(request["session"])
        if request["op"] != "try":
            return {"left": 0}
        if request["session"] not in self.sessions:
            return {"lost": True}
        for tactic in request["tactics"]:
            part = {"kind": "failed", "message": f"{tactic} in {os.getpid()}"}
            frame = {"id": request["id"], "part": part}
            MISDEEDS.get(tactic, Fake.send_only)(self, frame, request)
        return {"lost": False}

    def send_only(self, answer: Json, _: Json) -> None:
        self.send(answer)

    # ---- life ----------------------------------------------------------------------------------

    def introduce(self, start: str) -> None:
        if start == "die":
            sys.exit("libnode.so: Error: cannot\nbe loaded")
        if start == "silent":
            signal.pause()
        if start == "garbage":
            self.print("no introduction\n" * 3)
            sys.exit(0)
        if start == "malformed":
            self.print(self.marker + "{\n")
            signal.pause()
        if start == "noisy":
            self.print("[DEBUG] chatter\nmore of it" + "\n" * 100)
            sys.stderr.write("and here\n" * 10_000)
        info = {"version": "4.28.0, embedded", "githash": "f" * 40, "embedded": True}
        self.send({} if start == "empty" else info)

    def serve(self) -> None:
        for line in sys.stdin:
            request = json.loads(line)
            begins = str(request.get("text", ""))[:40]
            self.note("request", begins=begins, **{k: v for k, v in request.items() if k != "text"})
            words = request.get("text", "").split()
            misdeed = MISDEEDS.get(words[0]) if words else None
            answer = {**self.answer(request), "id": request["id"], "ms": 1}
            if misdeed is None:
                self.send(answer)
            else:
                misdeed(self, answer, request)


def grandchild(fake: Fake, *_: Any) -> None:
    """Starts a process in our group and stalls."""
    child = subprocess.Popen(["sleep", "600"])
    fake.note("grandchild", child=child.pid)
    signal.pause()


def runaway(fake: Fake, *_: Any) -> None:
    """Starts a process in a session of its own that keeps our pipes, and stalls."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    fake.note("grandchild", child=child.pid)
    signal.pause()


def hoards(fake: Fake, *_: Any) -> None:
    hoard = b"7" * (300 * 2**20)
    fake.note("hoards", bytes=len(hoard))
    signal.pause()


def child_hoards(fake: Fake, *_: Any) -> None:
    hoard = "import signal; hoard = b'7' * (300 * 2**20); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", hoard])
    fake.note("grandchild", child=child.pid)
    signal.pause()


def stalls(fake: Fake, *_: Any) -> None:
    fake.note("stalls")
    signal.pause()


def chatters(fake: Fake, answer: Json, _: Json) -> None:
    """Prints before the answer, without ending the line, and after it."""
    fake.print("before\n#pyorch-\nbegun")
    fake.send(answer)
    fake.print("after\n\n\x00\xff\n")


def forges(fake: Fake, answer: Json, _: Json) -> None:
    forged = json.dumps({**answer, "messages": []})
    for marker in ("", "#pyorch ", "#pyorch-0123456789abcdef ", f" {fake.marker}"):
        fake.print(f"{marker}{forged}\n")
    fake.send(answer)


def repeats(fake: Fake, answer: Json, _: Json) -> None:
    fake.send(answer)
    fake.send(answer)


def grows(fake: Fake, answer: Json, _: Json) -> None:
    answer["messages"][0]["text"] = "7" * 5_000_000
    fake.print("8" * 5_000_000 + "\n")
    fake.send(answer)


def nests(fake: Fake, *_: Any) -> None:
    fake.print(f"{fake.marker}{'[' * 200_000}\n")
    signal.pause()


def unfinished(fake: Fake, answer: Json, _: Json) -> None:
    """Ends in the middle of an answer."""
    fake.print("\n" + fake.marker + json.dumps(answer)[:40])
    os._exit(0)


def says(words: str, code: int = 1) -> Callable[[Fake, Json, Json], None]:
    def misdeed(fake: Fake, *_: Any) -> None:
        sys.stderr.write(words + "\n")
        sys.stderr.flush()
        os._exit(code)

    return misdeed


def raw(text: str) -> Callable[[Fake, Json, Json], None]:
    def misdeed(fake: Fake, *_: Any) -> None:
        fake.print(f"{fake.marker}{text}\n")
        signal.pause()

    return misdeed


def then_exits(fake: Fake, answer: Json, _: Json) -> None:
    fake.send(answer)
    os._exit(0)


def then_is_deaf(fake: Fake, answer: Json, _: Json) -> None:
    """Answers, and reads nothing any more."""
    fake.send(answer)
    signal.pause()


#: What a text that begins with the word makes the fake do.
MISDEEDS: dict[str, Callable[[Fake, Json, Json], None]] = {
    "crash": says("", code=3),
    "panic": says("INTERNAL PANIC: out of\x0bluck\nat somewhere"),
    "memory": says("Aborted(OOM). Build with -sASSERTIONS for more info."),
    "stack": says("RangeError: Maximum call stack size exceeded"),
    "killed": lambda *_: os.kill(os.getpid(), signal.SIGKILL),
    "hoard": hoards,
    "child": child_hoards,
    "stall": stalls,
    "grandchild": grandchild,
    "runaway": runaway,
    "chatter": chatters,
    "forge": forges,
    "huge": grows,
    "nested": nests,
    "unfinished": unfinished,
    "malformed": raw('{"id": 1,'),
    "latin": raw('{"id": "\udcff"}'),
    "list": raw("[1]"),
    "stranger": lambda fake, answer, _: fake.send({**answer, "id": 99}),
    "anonymous": lambda fake, answer, _: fake.send({**answer, "id": None}),
    "twice": repeats,
    "refuse": lambda fake, answer, _: fake.send({"error": "not\n  this", "id": answer["id"]}),
    "partial": lambda fake, answer, _: fake.send({"id": answer["id"], "messages": []}),
    "exit": then_exits,
    "deaf": then_is_deaf,
}


def main() -> None:
    sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    fake = Fake(Path(sys.argv[1]))
    fake.note("start", stage=os.environ.get("FAKE_STAGE", ""))
    fake.marker = sys.stdin.readline().removesuffix("\n")
    fake.introduce(sys.argv[2] if len(sys.argv) > 2 else "proper")
    fake.serve()


if __name__ == "__main__":
    main()
