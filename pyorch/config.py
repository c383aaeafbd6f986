"""Where each setting comes from: flags, then environment, then ``[tool.pyorch]``, then defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import platformdirs

from pyorch.errors import InputError, UsageError
from pyorch.model import Trust

__all__ = ["Config", "base_url", "load"]

Number = TypeVar("Number", int, float)

TOOLCHAINS = ("auto", "native", "embedded")
TRUSTS = (Trust.KERNEL.value, Trust.COMPILED.value, Trust.EXACT.value)


@dataclass(frozen=True)
class Config:
    """Everything that can be set.

    Attributes:
        toolchain: auto, native or embedded.
        trust: the weakest tier that counts as proved.
        timeout: seconds for one request to Lean.
        memory: MiB that Lean may hold.
        seed: of all random choices.
        samples: points of the numeric cross-check.
        output: folder for emitted files.
        cache: folder of the embedded toolchain and of compiled modules.
        daemon: keep a warm server between commands.
        idle_exit: seconds after which the warm server ends.
        budget: seconds of search, for a way to bisect a box or for the proof of a ``sorry``; None
            for what is usual there.
        tactics: that are run at most for a ``sorry``; None for no limit.
        nodes: proof states that are kept at most for a ``sorry``.
        max_leaves: boxes into which one is bisected at most; None for what the kernel can check.
        workers: processes for the search: a number, ``auto`` (one a processor) or ``ray``.
        llm_model: name of the language model that the search asks; None for none.
        llm_base_url: of its server; None for OpenAI's.
        llm_timeout: seconds for one answer, repeated attempts included.
        llm_tokens: tokens that one run may spend.
        llm_cost: money that one run may spend, in the currency of the prices.
        llm_input_price: of a million tokens of prompts.
        llm_output_price: of a million tokens of answers.
    """

    toolchain: str = "auto"
    trust: Trust = Trust.KERNEL
    timeout: float = 600.0
    memory: int = 8192
    seed: int = 0
    samples: int = 100_000
    output: Path = Path("pyorch-out")
    cache: Path = Path()
    daemon: bool = True
    idle_exit: float = 900.0
    budget: float | None = None
    tactics: int | None = None
    nodes: int = 100_000
    max_leaves: int | None = None
    workers: str = "auto"
    llm_model: str | None = None
    llm_base_url: str | None = None
    llm_timeout: float = 30.0
    llm_tokens: int = 200_000
    llm_cost: float | None = None
    llm_input_price: float | None = None
    llm_output_price: float | None = None


def _choice(options: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in options:
            raise ValueError(f"choose one of {', '.join(options)}")
        return text

    return parse


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("write true or false")


_KINDS: dict[Callable[[str], object], str] = {
    int: "must be a whole number",
    float: "must be a number",
}


def _positive(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(_KINDS[kind]) from None
        if not 0 < value < 1e9:
            raise ValueError("must be a positive number below 10^9")
        return value

    return parse


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("is not a path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _natural(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise ValueError(_KINDS[int]) from None
    if not 0 <= value < 2**63:
        raise ValueError("must be a whole number from 0 to 2^63 − 1")
    return value


def _workers(text: str) -> str:
    if text not in {"auto", "ray"} and not 1 <= _natural(text) <= 4096:
        raise ValueError("must be auto, ray or a number from 1 to 4096")
    return text


def _price(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(_KINDS[float]) from None
    if not 0 <= value < 1e9:
        raise ValueError("must be a number from 0 to below 10^9")
    return value


def _model(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError("is not the name of a model")
    return text.strip()


def base_url(text: str) -> str:
    """A server's address as settings have it.

    Raises:
        ValueError: it is none, or it holds what should not be in one.
    """
    if any(sign in text for sign in "@?#"):
        raise _SecretError("a base URL has no name, password, query or fragment")
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be like https://host/v1")
    return text.rstrip("/")


class _SecretError(ValueError):
    """The value may hold a secret, so the message does not show it."""


_PARSERS: dict[str, Callable[[str], Any]] = {
    "toolchain": _choice(TOOLCHAINS),
    "trust": lambda text: Trust(_choice(TRUSTS)(text)),
    "timeout": _positive(float),
    "memory": _positive(int),
    "seed": _natural,
    "samples": _positive(int),
    "output": _path,
    "cache": _path,
    "daemon": _boolean,
    "idle_exit": _positive(float),
    "budget": _positive(float),
    "tactics": _positive(int),
    "nodes": _positive(int),
    "max_leaves": _positive(int),
    "workers": _workers,
    "llm_model": _model,
    "llm_base_url": base_url,
    "llm_timeout": _positive(float),
    "llm_tokens": _positive(int),
    "llm_cost": _positive(float),
    "llm_input_price": _price,
    "llm_output_price": _price,
}


def _parse(name: str, value: object, source: str) -> Any:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        if isinstance(value, list | dict):
            raise ValueError("write a single value")
        return _PARSERS[name](text)
    except _SecretError as error:
        raise UsageError(f"{source}: {error}") from None
    except ValueError as error:
        raise UsageError(f"{source}: {value!r}: {error}") from error


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Config:
    """Gather the configuration.

    Args:
        flags: values given on the command line, by field name; None means not given.
        environ: environment variables; ``PYORCH_TIMEOUT`` sets ``timeout``, and so on.
        folder: where ``pyproject.toml`` is looked for; the working directory by default.

    Raises:
        UsageError, InputError: a value that cannot be meant, with its origin.
    """
    known = {field.name for field in fields(Config)}
    values: dict[str, Any] = {"cache": platformdirs.user_cache_path("pyorch")}
    values |= _project(folder or Path(), known)
    for name in known:
        variable = f"PYORCH_{name.upper()}"
        if environ.get(variable):
            values[name] = _parse(name, environ[variable], variable)
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = _parse(name, value, f"--{name.replace('_', '-')}")
    values["cache"] = values["cache"].absolute()
    return Config(**values)


def _project(folder: Path, known: set[str]) -> dict[str, Any]:
    path = folder / "pyproject.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(path, "", f"cannot be read: {error}") from error
    tools = data.get("tool", {})
    section = tools.get("pyorch", {}) if isinstance(tools, dict) else {}
    if not isinstance(section, dict):
        raise InputError(path, "tool.pyorch", "is not a table")
    values: dict[str, Any] = {}
    for name, value in section.items():
        key = name.replace("-", "_")
        if key not in known:
            raise InputError(path, f"tool.pyorch.{name}", "is not a setting of pyorch")
        if key.startswith("llm_"):
            # Else a project from elsewhere could have your key sent to its author, at your cost.
            problem = f"only an option or PYORCH_{key.upper()} may set it, not a project"
            raise InputError(path, f"tool.pyorch.{name}", problem)
        values[key] = _parse(key, value, f"{path}: tool.pyorch.{name}")
    return values
