"""Settings: flags, then environment, then ``[tool.pyorch]``, then defaults."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyorch.config import Config, load
from pyorch.errors import InputError, PyorchError, UsageError
from pyorch.model import Trust

#: Of each setting: three texts, and the values that they mean.
VALUES: dict[str, tuple[tuple[str, object], ...]] = {
    "toolchain": (("native", "native"), ("embedded", "embedded"), ("auto", "auto")),
    "trust": (
        ("compiled", Trust.COMPILED), ("kernel", Trust.KERNEL), ("compiled", Trust.COMPILED)
    ),
    "timeout": (("1.5", 1.5), ("2e3", 2000.0), ("7", 7.0)),
    "memory": (("512", 512), ("4096", 4096), ("1", 1)),
    "seed": (("0", 0), ("9223372036854775807", 2**63 - 1), ("5", 5)),
    "samples": (("1", 1), ("10", 10), ("100", 100)),
    "output": (("a b", Path("a b")), ("/ö", Path("/ö")), ("c", Path("c"))),
    "cache": (("/a b", Path("/a b")), ("/ö", Path("/ö")), ("/c", Path("/c"))),
    "daemon": (("off", False), ("1", True), ("No", False)),
    "budget": (("1.5", 1.5), ("2e3", 2000.0), ("7", 7.0)),
    "tactics": (("5", 5), ("17", 17), ("1000", 1000)),
    "nodes": (("5", 5), ("17", 17), ("1000", 1000)),
    "max_leaves": (("1", 1), ("500", 500), ("64", 64)),
    "workers": (("2", "2"), ("auto", "auto"), ("ray", "ray")),
    "idle_exit": (("1", 1.0), ("0.25", 0.25), ("60", 60.0)),
    "llm_model": (("a", "a"), ("org/b:7b", "org/b:7b"), (" c ", "c")),
    "llm_base_url": (
        ("http://localhost:8000/v1", "http://localhost:8000/v1"), ("https://a.example/", "https://a.example"),
        ("https://[::1]:1/v1", "https://[::1]:1/v1"),
    ),
    "llm_timeout": (("1.5", 1.5), ("2e3", 2000.0), ("7", 7.0)),
    "llm_tokens": (("1", 1), ("1000000", 10**6), ("64", 64)),
    "llm_cost": (("0.01", 0.01), ("5", 5.0), ("1e2", 100.0)),
    "llm_input_price": (("0", 0.0), ("0.15", 0.15), ("3", 3.0)),
    "llm_output_price": (("0.60", 0.6), ("0.0", 0.0), ("15", 15.0)),
}  # fmt: skip


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_every_setting_is_tested() -> None:
    assert {f.name for f in fields(Config)} == set(VALUES)


def test_defaults(tmp_path: Path) -> None:
    config = load(environ={}, folder=tmp_path)
    assert config.cache.is_absolute() and config.cache.name == "pyorch"
    assert config == Config(cache=config.cache)
    assert config.trust is Trust.KERNEL


@pytest.mark.parametrize("name", VALUES)
def test_precedence(tmp_path: Path, name: str) -> None:
    (low, low_value), (middle, middle_value), (high, high_value) = VALUES[name]
    if name.startswith("llm_"):
        low_value = getattr(Config(), name)
    else:
        project(tmp_path, f'[tool.pyorch]\n{name.replace("_", "-")} = "{low}"\n')
    environ = {f"PYORCH_{name.upper()}": middle}
    assert getattr(load(environ={}, folder=tmp_path), name) == low_value
    assert getattr(load(environ=environ, folder=tmp_path), name) == middle_value
    assert getattr(load({name: high}, environ=environ, folder=tmp_path), name) == high_value
    assert getattr(load({name: None}, environ=environ, folder=tmp_path), name) == middle_value
    environ = {f"PYORCH_{name.upper()}": ""}
    assert getattr(load(environ=environ, folder=tmp_path), name) == low_value


@pytest.mark.parametrize("name", [name for name in VALUES if name.startswith("llm_")])
def test_a_project_does_not_choose_the_model(tmp_path: Path, name: str) -> None:
    for written in (name, name.replace("_", "-")):
        project(tmp_path, f'[tool.pyorch]\n{written} = "{VALUES[name][0][0]}"\n')
        with pytest.raises(
            InputError, match=f"tool.pyorch.{written}: only an option or PYORCH_LLM"
        ):
            load(environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@host/v1", False), ("htps://me:pw@host/v1", False),
        ("https://h/v1?k=pw", False), ("https://h/v1#pw", False), ("ftp://h/v1", True),
        ("h/v1", True), ("https://", True),
        ("https://h:99999/v1", True), ("https://[h/v1", True), ("https://h/v 1", True),
        ("https://hé/", True), ("file:///etc/passwd", True), ("https://h:0/", True),
    ],
)  # fmt: skip
def test_bad_addresses_and_secrets_in_them(tmp_path: Path, url: str, shown: bool) -> None:
    with pytest.raises(UsageError) as error:
        load({"llm_base_url": url}, environ={}, folder=tmp_path)
    assert str(error.value).startswith("--llm-base-url: ")
    assert (url in str(error.value)) == shown
    assert "pw" not in str(error.value)


def test_no_setting_is_a_key(tmp_path: Path) -> None:
    project(tmp_path, '[tool.pyorch]\nllm-api-key = "sk-1"\n')
    with pytest.raises(InputError, match="is not a setting") as error:
        load(environ={}, folder=tmp_path)
    assert "sk-1" not in str(error.value)


def test_values_of_toml_need_no_quotes(tmp_path: Path) -> None:
    project(tmp_path, "[tool.pyorch]\ntimeout = 1.5\nseed = 3\ndaemon = false\nidle_exit = 5\n")
    config = load(environ={}, folder=tmp_path)
    assert (config.timeout, config.seed, config.daemon, config.idle_exit) == (1.5, 3, False, 5.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("toolchain", "lean3"), ("toolchain", "Native"), ("trust", "sampled"), ("trust", "proof"),
        ("workers", "many"), ("workers", "0"), ("max_leaves", "0"), ("budget", "0"),
        ("timeout", "0"), ("timeout", "-1"), ("timeout", "nan"), ("timeout", "inf"),
        ("timeout", "soon"), ("timeout", "1e10"), ("seed", "-1"), ("seed", "1.5"),
        ("seed", str(2**63)), ("seed", "9" * 5000), ("samples", "0"), ("samples", "1e3"),
        ("samples", "9" * 400), ("daemon", "maybe"), ("idle_exit", "0"), ("output", "a\0b"),
        ("cache", "~no-such-user/cache"), ("cache", "a\0b"),
        ("llm_model", " "), ("llm_model", "a\0b"), ("llm_model", "x" * 201), ("llm_tokens", "0"),
        ("llm_timeout", "0"), ("llm_cost", "0"), ("llm_input_price", "-1"), ("llm_cost", "nan"),
        ("llm_output_price", "free"), ("llm_output_price", "inf"), ("llm_base_url", "here"),
    ],
)  # fmt: skip
def test_a_bad_value_names_its_origin(tmp_path: Path, name: str, value: str) -> None:
    def refused(*args: object, **options: object) -> str:
        with pytest.raises(UsageError) as error:
            load(*args, **{"folder": tmp_path, **options})  # type: ignore[arg-type]
        assert len(str(error.value).splitlines()) == 1
        return str(error.value)

    flag = f"--{name.replace('_', '-')}"
    assert refused({name: value}, environ={}).startswith(f"{flag}: '")
    assert refused({name: value}, environ={"PYORCH_OUTPUT": "x"}).startswith(f"{flag}: '")
    if "\0" not in value:
        variable = f"PYORCH_{name.upper()}"
        assert refused(environ={variable: value}).startswith(f"{variable}: '")
    if name.startswith("llm_"):
        return
    text = value.replace("\0", "\\u0000")
    project(tmp_path, f'[tool.pyorch]\n{name} = "{text}"\n')
    said = refused(environ={})
    assert said.startswith(f"{tmp_path / 'pyproject.toml'}: tool.pyorch.{name}: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.pyorch]\nspeed = 1", "tool.pyorch.speed: is not a setting"),
        ("[tool.pyorch]\ntimeout = []", "tool.pyorch.timeout: []: write a single value"),
        ("[tool.pyorch]\noutput = ['a']", "tool.pyorch.output: ['a']: write a single value"),
        ("[tool.pyorch.cache]\na = 1", "tool.pyorch.cache: {'a': 1}: write a single value"),
        ("[tool.pyorch]\noutput = ''", "tool.pyorch.output: '': is not a path"),
        ("[tool.pyorch]\ntimeout = true", "tool.pyorch.timeout: True: "),
        ("[tool.pyorch]\nseed = 1979-05-27", "tool.pyorch.seed: "),
        ("[tool]\npyorch = 3", "tool.pyorch: is not a table"),
        ("[tool.pyorch\n", "cannot be read: "),
        ("[tool.pyorch]\nseed = 1\nseed = 2\n", "cannot be read: "),
    ],
)
def test_a_bad_project_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        load(environ={}, folder=project(tmp_path, text))
    assert str(error.value).startswith(f"{tmp_path / 'pyproject.toml'}: {words}")
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["", "tool = 3", "[tool]\n", "[tool.ruff]\na = 1", "[pyorch]"])
def test_a_project_file_that_says_nothing_of_us(tmp_path: Path, text: str) -> None:
    config = load(environ={}, folder=project(tmp_path, text))
    assert config == Config(cache=config.cache)


def test_a_project_file_that_is_not_utf8_or_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"# caf\xe9\n")
    with pytest.raises(InputError, match="cannot be read"):
        load(environ={}, folder=tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        load(environ={}, folder=tmp_path)


def test_a_cache_below_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"cache": "~/c"}, environ={}, folder=tmp_path).cache == tmp_path / "c"
    monkeypatch.chdir(tmp_path)
    assert load({"cache": Path("c")}, environ={}, folder=tmp_path).cache == tmp_path / "c"


@given(st.sampled_from(sorted(VALUES)), st.text() | st.integers() | st.floats() | st.booleans())
def test_any_value_is_taken_or_refused(name: str, value: object) -> None:
    try:
        load({name: value}, environ={}, folder=Path("/nonexistent"))
    except PyorchError as error:
        assert str(error).startswith(f"--{name.replace('_', '-')}: ")
        assert len(str(error).splitlines()) == 1
