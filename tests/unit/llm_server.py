"""A real HTTP server that speaks the chat-completions protocol, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Connection"], None]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][0]["content"])


@dataclass
class ModelStandIn:
    """The server's script and what it was asked.

    Attributes:
        script: what it does, one behaviour a request; the last one is repeated for ever.
        taken: bytes that a flood got rid of.
        over: set when the test is over.
    """

    url: str
    script: list[Behaviour]
    asked: list[Asked] = field(default_factory=list)
    taken: int = 0
    over: threading.Event = field(default_factory=threading.Event)


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ModelStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.model.asked.append(Asked(self.path, headers, json.loads(body)))
        script = self.model.script
        self.asked = self.model.asked[-1]
        behave = script.pop(0) if len(script) > 1 else script[0]
        with contextlib.suppress(OSError):  # the client may have hung up
            behave(self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(*script: Behaviour) -> Iterator[ModelStandIn]:
    """A server on this machine that behaves as ``script`` says, one entry a request."""
    handler = type("Handler", (Connection,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    model = ModelStandIn(f"http://127.0.0.1:{server.server_port}/v1", list(script))
    handler.model = model  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: object, usage: object = None) -> bytes:
    """The body of an answer with ``content``."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    answer: dict[str, object] = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "stand-in",
        "choices": [choice],
    }  # fmt: skip
    if usage is not None:
        answer["usage"] = usage
    return json.dumps(answer).encode()


def usage(prompt: object, answer: object) -> dict[str, object]:
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": 0}


def says(content: object, used: object = None) -> Behaviour:
    """Answers with this text."""
    return answers(completion(content, used))


def suggests(*tactics: object, used: object = None) -> Behaviour:
    """Answers in the agreed form."""
    return says(json.dumps({"tactics": tactics}), used)


def answers(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """Sends these bytes."""

    def behave(connection: Connection) -> None:
        connection.send(status, body, Content_Type="application/json", **headers)

    return behave


def fails(status: int, text: str = "", **headers: str) -> Behaviour:
    """Answers with an error in the protocol's form."""
    body = {"error": {"message": text, "type": "some_error", "param": None, "code": None}}
    return answers(json.dumps(body).encode(), status, **headers)


def echoes(status: int) -> Behaviour:
    """An error that repeats the request's headers."""

    def behave(connection: Connection) -> None:
        fails(status, f"bad request: {connection.asked.headers}")(connection)

    return behave


def suggests_key(connection: Connection) -> None:
    """Suggests a tactic that tells the key that was sent."""
    key = connection.asked.headers["authorization"].removeprefix("Bearer ")
    suggests("omega", f'exact absurd "{key}"', f"simp [{key}]")(connection)


def stalls(connection: Connection) -> None:
    """Says nothing for as long as the test lasts."""
    connection.model.over.wait(60)


def drips(connection: Connection) -> None:
    """Sends one byte of its head at a time, and never ends."""
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not connection.model.over.wait(0.02):
        connection.wfile.write(b"x")
        connection.wfile.flush()


def resets(connection: Connection) -> None:
    """Ends the connection by a TCP reset."""
    linger = struct.pack("ii", 1, 0)
    connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close_connection = True
    connection.connection.close()


def breaks_off(connection: Connection) -> None:
    """Ends in the middle of a good answer."""
    body = completion('{"tactics": ["omega"]}')
    connection.send_response(200)
    connection.send_header("Content-Length", str(len(body)))
    connection.end_headers()
    connection.wfile.write(body[: len(body) // 2])
    connection.wfile.flush()
    resets(connection)


def floods(status: int, megabytes: int = 50) -> Behaviour:
    """Sends a great deal, and counts how much of it was taken."""

    def behave(connection: Connection) -> None:
        connection.send_response(status)
        connection.send_header("Transfer-Encoding", "chunked")
        connection.end_headers()
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(megabytes * 16):
            connection.wfile.write(chunk)
            connection.model.taken += len(chunk)
        connection.wfile.write(b"0\r\n\r\n")

    return behave


def sends_garbage(connection: Connection) -> None:
    """Does not speak HTTP."""
    connection.wfile.write(b"\x00\xff lorem ipsum\r\n\r\n")
    connection.close_connection = True
