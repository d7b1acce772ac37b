"""What the runs of a target reached, of what the model's world has in it.

Possible are the actions and pairs of consecutive actions that the stored scenarios show
on the reference target; others, which right targets may show too, are counted apart.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..running.outcome import Outcome
from ..running.sweep import Counts
from .goals import event, pairs
from .stored import Stored

KINDS = ("actions", "premises", "pairs")


@dataclasses.dataclass(frozen=True)
class Reached:
    """Of one kind: how often each possible thing was reached, what never was, what came besides."""

    runs: Mapping[str, int] = dataclasses.field(default_factory=dict)
    never: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()

    @property
    def possible(self) -> int:
        """How much there is to reach."""
        return len(self.runs) + len(self.never)


@dataclasses.dataclass(frozen=True)
class Coverage:
    """The three kinds; and for each source its runs, and how much of each kind they reached."""

    actions: Reached = Reached()
    premises: Reached = Reached()
    pairs: Reached = Reached()
    sources: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    def kinds(self) -> dict[str, Reached]:
        """By name."""
        return {kind: getattr(self, kind) for kind in KINDS}

    def to_json(self) -> dict[str, Any]:
        """The whole as JSON data."""
        return {
            "sources": {name: dict(counts) for name, counts in self.sources.items()},
            **{
                kind: {
                    "reached": dict(part.runs),
                    "never_reached": list(part.never),
                    "besides": list(part.besides),
                }
                for kind, part in self.kinds().items()
            },
        }


def coverage_from_json(data: Mapping[str, Any]) -> Coverage:
    """What :meth:`Coverage.to_json` wrote."""
    kinds = {
        kind: Reached(data[kind]["reached"], tuple(data[kind]["never_reached"]), tuple(data[kind]["besides"]))
        for kind in KINDS
    }
    return Coverage(**kinds, sources=data["sources"])


class Tally:
    """Counts runs as they come in."""

    def __init__(self, stored: Stored, premises: Iterable[str], added: Iterable[str] = ()) -> None:
        """*added*: events that a user's part brings, which a run may show as well."""
        names = {kind: _reachable(stored, kind) for kind in ("action", "pair")}
        self.possible = {
            "actions": tuple(dict.fromkeys((*(event(name) for name in names["action"]), *added))),
            "premises": tuple(premises),
            "pairs": tuple(dict.fromkeys(_shown(*name.split(" > ")) for name in names["pair"])),
        }
        self.counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self.runs: Counter[str] = Counter()
        self.by_source: dict[str, dict[str, set[str]]] = {}

    def add(self, source: str, outcome: Outcome) -> None:
        """A run of a scenario from *source*."""
        shown = {
            "actions": dict.fromkeys(outcome.happened, 1),
            "premises": dict.fromkeys(outcome.reached, 1),
            "pairs": dict.fromkeys(map(_pair, pairs(outcome.happened)), 1),
        }
        self._add(source, 1, shown)

    def count(self, source: str, counts: Counts) -> None:
        """Runs of which it is known in how many what happened."""
        rows = {_pair(pair): runs for pair, runs in counts.pairs.items()}
        self._add(
            source, counts.runs, {"actions": counts.happened, "premises": counts.reached, "pairs": rows}
        )

    def _add(self, source: str, runs: int, shown: Mapping[str, Mapping[str, int]]) -> None:
        mine = self.by_source.setdefault(source, {kind: set() for kind in KINDS})
        self.runs[source] += runs
        for kind, names in shown.items():
            self.counts[kind].update(names)
            mine[kind] |= names.keys()

    def coverage(self) -> Coverage:
        """The account so far."""
        sources = {
            name: {"runs": self.runs[name]}
            | {kind: len(names.intersection(self.possible[kind])) for kind, names in mine.items()}
            for name, mine in self.by_source.items()
        }
        return Coverage(**{kind: self._reached(kind) for kind in KINDS}, sources=sources)

    def _reached(self, kind: str) -> Reached:
        possible, counts = self.possible[kind], self.counts[kind]
        return Reached(
            {name: counts[name] for name in possible if counts[name]},
            tuple(name for name in possible if not counts[name]),
            tuple(sorted(counts.keys() - set(possible))),
        )


@functools.cache
def _pair(pair: tuple[str, str]) -> str:
    return " > ".join(pair)


def _shown(first: str, second: str) -> str:
    return f"{event(first)} > {event(second)}"


def _reachable(stored: Stored, kind: str) -> list[str]:
    """The names of the goals of a kind that some scenario reaches."""
    prefix = f"{kind}: "
    return [
        n.removeprefix(prefix) for n, known in stored.goals.items() if n.startswith(prefix) and known.scenario
    ]
