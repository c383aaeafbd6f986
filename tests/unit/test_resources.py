"""Where the Lean library, templates and prompts are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch.errors import ToolchainError
from pyorch.resources import _find, lean_dir, prompts_dir, templates_dir


def test_a_checkout_has_everything() -> None:
    assert (lean_dir() / "PyOrch" / "Quantization.lean").is_file()
    assert (templates_dir() / "quantization_error_bound.lean.j2").is_file()
    assert prompts_dir().is_dir()


def test_a_wheel_has_it_inside_the_package(tmp_path: Path) -> None:
    inside = tmp_path / "site-packages" / "pyorch" / "_data" / "lean"
    inside.mkdir(parents=True)
    (tmp_path / "site-packages" / "lean").mkdir()
    assert _find("lean", tmp_path / "site-packages" / "pyorch") == inside


def test_a_foreign_folder_beside_the_package_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    with pytest.raises(ToolchainError, match="lacks its folder 'templates'") as error:
        _find("templates", tmp_path / "pyorch")
    assert "\n" not in str(error.value)
    (tmp_path / "pyproject.toml").touch()
    assert _find("templates", tmp_path / "pyorch") == tmp_path / "templates"
