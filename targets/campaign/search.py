"""The search among scenarios: what reached something new is kept, and others are bred from it.

New is a place in the target's own code, or the order of magnitude in which it ran; a property with something
to say, two events in a row, a state of the world up to the order of its numbers. Scenarios are bred in
generations, from what was known before each, so that it is the same search however many are played at once.

After libFuzzer and its Entropic schedule: what reached rare things has more children, and what had many
children has fewer.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import filterfalse
from random import Random

from ..chimney.move_kinds import MoveKind
from ..chimney.scenario import Scenario, flat
from ..running.outcome import Outcome
from .breed import Breeder, Marks
from .generate import few, scenario
from .goals import pairs
from .in_its_time import with_time

GENERATION = 25
"""Scenarios that are bred from the same knowledge, at the least."""
GROWS = 10
"""Later they are one in so many of those before: who plays many at once has not to wait so often."""
FRESH = 0.5
"""The part of the scenarios that is drawn, not bred."""

SHORT = 0.5
"""The part of those that are drawn that is short."""


@dataclasses.dataclass(eq=False)
class Kept:
    """A scenario that reached something ``new``: how many moves it has, how many were bred from it since."""

    scenario: Scenario
    marks: Marks
    new: frozenset[Hashable]
    moves: int
    children: int = 0
    rare: float = 0.0

    @property
    def worth(self) -> float:
        """How ``rare`` are the things it reached first, for each of its children."""
        return self.rare / (1 + self.children) + 1e-6


class Search:
    """What is known so far, for one seed: run *k* depends on it and on the generations before."""

    def __init__(self, seed: int, kinds: Mapping[str, MoveKind], patient: bool = False) -> None:
        """*patient*: in every second run the target has time after each move."""
        self.patient = patient
        self.seed = seed
        self.kinds = kinds
        self.kept: list[Kept] = []
        self.reached: Counter[Hashable] = Counter()
        self.first: dict[Hashable, Kept] = {}  # by which scenario each was reached first
        self.worth: list[float] = []

    def generations(self, runs: int) -> Iterator[list[Scenario]]:
        """So many scenarios; asking for more adds to the same ones."""
        first = 0
        while first < runs:
            end = first + max(GENERATION, first // GROWS)
            self._weigh()
            drawn = ((k, self._next(k)) for k in range(first, min(end, runs)))
            yield [with_time(one, self.kinds) if self.patient and k % 2 else one for k, one in drawn]
            first = end

    def learn(self, played: Scenario, outcome: Outcome) -> None:
        """Take note of what came of a scenario; what ended its process teaches nothing."""
        covered = {*outcome.ran, *outcome.states, *outcome.reached, *pairs(outcome.happened)}
        new = frozenset(filterfalse(self.reached.__contains__, covered))
        self.reached.update(covered)
        if outcome.death is not None:
            return
        moves = sum(1 for _ in flat(played.moves))
        self._shorten(played, outcome.marks, moves, covered)
        if new:
            kept = Kept(played, outcome.marks, new, moves)
            self.kept.append(kept)
            self.first.update(dict.fromkeys(new, kept))

    def _shorten(self, played: Scenario, marks: Marks, moves: int, covered: Collection[Hashable]) -> None:
        """A scenario with fewer moves that reaches what another one is kept for takes its place."""
        for kept, met in Counter(map(self.first.get, covered)).items():
            if kept and met == len(kept.new) and moves < kept.moves:
                kept.scenario, kept.marks, kept.moves = played, marks, moves

    def _next(self, k: int) -> Scenario:
        rng = Random(f"{self.seed} {k}")
        if not self.kept or rng.random() < FRESH:
            return (few if rng.random() < SHORT else scenario)(rng, self.kinds)
        first, second = rng.choices(range(len(self.kept)), self.worth, k=2)
        parent, other = self.kept[first], self.kept[second]
        parent.children += 1
        self.worth[first] = parent.worth
        return Breeder(rng, self.kinds).child(parent.scenario, parent.marks, other.scenario)

    def _weigh(self) -> None:
        """What each is worth so far; nothing is learned while a generation is drawn."""
        for kept in self.kept:
            kept.rare = self._rare(kept)
        self.worth = [kept.worth for kept in self.kept]

    def _rare(self, kept: Kept) -> float:
        """How many of the things it reached first are rare still."""
        # exact: a set of names has another order in each process
        return math.fsum(1 / self.reached[thing] for thing in kept.new)
