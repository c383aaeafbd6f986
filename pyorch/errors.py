"""The one exception tree of pyorch. Each class fixes the exit code of the command line.

    PyorchError                     1  (never raised itself)
    ├── UsageError                  2  what the caller wrote cannot be meant
    │   ├── InputError              2  a file's content: names the file, the field and the value
    │   │   └── NoSorry             2  there is nothing in it to search for
    │   └── OutputError             2  a place that cannot be written
    ├── ToolchainError              3  no Lean, or one that does not pass its self-test
    │   └── InstallError            3  getting or unpacking the embedded toolchain failed
    └── ServerError                 3  the proof server
        ├── ServerCrashed           3  it ended; the request may be sent again
        ├── ServerTimeout           3  a request ran past its limit; the process was ended
        ├── ProtocolError           3  it answered what the protocol does not allow
        └── StateLost               3  a saved proof state is gone and cannot be made again

A claim that is refuted or left open is not an error: it is a `Verdict`.
"""

from __future__ import annotations

__all__ = [
    "InputError",
    "InstallError",
    "NoSorry",
    "OutputError",
    "ProtocolError",
    "PyorchError",
    "ServerCrashed",
    "ServerError",
    "ServerTimeout",
    "StateLost",
    "ToolchainError",
    "UsageError",
]


class PyorchError(Exception):
    """Base of all errors that pyorch raises on purpose.

    The message is one line for a person: what is wrong, and where it helps, what to do.
    """

    exit_code = 1


class UsageError(PyorchError):
    """An option, a parameter or a name that cannot be meant."""

    exit_code = 2


class InputError(UsageError):
    """The content of an input file is refused.

    Args:
        source: the file (or other origin) as the user named it.
        field: path of the offending field, such as ``teacher.layers[0].weights``; may be empty.
        problem: what is wrong with it, the value included.
    """

    def __init__(self, source: object, field: str, problem: str) -> None:
        self.source, self.field, self.problem = str(source), field, problem
        where = f"{self.source}: {field}" if field else self.source
        super().__init__(f"{where}: {problem}")


class NoSorry(InputError):
    """A Lean file in which no proof is missing."""

    def __init__(self, source: object) -> None:
        super().__init__(source, "", "has no sorry")


class OutputError(UsageError):
    """A file or folder cannot be written."""


class ToolchainError(PyorchError):
    """There is no usable Lean."""

    exit_code = 3


class InstallError(ToolchainError):
    """The embedded toolchain could not be fetched, verified or unpacked."""


class ServerError(PyorchError):
    """The proof server did not answer a request."""

    exit_code = 3


class ServerCrashed(ServerError):
    """The server process ended while a request was under way."""


class ServerTimeout(ServerError):
    """A request ran past its time limit, and the server process was ended for it."""


class ServerOutOfMemory(ServerError):
    """A request took more memory than it may, and the server process was ended for it."""


class ProtocolError(ServerError):
    """The server said something that is not an answer to the request."""


class StateLost(ServerError):
    """A saved proof state went with the server process that held it, or was released."""
