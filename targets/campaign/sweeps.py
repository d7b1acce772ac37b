"""The states of an exploration in parts that are expanded at once, at the speed of C.

What the parts are depends on the states alone, so it is the same search however many processes there are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from ..running.branching import Choice
from ..running.outcome import Outcome
from ..running.sweep import NOTHING, NUMBER, Counts, Sweep, Swept, ToldState, Ways, every_way
from .alphabet import COUNTED, Within
from .goals import unheard

MOST, LEAST, PARTS = 1024, 32, 8
"""States of a part, at the most and at the least; in between, one in so many of those that are left: who is
done with a part waits for the next one, and at the end nobody is to wait long for another one's."""


class State(Protocol):
    """A state of a search: the numbers of the ways that lead to it, two bytes each."""

    @property
    def path(self) -> bytes:
        """They."""
        ...


class Sweeping(Protocol):
    """What is needed of a runner."""

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept | Outcome:
        """All ways on from many states."""
        ...


class Slow(Exception):
    """This is not done at the speed of C."""


AState = TypeVar("AState", bound=State)
Else = TypeVar("Else")


@dataclasses.dataclass(frozen=True)
class SweptPart(Generic[AState, Else]):
    """What came of some states, one after the other: what was told, or what another way found of it."""

    states: Sequence[AState]
    found: Sequence[ToldState | Else]
    counts: Counts


class Sweeps:
    """How states within these bounds are asked for."""

    def __init__(self, within: Within, choices: tuple[Choice, ...], timeout: float) -> None:
        bounds = sorted({(what, c) for what in COUNTED.values() for c in range(within.connections)})
        every = every_way(choices)
        spent = map(within.spent, every)
        spends = tuple(tuple(spending[bound] for bound in bounds) for spending in spent)
        most = tuple(getattr(within, what) for what, _ in bounds)
        self.ways = Ways(choices, spends, most, unheard())
        self.sweep = Sweep(within.empty(), within.bounds(), timeout, b"", 0, 0, False)

    def parts(self, level: Sequence[AState]) -> list[Sequence[AState]]:
        """The states of a level, in the parts in which they are asked for."""
        found: list[Sequence[AState]] = []
        at = 0
        while at < len(level):
            size = max(LEAST, min(MOST, (len(level) - at) // PARTS))
            found.append(level[at : at + size])
            at += size
        return found

    def expand(
        self,
        runner: Sweeping,
        states: Sequence[AState],
        ends_only: bool,
        alone: Callable[[AState], Else],
    ) -> Iterator[SweptPart[AState, Else]]:
        """What comes of all of them; *alone* expands one that is left to others. Raises Slow."""
        while states:
            paths, depth = b"".join(state.path for state in states), len(states[0].path) // NUMBER
            given = dataclasses.replace(self.sweep, paths=paths, depth=depth, states=len(states))
            got = runner.sweep(self.ways, dataclasses.replace(given, ends_only=ends_only))
            if isinstance(got, Swept) and got.slow:
                raise Slow
            # The process died of one of them, or a driver wrote over what it tells.
            if isinstance(got, Outcome) or not (done := states[: max(0, got.done)]):
                yield SweptPart(states, [alone(state) for state in states], NOTHING)
                return
            states = states[len(done) :]
            told = zip(done, _told(got, len(done)), strict=True)
            yield SweptPart(done, [found or alone(state) for state, found in told], got.counts)


def _told(got: Swept, states: int) -> Sequence[ToldState | None]:
    """What is told of so many states; of all of them nothing where that makes no sense."""
    try:
        found = list(got.told())
    except ValueError:
        found = []
    return found if len(found) == states else [None] * states
