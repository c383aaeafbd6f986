"""Make the example's history: a git repository with a commit for each folder in ``steps/``.

    python examples/burndown/make_history.py FOLDER

The ids of the commits are the same each time. Then, in that folder:

    pyorch sorries --commits 20 --report burndown.svg
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

STEPS = Path(__file__).parent / "steps"
FIRST = 1_767_258_000  # 1 January 2026, 9 o'clock
APART = 2 * 24 * 60 * 60


def make_history(folder: Path) -> None:
    """Write the repository to a folder that is new or empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty")
    _git(folder, 0, "init", "--quiet", "--initial-branch=main")
    for number, step in enumerate(sorted(STEPS.iterdir())):
        for old in folder.glob("*.lean"):
            old.unlink()
        for new in step.glob("*.lean"):
            shutil.copyfile(new, folder / new.name)
        subject = step.name.partition("-")[2].replace("_", " ").capitalize()
        time = FIRST + number * APART
        _git(folder, time, "add", "--all")
        _git(folder, time, "commit", "--quiet", "--no-verify", f"--message={subject}")


def _git(folder: Path, time: int, *arguments: str) -> None:
    settings = ("user.name=Example", "user.email=example@example.org", "commit.gpgsign=false",
                "core.autocrlf=false")  # fmt: skip
    configuration = [part for setting in settings for part in ("-c", setting)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_AUTHOR_DATE": f"{time} +0000", "GIT_COMMITTER_DATE": f"{time} +0000",
                    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}  # fmt: skip
    command = ["git", "-C", str(folder), *configuration, *arguments]
    subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    make_history(Path(sys.argv[1]))
