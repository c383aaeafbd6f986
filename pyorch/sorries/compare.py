"""Following declarations from one scan to another: a matching, by statement and by name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from pyorch.sorries.model import Reach, Run, Scan, Sorry, count

__all__ = ["Change", "Comparison", "Gate", "Thread", "compare", "follow", "gate", "threads"]

Pair = tuple[Sorry | None, Sorry | None]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _if(condition: bool, key: Hashable) -> Hashable:
    return key if condition else None


#: What has to agree for two to be the same, the surest first. None agrees with nothing. The type of
#: a definition says little, and the name of an example nothing.
_KEYS: tuple[Callable[[Sorry], Hashable], ...] = (
    lambda s: (s.file, s.name, s.statement, s.line),
    lambda s: (s.file, s.name, s.statement),
    lambda s: _if(s.kind != "example", (s.name, s.statement)),
    lambda s: _if(s.is_proposition, (s.file, s.statement)),
    lambda s: _if(s.is_proposition, (_last(s.name), s.statement)),
    lambda s: _if(s.is_proposition, s.statement),
    lambda s: _if(s.kind != "example", (s.file, s.name)),
    lambda s: _if(s.kind != "example", s.name),
    lambda s: _if(not s.is_proposition, (s.file, s.kind, s.statement)),
)


def follow(before: Sequence[Sorry], after: Sequence[Sorry]) -> tuple[Pair, ...]:
    """Pair what is the same declaration; each is in exactly one pair.

    Those of ``after`` come first, in their order, then what is gone.
    """
    partner: dict[int, int] = {}
    old, new = set(range(len(before))), set(range(len(after)))
    for key in _KEYS:
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for i in sorted(old, reverse=True):
            waiting[key(before[i])].append(i)
        for j in sorted(new):
            name = key(after[j])
            if name is not None and waiting[name]:
                partner[j] = waiting[name].pop()
        new -= partner.keys()
        old -= set(partner.values())
    pairs: list[Pair] = [
        (before[partner[j]] if j in partner else None, s) for j, s in enumerate(after)
    ]
    return (*pairs, *((before[i], None) for i in sorted(old)))


@dataclass(frozen=True)
class Change:
    """What became of one declaration. One of the two is None if it was added, or is closed.

    Attributes:
        proved: of a closed one: it is there without ``sorry``; if not, it is gone altogether.
    """

    before: Sorry | None
    after: Sorry | None
    proved: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Among added, closed, moved, renamed, changed (its statement); empty if it stayed."""
        if self.before is None:
            return ("added",)
        if self.after is None:
            return ("closed",)
        differs = {
            "moved": self.before.file != self.after.file,
            "renamed": self.before.name != self.after.name,
            "changed": self.before.statement != self.after.statement,
        }
        return tuple(kind for kind, holds in differs.items() if holds)


@dataclass(frozen=True)
class Comparison:
    """The difference between two scans.

    Attributes:
        changes: one for each declaration that rests on ``sorry`` before or after.
        before: how many there were of each reach.
        after: how many there are.
    """

    changes: tuple[Change, ...]
    before: dict[Reach, int]
    after: dict[Reach, int]

    def of(self, kind: str) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if kind in c.kinds)

    @property
    def increase(self) -> int:
        """By how much the number of declarations that use ``sorry`` themselves has grown."""
        return self.after[Reach.DIRECT] - self.before[Reach.DIRECT]

    @property
    def newly_direct(self) -> tuple[Sorry, ...]:
        """Those that use ``sorry`` themselves and did not, or were not there."""
        return tuple(
            c.after
            for c in self.changes
            if c.after is not None
            and c.after.reach is Reach.DIRECT
            and (c.before is None or c.before.reach is not Reach.DIRECT)
        )


def compare(before: Iterable[Sorry], scan: Scan) -> Comparison:
    """What has changed from ``before`` to ``scan``."""
    before = tuple(before)
    named = {(d.name, d.kind) for d in scan.clean if d.kind != "example"}
    stated = {d.statement for d in scan.clean if d.kind in {"theorem", "example"}}
    changes = [
        Change(old, new, old is not None and new is None and _is_there(old, named, stated))
        for old, new in follow(before, scan.sorries)
    ]
    return Comparison(tuple(changes), count(before), count(scan.sorries))


def _is_there(old: Sorry, named: set[tuple[str, str]], stated: set[str]) -> bool:
    return (old.name, old.kind) in named or (old.is_proposition and old.statement in stated)


@dataclass(frozen=True)
class Thread:
    """A declaration over time.

    Attributes:
        latest: as it was when last seen.
        since: the first run that has it.
        closed: the first run after that without it; None while it is open.
    """

    latest: Sorry
    since: Run
    closed: Run | None = None


def threads(runs: Iterable[Run]) -> tuple[Thread, ...]:
    """Follow every declaration through ``runs``, the oldest first. Runs with a problem know nothing
    and are passed over."""
    open_: dict[Sorry, list[Thread]] = defaultdict(list)
    closed: list[Thread] = []
    seen: tuple[Sorry, ...] = ()
    for run in runs:
        if run.problem is not None:
            continue
        now: dict[Sorry, list[Thread]] = defaultdict(list)
        for old, new in follow(seen, run.sorries):
            thread = open_[old].pop() if old is not None else None
            if new is not None:
                now[new].append(Thread(new, thread.since if thread else run))
            elif thread is not None:
                closed.append(Thread(thread.latest, thread.since, run))
        open_, seen = now, run.sorries
    return (*closed, *(t for some in open_.values() for t in some))


@dataclass(frozen=True)
class Gate:
    """What a check of CI says.

    Attributes:
        exit_code: 0 passed, 1 failed, 2 some file does not elaborate.
        reasons: why not 0, one line each.
        blamed: the declarations for which it failed.
    """

    exit_code: int
    reasons: tuple[str, ...] = ()
    blamed: tuple[Sorry, ...] = ()


def gate(
    scan: Scan,
    comparison: Comparison | None = None,
    *,
    fail_on_any: bool = False,
    fail_on_increase: bool = False,
) -> Gate:
    """Judge a scan.

    A file that does not elaborate fails whatever was asked: nothing is known of it.

    Args:
        comparison: with what ``fail_on_increase`` compares; None where there was nothing before.
    """
    if scan.problems:
        files = len({p.file for p in scan.problems})
        some = "1 file does" if files == 1 else f"{files} files do"
        return Gate(2, (f"{some} not elaborate",))
    reasons: list[str] = []
    blamed: list[Sorry] = []
    if fail_on_any and scan.sorries:
        direct = count(scan.sorries)[Reach.DIRECT]
        rest = _declarations(len(scan.sorries))
        reasons.append(f"{rest} on sorry, {direct} of them directly")
        blamed += scan.sorries
    if fail_on_increase and comparison is not None and comparison.increase > 0:
        was, now = comparison.before[Reach.DIRECT], comparison.after[Reach.DIRECT]
        reasons.append(f"declarations that use sorry: {now}, up from {was}")
        blamed += [s for s in comparison.newly_direct if s not in blamed]
    return Gate(1 if reasons else 0, tuple(reasons), tuple(blamed))


def _declarations(number: int) -> str:
    return "1 declaration rests" if number == 1 else f"{number} declarations rest"
