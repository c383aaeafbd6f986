"""A Lean project that anyone with Lean can build: a proof, and the part of the library below it.

`lake build` in the folder checks the proof with an official Lean and nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyorch.errors import OutputError
from pyorch.lean.build import closure, library_modules, split_header
from pyorch.output import write_text
from pyorch.resources import lean_dir

__all__ = ["ROOT", "require_empty", "write_project"]

ROOT = "Certificate"
"""Name of the module with the proof."""

_LAKEFILE = f"""\
import Lake
open Lake DSL

package certificate

/-- The part of pyorch's theorem library that the proof rests on. -/
lean_lib PyOrch

/-- The proof. -/
@[default_target]
lean_lib {ROOT}
"""

_README = """\
# A proof written by pyorch

    lake build

checks it with the version of Lean in `lean-toolchain` (elan fetches that one by itself).
`{root}.lean` states and proves the theorem; its last lines print the axioms on which it rests, of
which Lean's own are `propext`, `Classical.choice` and `Quot.sound`. `PyOrch/` is the part of
pyorch's library that it uses.
"""


def require_empty(folder: Path) -> None:
    """Refuse early, before long work, a folder that has something in it.

    Raises:
        OutputError: it has, or is none.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise OutputError(f"{folder} is not empty")
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error


def write_project(folder: Path, text: str, theorems: Iterable[str]) -> tuple[Path, ...]:
    """Write the project to a new or empty folder.

    Args:
        text: the Lean file with the proof.
        theorems: fully qualified names, whose axioms the build prints.

    Returns:
        The files, the one with the proof first.

    Raises:
        OutputError: the folder has something in it, or cannot be written.
    """
    require_empty(folder)
    imports, _ = split_header(text, ROOT)
    axioms = "".join(f"\n#print axioms {name}" for name in theorems)
    sources = lean_dir()
    files = {
        f"{ROOT}.lean": text.rstrip("\n") + "\n" + axioms + "\n",
        "lakefile.lean": _LAKEFILE,
        "lean-toolchain": (sources.parent / "lean-toolchain").read_text(encoding="utf-8"),
        "README.md": _README.format(root=ROOT),
    }
    for module in closure(imports, library_modules(sources)):
        path = Path(module.file)
        files[str(path.relative_to(sources))] = path.read_text(encoding="utf-8")
    for name, text in files.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in files)
