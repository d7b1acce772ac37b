"""Every run within bounds: breadth first over the states that driver and world can reach together.

A state is visited once, by a shortest run that leads there; so the first finding is a shortest one.
States are told apart by the world *and* by what the target remembers (:mod:`..running.fingerprint`). Each is
expanded by one of several processes, and what came of it is taken in the order of the states: it is the same
exploration however many there are.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Protocol

from ..judging.misbehaviour import FATAL, HUNG
from ..machine.memory import peak
from ..running.branching import Choice, Edge, Expand, Expanded, Moves
from ..running.outcome import Outcome
from ..running.quick.quick import plays
from .alphabet import Within

UNSTEADY = "the target does not do the same again when it is played the same"
FOUND = "what is broken is broken by shorter runs already"
MOST_HANGS, MOST_DEATHS = 2, 10
"""Runs that hang, or end their process, before an exploration is given up: each is slow."""
MOST_MEGABYTES, LOOK = 4096, 500
"""Of memory that the search may take; after so many states it is looked at."""
PLAYED_AGAIN = 5
"""Times the work of going back to a state that it takes to play up to it again."""


@dataclasses.dataclass
class Explored:
    """How far an exploration came.

    ``states`` were visited, over ``transitions``; every run of up to ``depth`` steps was made, and longer
    ones lead nowhere else if it is ``closed``; else they go on from so many states that are ``left``.
    ``besides`` has what was explored of other trees. ``opaque``: what of the target could not be looked into.
    ``apart``: each run was made in a process of its own, since in one process they did not do the same again.
    ``stopped`` says why there is more to explore within the bounds, if there is.
    """

    within: Within
    states: int = 0
    transitions: int = 0
    depth: int = -1
    closed: bool = False
    left: int = 0
    opaque: str = ""
    apart: bool = False
    stopped: str = ""
    besides: tuple[Explored, ...] = ()


def explored_from_json(data: Mapping[str, Any]) -> Explored:
    """What ``dataclasses.asdict`` made of one. Raises ValueError or TypeError for anything else."""
    besides = tuple(map(explored_from_json, data["besides"]))
    return Explored(**{**data, "within": Within.of(data["within"]), "besides": besides})


@dataclasses.dataclass(frozen=True)
class _State:
    """A state that was reached: by which moves, and its key. Runs may have ``ended`` there already."""

    moves: Moves
    key: bytes
    ended: bool = False


@dataclasses.dataclass(frozen=True)
class _Ways:
    """What came of expanding a state; the key is empty if it was not the same each time."""

    key: bytes
    edges: tuple[Edge, ...]
    opaque: str = ""


class Expands(Protocol):
    """What an exploration needs of a runner, or of who stands for it."""

    def expand(self, request: Expand) -> Expanded | Outcome:
        """All ways on from a state; or the death of the process in which they were tried."""
        ...


class _Again(Exception):
    """The exploration has to begin again, in another way."""


class Exploration:
    """A search through all states within bounds. ``explored`` tells how far it is, at any time.

    *hears* is told of each way on from a state, with the moves that led to it; *progress* after each step.
    """

    def __init__(
        self,
        runners: Sequence[Expands],
        within: Within,
        choices: Sequence[Choice],
        timeout: float,
        hears: Callable[[Moves, Edge], None],
        progress: Callable[[str], None],
        quick: bool = False,
    ) -> None:
        """*quick*: at the speed of C, as far as that can be."""
        self.within, self.choices, self.timeout = within, tuple(choices), timeout
        self.endings = tuple(choice for choice in choices if choice.ends)
        self.hears, self.progress = hears, progress
        self.empty, self.bounds = within.empty(), within.bounds()
        self.free: SimpleQueue[Expands] = SimpleQueue()
        for runner in runners:
            self.free.put(runner)
        self.workers = len(runners)
        self.open: dict[tuple[object, bool, int], tuple[Choice, ...]] = {}
        self.by_calls = self.apart = self.goes_back = False
        self.quick = quick and plays(choices)
        self.explored = Explored(within)

    def run(self, everything: bool = False) -> None:
        """Explore, until all is explored or something ends it; what does is in ``explored``.

        *everything*: something broken does not.
        """
        self.everything = everything
        while True:
            with ThreadPoolExecutor(self.workers) as pool:
                try:
                    return self._levels(pool)
                except _Again:
                    pass
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)

    def _levels(self, pool: ThreadPoolExecutor) -> None:
        explored = self.explored = Explored(self.within, opaque=self.explored.opaque, apart=self.apart)
        self.seen: set[bytes] = set()
        self.broken: list[str] = []
        level = [_State((), b"")]
        for depth in range(self.within.moves + 1):
            self.progress(f"{explored.states} states, {explored.transitions} transitions, {depth} steps deep")
            explored.left = len(level)
            last = depth == self.within.moves or self._enough(len(level))
            level = list(self._level(pool, level, last))
            if explored.stopped:
                return
            explored.depth = depth
            explored.closed = not (level or self.broken or last)
            if explored.closed:
                explored.left = 0
            if self.broken and not self.everything and not last:
                explored.stopped = FOUND
            if explored.stopped or not level:
                return

    def _enough(self, states: int) -> bool:
        """Whether no longer runs are to be made than those that lead to so many states."""
        work = states if self.goes_back else PLAYED_AGAIN * states
        return 0 < self.within.enough <= work

    def _level(self, pool: ThreadPoolExecutor, level: Sequence[_State], last: bool) -> Iterator[_State]:
        """The states to which those of *level* lead that were not visited before."""
        explored = self.explored
        choices = tuple(c for c in self.choices if c.ends or not last)
        for state, ways in zip(
            level, pool.map(lambda state: self._expand(state, choices), level), strict=True
        ):
            self._steady(state, ways)
            if not state.moves:
                self.seen.add(ways.key)
            explored.states += 1
            for edge in ways.edges:
                self._hear(state, edge)
                explored.transitions += not edge.choice.ends
                if edge.key and edge.key not in self.seen:
                    self.seen.add(edge.key)
                    yield self._reached(state, edge)
            if self.within.states and explored.states >= self.within.states:
                explored.stopped = f"{explored.states} states were visited"
            elif explored.states % LOOK == 0 and peak() > MOST_MEGABYTES:
                explored.stopped = f"the search takes more than {MOST_MEGABYTES} MB of memory"
            if explored.stopped:
                return

    def _reached(self, state: _State, edge: Edge) -> _State:
        """A state that was not visited before; runs that ended in it already are heard.

        Only those that came by this edge: what others found first depends on which process was faster.
        """
        self.goes_back = self.goes_back or bool(edge.endings)
        found = _State(state.moves + edge.choice.moves, edge.key, bool(edge.endings))
        for ending in edge.endings:
            self._hear(found, ending)
        return found

    def _steady(self, state: _State, ways: _Ways) -> None:
        """The state must be the one that was reached before; raises _Again if another way may help."""
        if ways.opaque:
            self.by_calls, self.explored.opaque = True, ways.opaque
            raise _Again
        if not ways.key or ways.key != (state.key or ways.key):
            if not self.apart:
                self.apart = True
                raise _Again
            self.explored.stopped = UNSTEADY

    def _hear(self, state: _State, edge: Edge) -> None:
        self.hears(state.moves, edge)
        self.broken += edge.breaches
        hangs, deaths = self.broken.count(HUNG), sum(name in FATAL for name in self.broken)
        if hangs >= MOST_HANGS or deaths >= MOST_DEATHS:
            what = (
                f"{hangs} runs in which the target hung"
                if hangs >= MOST_HANGS
                else f"{deaths} in which it died"
            )
            self.explored.stopped = f"after {what}"

    # -- expanding a state, in one of the processes ---------------------------------------

    def _expand(self, state: _State, choices: tuple[Choice, ...]) -> _Ways:
        left = self._left(state, choices)
        if not left:
            return _Ways(state.key, ())
        runner = self.free.get()
        try:
            return self._ways(runner, state, left)
        finally:
            self.free.put(runner)

    def _left(self, state: _State, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Those of the choices that the bounds allow there; the same tuple for all that spent the same."""
        spent = self.within.spent(state.moves)
        key = frozenset(spent.items()), state.ended, len(choices)
        if key not in self.open:
            allowed = (self._allowed(spent, choice) for choice in choices)
            found = (choice for choice in allowed if choice and not (state.ended and choice.ends))
            self.open[key] = tuple(found)
        return self.open[key]

    def _allowed(self, spent: Counter[tuple[str, int]], choice: Choice) -> Choice | None:
        """The choice as far as the bounds allow it where so many sends and others are *spent*."""
        if not self.within.allows(spent, choice.moves):
            return None
        taken = tuple(moves for moves in choice.taken if self.within.allows(spent, moves))
        return choice if taken == choice.taken else dataclasses.replace(choice, taken=taken)

    def _ways(self, runner: Expands, state: _State, left: tuple[Choice, ...]) -> _Ways:
        key, edges = b"", list[Edge]()
        while left:
            got = self._ask(runner, self._request(state, left, endings=True))
            if isinstance(got, Outcome):
                edges += self._one_by_one(runner, state, left)
                break
            key, left = key or got.key, got.left
            edges += got.edges
            if got.opaque or not all(self._again(runner, state, edge) for edge in got.edges):
                return _Ways(b"", (), got.opaque)
        return _Ways(key or state.key, tuple(edges))

    def _again(self, runner: Expands, state: _State, edge: Edge) -> bool:
        """Whether what broke breaks in a process of its own, where nothing is left of other runs."""
        if self.apart or not edge.breaches:
            return True
        asked = dataclasses.replace(self._request(state, (edge.choice,)), quick=False)
        got = runner.expand(asked)  # judged as ever
        return isinstance(got, Outcome) or got.edges[0].breaches == edge.breaches

    def _request(self, state: _State, choices: tuple[Choice, ...], endings: bool = False) -> Expand:
        scenario = dataclasses.replace(self.empty, moves=state.moves)
        ends = self.endings if endings else ()
        how = self.by_calls, self.apart, self.timeout, ends, self.quick and not (self.by_calls or self.apart)
        return Expand(scenario, self.bounds, choices, *how)

    def _ask(self, runner: Expands, request: Expand) -> Expanded | Outcome:
        """What comes of it. Raises _Again where it is not to be had at the speed of C."""
        got = runner.expand(request)
        if not isinstance(got, Outcome) and got.slow:
            self.quick = False
            raise _Again
        return got

    def _one_by_one(self, runner: Expands, state: _State, choices: Sequence[Choice]) -> Iterator[Edge]:
        """Each way on in a request of its own: one of them ends the process."""
        for choice in choices:
            alone = Choice(choice.moves, choice.ends)
            first = self._ask(runner, self._request(state, (alone,)))
            rest = self._ask(runner, self._request(state, (choice,))) if choice != alone else first
            if isinstance(first, Outcome):
                yield Edge(alone, b"", tuple(first.breaches))
            elif not isinstance(rest, Outcome):
                yield from rest.edges
            else:
                yield from first.edges
                besides = (*choice.taken, *choice.meanwhile, *choice.short)
                yield from self._one_by_one(runner, state, [Choice(moves) for moves in besides])
