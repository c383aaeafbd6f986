"""Which modules a file of a user's project imports, and where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch.errors import InputError
from pyorch.lean.sources import imported_modules, lean_files, modules_at, project_root


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.lean"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_root_is_where_the_lakefile_is(tmp_path: Path) -> None:
    write(tmp_path, A__B="", A__A__B="", lakefile="")
    assert project_root(tmp_path / "A" / "File.lean", ("A.B",)) == tmp_path
    (tmp_path / "A" / "lakefile.toml").touch()
    assert project_root(tmp_path / "A" / "File.lean", ("A.B",)) == tmp_path / "A"


def test_without_a_lakefile_it_is_where_the_first_import_is(tmp_path: Path) -> None:
    write(tmp_path, A__B="", C__D__File="")
    file = tmp_path / "C" / "D" / "File.lean"
    assert project_root(file, ("Init", "PyOrch", "A.B")) == tmp_path
    assert project_root(file, ("Nowhere.At.All",)) == file.parent
    assert project_root(file, ()) == file.parent


def test_modules_are_read_once_with_what_they_import(tmp_path: Path) -> None:
    write(tmp_path, A="import B\nimport C.D\n", B="import C.D\nimport Std\n", C__D="", Other="(")
    modules = imported_modules(tmp_path / "File.lean", ("A", "PyOrch.Field", "Lean"))
    assert sorted(m.name for m in modules) == ["A", "B", "C.D"]


def test_files_are_named_as_one_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, p__A="")
    monkeypatch.chdir(tmp_path)
    (module,) = imported_modules(Path("p/File.lean"), ("A",))
    assert module.file == "p/A.lean"


@pytest.mark.parametrize(
    ("imports", "problem"),
    [
        (("A", "B"), "File.lean: import: unknown module 'B': .*B.lean is not there"),
        (("A.B",), "File.lean: import: unknown module 'A.B'"),
        (("C",), "C.lean: import: unknown module 'D.E'"),
        (("Lake.A",), "'Lake.A' cannot be the name of a module"),
    ],
)
def test_what_is_not_there(tmp_path: Path, imports: tuple[str, ...], problem: str) -> None:
    write(tmp_path, A="", C="import D.E\n", Lake__A="")
    with pytest.raises(InputError, match=problem):
        imported_modules(tmp_path / "File.lean", imports)


def test_files_of_folders_are_listed_once(tmp_path: Path) -> None:
    write(tmp_path, p__A="", p__B__C="", D="")
    files = lean_files([tmp_path / "D.lean", tmp_path / "p", tmp_path / "p" / "A.lean"])
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        "D.lean",
        "p/A.lean",
        "p/B/C.lean",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no Lean file"):
        lean_files([tmp_path / "D.lean", tmp_path / "empty"])


def test_files_of_a_folder_come_after_what_they_import(tmp_path: Path) -> None:
    write(tmp_path, A="import B.C\nimport Nowhere\n", B__C="import D\n", D="", E="")
    order = [f.relative_to(tmp_path).as_posix() for f in lean_files([tmp_path])]
    assert sorted(order) == ["A.lean", "B/C.lean", "D.lean", "E.lean"]
    assert order.index("D.lean") < order.index("B/C.lean") < order.index("A.lean")
    write(tmp_path, D="import A\n")
    assert len(lean_files([tmp_path])) == 4


def names(*paths: Path) -> set[str]:
    return {module.name for module in modules_at(paths)}


def test_a_file_is_taken_with_what_it_imports(tmp_path: Path) -> None:
    write(tmp_path, p__A="import B\nimport PyOrch.Field\n", p__B="import Gone\n", p__C="")
    assert names(tmp_path / "p" / "A.lean") == {"A", "B"}
    assert names(tmp_path / "p" / "C.lean", tmp_path / "p" / "A.lean") == {"A", "B", "C"}
    assert names(tmp_path / "p", tmp_path / "p" / "A.lean") == {"A", "B", "C"}


def test_a_file_is_named_as_it_is_imported(tmp_path: Path) -> None:
    write(tmp_path, Clamp="", Gate__Clamp="import Clamp\n", Top="import Gate.Clamp\n")
    clamp, top = tmp_path / "Gate" / "Clamp.lean", tmp_path / "Top.lean"
    assert names(clamp) == {"Clamp", "Gate.Clamp"}
    assert names(clamp, top) == names(top, clamp) == {"Clamp", "Gate.Clamp", "Top"}
    (tmp_path / "lakefile.toml").touch()
    write(tmp_path, **{"my notes__x": "import Clamp\n"})
    assert names(tmp_path / "my notes" / "x.lean") == {"Clamp", "x"}


def test_two_modules_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, p__A="", q__A="")
    with pytest.raises(InputError, match=r"is the module 'A', as .*A\.lean is"):
        modules_at([tmp_path / "p", tmp_path / "q"])
