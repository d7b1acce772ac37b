"""Making a scenario small: fewer moves, simpler trees, smaller numbers, while it still breaks the same.

Works on the data of the scenario, so that stored and random ones shrink alike and every
property that one run broke gets a scenario of its own. The result is one-minimal, unless
the budget ran out: none of its :func:`neighbors` breaks the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ...model.chimney.shapes import SHAPES, Offload
from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario, amount, size

T = TypeVar("T")
Moves = tuple[Move, ...]
NUMBERS = ("conn", "m", "n")
"""What of a move can be lowered."""


@dataclasses.dataclass
class RunsLeft:
    """Runs that may still be made. Counted, not timed: a machine that is busy finds the same."""

    left: int


def shrink(scenario: Scenario, breaks: Callable[[Scenario], bool], budget: RunsLeft) -> Scenario:
    """The smallest scenario found for which *breaks* still holds, as it does for *scenario*."""
    search = _Search(scenario, breaks, budget)
    with contextlib.suppress(_Spent):
        search.run()
    return search.best


def neighbors(scenario: Scenario) -> Iterator[Scenario]:
    """Every scenario that is simpler in one place: one move less, one number less, a simpler tree."""
    moves = scenario.moves
    for fewer in _one_less(moves):
        yield dataclasses.replace(scenario, moves=fewer)
    yield from _simpler_worlds(scenario)
    for numbers in _one_lower(moves):
        yield dataclasses.replace(scenario, moves=numbers)


class _Spent(Exception):
    """The budget is used up."""


class _Search:
    """The boldest changes first; each accepted one is where the next begins."""

    def __init__(self, scenario: Scenario, breaks: Callable[[Scenario], bool], budget: RunsLeft) -> None:
        self.best = scenario
        self.breaks = breaks
        self.budget = budget
        self.tried = {scenario}

    def run(self) -> None:
        """Until nothing is left to be had."""
        before = None
        while before != self.best:
            before = self.best
            self._cut_end()
            self._drop()
            for simpler in _simpler_worlds(self.best):
                self._accepts(simpler)
            self._lower()
            if before == self.best:
                any(self._accepts(n) for n in neighbors(self.best))

    def _accepts(self, candidate: Scenario) -> bool:
        """Whether *candidate* is smaller and still breaks; it is the best one then."""
        if candidate in self.tried or size(candidate) >= size(self.best):
            return False
        if self.budget.left <= 0:
            raise _Spent
        self.budget.left -= 1
        self.tried.add(candidate)
        if self.breaks(candidate):
            self.best = candidate
            return True
        return False

    def _takes(self, moves: Moves) -> bool:
        return self._accepts(dataclasses.replace(self.best, moves=moves))

    def _cut_end(self) -> None:
        """What comes after the breach is not needed: halve the distance to it."""
        needed, whole = 0, self.best.moves
        while needed < len(self.best.moves):
            middle = (needed + len(self.best.moves)) // 2
            if not self._takes(whole[:middle]):
                needed = middle + 1

    def _drop(self) -> None:
        """Take out ever shorter stretches of moves, the last ones first."""
        length = len(self.best.moves) // 2
        while length:
            start = len(self.best.moves) - length
            while start >= 0:
                moves = self.best.moves
                self._takes(moves[:start] + moves[start + length :])
                start = min(start - 1, len(self.best.moves) - length)
            length //= 2
        while any(self._takes(fewer) for fewer in _inner(self.best.moves)):
            pass

    def _lower(self) -> None:
        """Lower each number as far as it goes, by halving."""
        for k in range(len(self.best.moves)):
            for name in NUMBERS:
                self._lower_one(k, name)

    def _lower_one(self, k: int, name: str) -> None:
        move = self.best.moves[k]
        simplest = amount(move.kind, name).simplest
        if simplest:
            self._set(k, **{name: simplest})
            return
        low, high = 0, abs(getattr(move, name))
        for value in (0, 1):
            if low < high and self._set(k, **{name: value}):
                return
        low = 2
        while low < high:
            middle = (low + high) // 2
            if self._set(k, **{name: middle}):
                high = middle
            else:
                low = middle + 1

    def _set(self, k: int, **numbers: Any) -> bool:
        return self._takes(_with(self.best.moves, k, dataclasses.replace(self.best.moves[k], **numbers)))


def _with(items: tuple[T, ...], k: int, item: T) -> tuple[T, ...]:
    return (*items[:k], item, *items[k + 1 :])


def _one_less(moves: Moves) -> Iterator[Moves]:
    """Without one move, at the top or in what happens meanwhile."""
    for k in reversed(range(len(moves))):
        yield moves[:k] + moves[k + 1 :]
    yield from _inner(moves)


def _inner(moves: Moves) -> Iterator[Moves]:
    """Without one of the moves that happen meanwhile."""
    for k, move in enumerate(moves):
        for then in _one_less(move.then):
            yield _with(moves, k, dataclasses.replace(move, then=then))


def _one_lower(moves: Moves) -> Iterator[Moves]:
    """With one number lower."""
    for k, move in enumerate(moves):
        for then in _one_lower(move.then):
            yield _with(moves, k, dataclasses.replace(move, then=then))
        for name in NUMBERS:
            for less in amount(move.kind, name).simpler(getattr(move, name)):
                number: Any = {name: less}
                yield _with(moves, k, dataclasses.replace(move, **number))


def _simpler_worlds(scenario: Scenario) -> Iterator[Scenario]:
    """Fewer connections, a simpler tree, plainer sequence numbers and windows."""
    for count in range(1, len(scenario.offloads)):
        kept = tuple(m for m in scenario.moves if m.conn < count)
        yield dataclasses.replace(scenario, offloads=scenario.offloads[:count], moves=kept)
    for name in SHAPES:
        yield dataclasses.replace(scenario, shape=name)
    for c, offload in enumerate(scenario.offloads):
        for simpler in _simpler_offloads(offload):
            yield dataclasses.replace(scenario, offloads=_with(scenario.offloads, c, simpler))


def _simpler_offloads(offload: Offload) -> Iterator[Offload]:
    plain = Offload()
    yield plain
    for field in dataclasses.fields(Offload):
        yield dataclasses.replace(offload, **{field.name: getattr(plain, field.name)})
