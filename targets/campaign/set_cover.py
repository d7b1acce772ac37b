"""A few short scenarios that reach many goals: a greedy cover, and one scenario for two where that works."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario, size

SETUP = 12
"""What a run costs besides its calls, in calls: offloading, resuming, returning."""
LONGEST = 16
"""Moves of a scenario that was put together of others."""
TRIED = 8
"""Scenarios that another one is tried together with."""


@dataclasses.dataclass(frozen=True)
class GoalsOf:
    """A scenario, the goals it reaches (by id), and the calls that playing it takes."""

    scenario: Scenario
    reaches: frozenset[str]
    calls: int


@dataclasses.dataclass(frozen=True)
class Chosen:
    """A scenario, and the goals that it is to reach."""

    scenario: Scenario
    share: frozenset[str]


def cover(candidates: Iterable[GoalsOf], wanted: Iterable[str]) -> list[Chosen]:
    """Scenarios that together reach what is *wanted*, the most for its calls first."""
    left, pool = set(wanted), list(candidates)
    chosen: list[Chosen] = []

    def worth(candidate: GoalsOf) -> tuple[float, list[int]]:
        gain = len(candidate.reaches & left) / (SETUP + candidate.calls)
        return gain, [-n for n in size(candidate.scenario)]

    while left and pool:
        best = max(pool, key=worth)
        share = best.reaches & left
        if not share:
            break
        chosen.append(Chosen(best.scenario, share))
        left -= share
        pool = [c for c in pool if c.reaches & left]
    return chosen


def joined(parts: Iterable[Chosen], reaches: Callable[[Scenario, frozenset[str]], bool]) -> list[Chosen]:
    """The same goals in fewer scenarios: each is tried together with those before it."""
    whole: list[Chosen] = []
    for part in parts:
        for k in range(len(whole) - 1, max(-1, len(whole) - 1 - TRIED), -1):
            share = whole[k].share | part.share
            both = (s for s in _together(whole[k].scenario, part.scenario) if reaches(s, share))
            found = next(both, None)
            if found is not None:
                whole[k] = Chosen(found, share)
                break
        else:
            whole.append(part)
    return whole


def _together(left: Scenario, right: Scenario) -> Iterator[Scenario]:
    """One after the other, either way, in the world of either; the first one without its hand-off."""
    for first, second in ((left, right), (right, left)):
        moves = (*_before_hand_off(first.moves), *second.moves)
        if len(moves) <= LONGEST:
            for world in (first, second):
                if all(m.conn < len(world.offloads) for m in moves):
                    yield dataclasses.replace(world, moves=moves)


def _before_hand_off(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    end = next((k for k, m in enumerate(moves) if m.kind == "terminate"), len(moves))
    return moves[:end]
