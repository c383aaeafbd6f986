"""How many theorems of Lean's own library does the search prove again, and a portfolio of tactics?

    python benchmarks/search/run.py --split dev --goals 40 --seconds 10     # a short run
    python benchmarks/search/run.py --split test --update                   # the real one: hours
    python benchmarks/search/run.py --split test --table                    # of what is there

Each trial is a line of JSON in results.jsonl; a run that was ended goes on where it was. No
language model takes part. ``--update`` writes the table into README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from goals import Goal, Setting, load_goals, setting_of
from methods import MCTS, PLAIN, SINGLES, Trial, run_single, run_tree
from summary import summary, update

from pyorch.config import load
from pyorch.errors import PyorchError
from pyorch.lean.protocol import Environment, Server
from pyorch.lean.workbench import Workbench
from pyorch.search.model import Suggester
from pyorch.search.puct import TreeSettings
from pyorch.search.suggest.combined import model_free
from pyorch.search.suggest.premises import PremiseIndex, PremiseSuggester
from pyorch.search.suggest.priors import load_priors
from pyorch.search.theorems import theorems_of

FOLDER = Path(__file__).parent
GROUPS = {"portfolio": SINGLES, "mcts": (MCTS,), "plain": (PLAIN,)}


class Bench:
    """What the trials share: a server, and the theorems that may be quoted in an environment."""

    def __init__(self, bench: Workbench, seed: int) -> None:
        self._bench, self._seed = bench, seed
        self._environment: Environment | None = None
        self._index = PremiseIndex(())

    @cached_property
    def server(self) -> Server:
        return self._bench.server()

    def setting(self, goal: Goal) -> Setting:
        return setting_of(goal, self._bench, self.server)

    def suggester(self, environment: Environment, *, priors: bool) -> Suggester:
        if environment != self._environment:
            cache, key = self._bench.config.cache, self._bench.toolchain.key
            theorems = theorems_of(self.server, environment, cache, key, limits=self._bench.limits)
            self._index, self._environment = PremiseIndex(theorems), environment
        learned = load_priors() if priors else None
        return model_free(PremiseSuggester(self._index), learned, seed=self._seed)

    def trial(self, goal: Goal, setting: Setting, method: str, seconds: float) -> Trial:
        if method in SINGLES:
            return run_single(self.server, goal, setting, method.strip("`"), seconds)
        suggester = self.suggester(setting.environment, priors=method == MCTS)
        settings = TreeSettings(seed=self._seed)
        return run_tree(self.server, goal, setting, method, suggester, settings, seconds)


def read(path: Path) -> list[Trial]:
    """The trials so far; a line that was cut off by the end of a run is left out."""
    found = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            found.append(Trial(**json.loads(line)))
        except (ValueError, TypeError):
            print(f"{path}: a line is left out: {line:.60}", file=sys.stderr)
    return found


def missing(
    bench: Bench,
    goals: Sequence[Goal],
    methods: Sequence[str],
    seconds: float,
    done: Collection[tuple[str, str]],
) -> Iterator[Trial]:
    """Do the trials that are not done, those of one module together."""
    for number, goal in enumerate(goals):
        todo = [method for method in methods if (goal.name, method) not in done]
        if not todo:
            continue
        try:
            setting = bench.setting(goal)
            for method in todo:
                yield bench.trial(goal, setting, method, seconds)
        except PyorchError as error:
            print(f"{goal.name}: {error}", file=sys.stderr)
        print(f"{number + 1} of {len(goals)}: {goal.name}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("dev", "test", "library"), default="dev")
    parser.add_argument("--seconds", type=float, default=30.0, help="for a goal and a method")
    parser.add_argument("--goals", type=int, default=None, help="only so many")
    parser.add_argument("--methods", default="portfolio,mcts,plain", help="of these three")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=FOLDER / "results.jsonl")
    parser.add_argument("--table", action="store_true", help="no trials, only the table")
    parser.add_argument("--update", action="store_true", help="write README.md")
    asked = parser.parse_args()

    goals = load_goals(asked.split)[: asked.goals]
    goals.sort(key=lambda goal: (goal.module, goal.name))
    methods = [m for group in asked.methods.split(",") for m in GROUPS[group]]
    names = {goal.name for goal in goals}

    def chosen() -> list[Trial]:
        return [t for t in read(asked.results) if t.budget == asked.seconds and t.goal in names]

    if not asked.table:
        done = {(t.goal, t.method) for t in chosen()}
        with (
            Workbench(load({"daemon": False}), lambda s: print(s.stage, file=sys.stderr)) as lean,
            asked.results.open("a", encoding="utf-8") as results,
        ):
            for trial in missing(Bench(lean, asked.seed), goals, methods, asked.seconds, done):
                results.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
                results.flush()
    text = summary(chosen(), asked.split, asked.seconds)
    print(text)
    if asked.update:
        update(FOLDER / "README.md", asked.split, text)


if __name__ == "__main__":
    main()
