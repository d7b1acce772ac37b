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
from typing import Any, NamedTuple, NoReturn, Protocol

from ..judging.misbehaviour import FATAL, HUNG
from ..machine.memory import peak
from ..running.branching import Choice, Edge, Expand, Expanded, Moves
from ..running.outcome import Outcome
from ..running.quick.quick import plays
from ..running.sweep import Counts, Sweep, Swept, ToldState, Ways
from .alphabet import Within
from .paths import Paths
from .sweeps import Slow, Sweeps, SweptPart

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
    ``stopped`` says why there is more to explore within the bounds, if there is. ``timed``: the target puts
    off what it is told, and had time after each move.
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
    timed: bool = False


def explored_from_json(data: Mapping[str, Any]) -> Explored:
    """What ``dataclasses.asdict`` made of one. Raises ValueError or TypeError for anything else."""
    besides = tuple(map(explored_from_json, data["besides"]))
    return Explored(**{**data, "within": Within.of(data["within"]), "besides": besides})


class _State(NamedTuple):
    """A state that was reached: on which path, and its key. Runs may have ``ended`` there already."""

    path: bytes
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

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept | Outcome:
        """The same of many states at once."""
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
        counts: Callable[[Counts], None] | None = None,
    ) -> None:
        """*counts*: at the speed of C, as far as that can be; it is told of the runs that ended so."""
        self.within, self.choices, self.timeout = within, tuple(choices), timeout
        self.endings = tuple(choice for choice in choices if choice.ends)
        self.hears, self.progress, self.counts = hears, progress, counts or (lambda counts: None)
        self.empty, self.bounds = within.empty(), within.bounds()
        self.free: SimpleQueue[Expands] = SimpleQueue()
        for runner in runners:
            self.free.put(runner)
        self.workers = len(runners)
        self.open: dict[tuple[object, bool, int], tuple[Choice, ...]] = {}
        self.by_calls = self.apart = self.goes_back = False
        quick = counts is not None and plays(choices)
        self.sweeps = Sweeps(within, self.choices, timeout) if quick else None
        self.paths = Paths(self.choices)
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
        level = [_State(b"", b"")]
        for depth in range(self.within.moves + 1):
            self.progress(f"{explored.states} states, {explored.transitions} transitions, {depth} steps deep")
            explored.left = len(level)
            last = depth == self.within.moves or self._enough(len(level))
            if self.within.states:
                level = level[: self.within.states - explored.states]
            reached = self._swept if self.sweeps else self._level
            level = list(reached(pool, level, last))
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
        work = states if self.goes_back or self.sweeps else PLAYED_AGAIN * states
        return 0 < self.within.enough <= work

    def _level(self, pool: ThreadPoolExecutor, level: Sequence[_State], last: bool) -> Iterator[_State]:
        """The states to which those of *level* lead that were not visited before."""
        explored = self.explored
        choices = self._possible(last)
        for state, ways in zip(
            level, pool.map(lambda state: self._expand(state, choices), level), strict=True
        ):
            yield from self._from(state, ways)
            self._limits(explored.states % LOOK == 0)
            if explored.stopped:
                return

    def _swept(self, pool: ThreadPoolExecutor, level: Sequence[_State], last: bool) -> Iterator[_State]:
        """The same at the speed of C."""
        assert self.sweeps
        explored, sweeps, choices = self.explored, self.sweeps, self._possible(last)
        parts = sweeps.parts(level)
        for found in pool.map(lambda states: self._part(sweeps, states, last, choices), parts):
            for part in found:
                self.counts(part.counts)
                for state, told in zip(part.states, part.found, strict=True):
                    yield from self._from(state, told) if isinstance(told, _Ways) else self._told(state, told)
                    if explored.stopped:
                        return
            self._limits(True)
            if explored.stopped:
                return

    def _part(
        self, sweeps: Sweeps, states: Sequence[_State], last: bool, choices: tuple[Choice, ...]
    ) -> list[SweptPart[_State, _Ways]]:
        """What comes of these states, in one of the processes."""
        runner = self.free.get()
        try:
            return list(
                sweeps.expand(runner, states, last, lambda s: self._ways(runner, s, self._left(s, choices)))
            )
        except Slow:
            self._slow()
        finally:
            self.free.put(runner)

    def _told(self, state: _State, told: ToldState) -> Iterator[_State]:
        """The states to which one leads that were not visited before."""
        seen, path = self.seen, state.path
        if state.key != told.key:
            self._steady(state, _Ways(told.key, ()))
            seen.add(told.key)
        self.explored.states += 1
        self.explored.transitions += told.transitions
        for number, to in told.leads(seen):
            seen.add(to)
            yield _State(path + number, to)

    def _from(self, state: _State, ways: _Ways) -> Iterator[_State]:
        """The same of one of which more is known."""
        self._steady(state, ways)
        if not state.path:
            self.seen.add(ways.key)
        self.explored.states += 1
        moves = self.paths.moves(state.path)
        for edge in ways.edges:
            self._hear(moves, edge)
            self.explored.transitions += not edge.choice.ends
            if edge.key and edge.key not in self.seen:
                self.seen.add(edge.key)
                yield self._reached(state, edge)

    def _limits(self, look: bool) -> None:
        """The search stops where it takes too much; *look* at the memory, too."""
        explored = self.explored
        if self.within.states and explored.states >= self.within.states:
            explored.stopped = f"{explored.states} states were visited"
        elif look and peak() > MOST_MEGABYTES:
            explored.stopped = f"the search takes more than {MOST_MEGABYTES} MB of memory"

    def _possible(self, last: bool) -> tuple[Choice, ...]:
        return tuple(c for c in self.choices if c.ends or not last)

    def _reached(self, state: _State, edge: Edge) -> _State:
        """A state that was not visited before; runs that ended in it already are heard.

        Only those that came by this edge: what others found first depends on which process was faster.
        """
        self.goes_back = self.goes_back or bool(edge.endings)
        found = _State(self.paths.on(state.path, edge.choice.moves), edge.key, bool(edge.endings))
        for ending in edge.endings:
            self._hear(self.paths.moves(found.path), ending)
        return found

    def _steady(self, state: _State, ways: _Ways) -> None:
        """The state must be the one that was reached before; raises _Again if another way may help."""
        if ways.opaque:
            self.by_calls, self.explored.opaque = True, ways.opaque
            self._slow()
        if not ways.key or ways.key != (state.key or ways.key):
            if not self.apart:
                self.apart = True
                self._slow()
            self.explored.stopped = UNSTEADY

    def _hear(self, before: Moves, edge: Edge) -> None:
        self.hears(before, edge)
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
        spent = self.within.spent(self.paths.moves(state.path))
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
        scenario = dataclasses.replace(self.empty, moves=self.paths.moves(state.path))
        ends = self.endings if endings else ()
        how = self.by_calls, self.apart, self.timeout, ends, bool(self.sweeps)
        return Expand(scenario, self.bounds, choices, *how)

    def _ask(self, runner: Expands, request: Expand) -> Expanded | Outcome:
        """What comes of it. Raises _Again where it is not to be had at the speed of C."""
        got = runner.expand(request)
        if not isinstance(got, Outcome) and got.slow:
            self._slow()
        return got

    def _slow(self) -> NoReturn:
        """It is not to be had at the speed of C."""
        self.sweeps = None
        raise _Again

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
