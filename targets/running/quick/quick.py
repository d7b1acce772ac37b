"""States of a driver in C expanded at the speed of C: host, wire and monitor are in C, too (src/).

It plays what is ordinary. Whatever is not (a move of another kind, a call that makes no sense, a number too
large) is played and judged as ever; so is each run that breaks something, once more.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...chimney import moves as every
from ...chimney.move_kinds import Move
from ...chimney.scenario import Scenario, flat
from ...judging.compiled.fast_monitor import FastMonitor
from ..branching import Branch, Choice, Edge, Expand, Expanded, Moves
from ..branching import expand as as_ever
from ..stage_image import STATE
from ..sweep import Sweep, Swept, Ways
from .beginning import Beginning, begin
from .maker import KINDS, QuickLibrary
from .sweeping import Sweeper

Makes = Callable[[bool], Branch]


class NotHere(Exception):
    """This cannot be played here."""


class Quick:
    """Expands states with this library; *begins* makes a run, judged by the monitor that it is made for."""

    def __init__(self, library: QuickLibrary, begins: Callable[[Expand], Beginning]) -> None:
        self.library, self.begins = library, begins
        self.lib, self.ffi = library.lib, library.ffi
        self.edge = self.ffi.new("struct quick_edge *")
        self.rows = functools.lru_cache(maxsize=4096)(self._rows)
        self.numbers = functools.lru_cache(maxsize=4096)(self._numbers)
        self.names = functools.lru_cache(maxsize=4096)(self._names)
        self.begun: object = None
        self.judge: FastMonitor | None = None
        self.heard = 0  # calls that drivers made

    def expand(self, request: Expand, makes: Makes) -> Expanded | None:
        """All ways on from a state. None: not here. *makes* makes a run as ever."""
        try:
            self._begin(request)
            return self._all(request, makes)
        except NotHere:
            return None

    def sweep(self, ways: Ways, sweep: Sweep, alive: Callable[[], None]) -> Swept | None:
        """All ways on from many states; *alive* is called from time to time. None: not here."""
        try:
            self._begin(sweep.request(ways))
            return self.sweeper.sweep(ways, sweep, alive)
        except NotHere:
            return None

    def _begin(self, request: Expand) -> None:
        """Stand where all runs begin. Raises NotHere."""
        wanted = request.scenario.shape, request.scenario.offloads, request.bounds
        if self.begun == wanted:
            return
        self.begun, self.window = None, min(offload.window for offload in request.scenario.offloads)
        if not plays((*request.choices, *request.endings)):
            raise NotHere
        branch = self.begins(request)
        branch.run()
        if not begin(branch, self.library, request.bounds):
            raise NotHere
        assert isinstance(branch.judge, FastMonitor)
        self.judge, self.begun = branch.judge, wanted
        self.sweeper = Sweeper(self.library, branch.judge.library, self.rows)

    def _rows(self, moves: Moves) -> tuple[Any, int]:
        """Moves as C has them. Raises NotHere."""
        numbers = [n for move in moves for n in self.numbers(move)]
        return self.ffi.new("int64_t[]", numbers or [0]), len(numbers) // self.lib.QUICK_MOVE

    def _numbers(self, move: Move) -> Sequence[int]:
        wide = move.kind == every.ack.name and move.m > self.window
        listed = move.kind in (every.send.name, every.receive.name) and move.m > 0
        if move.kind not in KINDS or wide or listed:
            raise NotHere
        more = [n for inner in move.then for n in self._numbers(inner)]
        return KINDS[move.kind], move.conn, move.n, move.m, len(more) // self.lib.QUICK_MOVE, *more

    def _names(self, numbers: bytes) -> tuple[str, ...]:
        assert self.judge is not None
        events = tuple(self.judge.library.events)
        return tuple(events[number] for number in numbers)

    # -- expanding a state -------------------------------------------------------------

    def _stand(self, scenario: Scenario) -> bytes:
        """Play up to the state, and keep it; its key. Raises NotHere."""
        self.prefix = self._rows(scenario.moves)  # what comes meanwhile stays there
        if not self.lib.quick_plays(*self.prefix, self.edge):
            raise NotHere
        key = b"" if self.edge.fails else self._key()
        if key and not self.lib.quick_keep(STATE):
            raise NotHere
        return key

    def _key(self) -> bytes:
        return bytes(self.ffi.buffer(self.edge.key))

    def _all(self, request: Expand, makes: Makes) -> Expanded:
        left, edges = deque(request.choices), list[Edge]()
        key, before = self._stand(request.scenario), self.edge.calls
        while left and key:
            choice = left.popleft()
            if not self._goes(choice.moves, choice.ends):
                more = self._as_ever(request, choice, makes)
                edges += more.edges
                if more.spoiled:
                    return Expanded(key, tuple(edges), (*more.left, *left), spoiled=True)
                self._stand(request.scenario)
                continue
            if not (self.edge.possible or choice.ends):
                continue
            edge, before = self._edge(choice, before), 0
            if not choice.ends:
                left.extendleft(reversed(self._besides(choice)))
            edges.append(edge)
            if edge.breaches or self.edge.fails:
                return Expanded(key, tuple(edges), tuple(left), spoiled=True)
            self.lib.quick_put_back(STATE)
        return Expanded(key, tuple(edges))

    def _goes(self, moves: Moves, ends: bool) -> bool:
        done: int = self.lib.quick_goes(*self.rows(moves), ends, self.edge)
        self.heard += self.edge.heard if done else 0
        return bool(done)

    def _besides(self, choice: Choice) -> list[Choice]:
        found = (*(choice.taken if self.edge.data else ()), *(choice.meanwhile if self.edge.any else ()))
        return [Choice(moves) for moves in found]

    def _edge(self, choice: Choice, before: int) -> Edge:
        judge, edge = self.judge, self.edge
        assert judge is not None
        broken = tuple(judge.breaches) if edge.fails else ()
        if not choice.ends:
            return Edge(choice, b"" if edge.fails else self._key(), broken, before + edge.calls)
        happened = self.names(self.ffi.buffer(self.lib.quick_names(), edge.names)[:])
        return Edge(choice, b"", broken, before + edge.calls, judge.reached, happened)

    def _as_ever(self, request: Expand, choice: Choice, makes: Makes) -> Expanded:
        """Where that leads as ever. Raises NotHere if it is a state, which has another key here."""
        alone = Expand(request.scenario, request.bounds, (choice,), False, False, request.timeout)
        found = as_ever(alone, makes)
        if found.opaque or any(edge.key for edge in found.edges):
            raise NotHere
        return found


def plays(choices: Iterable[Choice]) -> bool:
    """Whether every move is of a kind that is played here, and no choice has the driver refused anything."""
    return all(
        not choice.short
        and all(
            m.kind in KINDS for moves in (choice.moves, *choice.taken, *choice.meanwhile) for m in flat(moves)
        )
        for choice in choices
    )
