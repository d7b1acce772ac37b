"""Exploring in the process of a target: its memory is looked into, so what is judged is judged beside it.

What breaks is no more than a hint: it is played again, and judged from outside.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from ....properties.loading import SubjectRef
from ...chimney.interface import Factory
from ...chimney.move_kinds import Move
from ...chimney.notes import Notes, StreamMark
from ...chimney.play import Play, plain_monitor
from ...chimney.scenario import Scenario
from ...judging.compiled.monitor_library import MonitorLibrary
from ...judging.compiled.monitor_maker import Maker
from ...judging.compiled.told import TellingMonitor
from ...machine.watchdog import Watch, watch
from ..branching import Branch, Choice, Edge, Expand, Expanded, expand
from ..code import Tracer
from ..compiled_monitors import Compiled
from ..direct import JUDGED, judged_by
from ..outcome import Outcome
from ..quick.beginning import Beginning
from ..quick.maker import kept
from ..quick.quick import Quick
from ..sweep import SLOW, Sweep
from ..sweep import packed as packed_sweep

Says = Callable[[list[object]], None]
OFTEN = 0.1
"""Seconds after which it is said again in which entry point the target is."""


class Explorer:
    """Expands states; judges the chimney's own properties at the speed of C where that has been compiled."""

    def __init__(self, factory: Factory, subject: SubjectRef, pipe: int = -1) -> None:
        """*pipe*: where what is judged is told."""
        self.factory = factory
        self.tells = functools.partial(TellingMonitor, pipe=pipe)
        self.judged = judged_by(subject)
        self.compiled = Compiled(Maker(self.judged)) if self.judged is JUDGED else None
        if not (self.compiled and self.compiled.load()):
            _ = self.judged.reads  # here once, instead of in every worker
        self.quick: dict[MonitorLibrary, Quick | None] = {}
        self.ended: set[bytes] = set()  # states in which runs ended in every way already
        self.next = 0.0  # when it is said again that the target is alive
        self.armed, self.watches = contextlib.ExitStack(), (0.0, 0)  # for so many seconds, in which thread

    def expand(self, request: Expand, ways: bytes, says: Says) -> None:
        """Do what is asked for; say in which entry points the target is, and at the end what came of it.

        *ways* are the choices and the endings of the request, packed.
        """
        choices, endings = _ways(ways)
        request = dataclasses.replace(request, choices=choices, endings=endings)
        makes = functools.partial(self._branch, request, says)
        quick = self._quick(request) if request.quick else None
        says(["inside", ["an entry point"]])
        found = quick.expand(request, makes) if quick else None
        if found is None:
            found = Expanded(b"", (), slow=True) if request.quick else expand(request, makes)
        says(["expanded", packed(found)])

    def sweep(self, sweep: Sweep, ways: bytes, says: Says) -> None:
        """The same of many states at once; *ways* are packed."""
        offered = _ways(ways)
        quick = self._quick(sweep.request(offered))
        found = quick.sweep(offered, sweep, lambda: self._alive(says)) if quick else None
        says(["swept", packed_sweep(found or SLOW)])

    def scout(self, scenario: Scenario, seconds: float, tracer: Tracer, says: Says) -> None:
        """Play a scenario; say at the end what came of it, or nothing unless that is all in order."""
        fast = self.compiled.monitor(scenario, made=self.tells) if self.compiled else None
        outcome = None
        if isinstance(fast, TellingMonitor):
            notes = Notes()
            given = (self.factory, scenario, self.judged, seconds)
            play = _Scout(*given, judge=fast, armed=self._armed(seconds), notes=notes)
            play.says = says
            tracer.begin()
            play.run()
            ran = tracer.end()
            if not (fast.breaches or fast.beyond or fast.untold or play.points):
                happened = tuple(fast.names)
                outcome = Outcome({}, fast.reached, happened, play.calls, ran=ran)
                outcome = dataclasses.replace(
                    outcome, states=frozenset(notes.states), marks=tuple(notes.marks)
                )
        says(["scouted", packed_outcome(outcome)])

    def _alive(self, says: Says) -> None:
        now = monotonic()
        if now > self.next:
            self.next = now + OFTEN
            says(["inside", ["an entry point"]])

    def _quick(self, request: Expand) -> Quick | None:
        """What expands states at the speed of C, if there is such a thing for worlds as large."""
        fast = self.compiled.monitor(request.scenario, request.bounds) if self.compiled else None
        if fast is None or request.by_calls or request.apart:
            return None
        if fast.library not in self.quick:
            library = kept(fast.library)
            self.quick[fast.library] = Quick(library, self._beginning) if library else None
        return self.quick[fast.library]

    def _beginning(self, request: Expand) -> Beginning:
        """The run that all runs of an exploration begin with."""
        fast = self.compiled.monitor(request.scenario, request.bounds) if self.compiled else None
        scenario = dataclasses.replace(request.scenario, moves=())
        given = (self.factory, scenario, self.judged, request.timeout)
        return Beginning(*given, judge=fast, room=request.bounds, armed=self._armed(request.timeout))

    def _branch(self, request: Expand, says: Says, plain: bool) -> Branch:
        """A run of an exploration."""
        compiled = None if plain or not self.compiled else self.compiled
        fast = compiled.monitor(request.scenario, request.bounds) if compiled else None
        judge = fast or plain_monitor(request.scenario, self.judged, bounds=request.bounds)
        given, room = (self.factory, request.scenario, self.judged, request.timeout), request.bounds
        armed = self._armed(request.timeout)
        branch = _Heard(*given, judge=judge, room=room, armed=armed)
        branch.says, branch.ended = says, self.ended
        return branch

    def _armed(self, seconds: float) -> Watch:
        """The watch over all that is called in this thread: to arm one for each state takes its time."""
        asked = seconds, threading.get_ident()
        if self.watches != asked:
            self.armed.close()
            self.watch, self.watches = self.armed.enter_context(watch(seconds)), asked
        return self.watch


@functools.lru_cache(maxsize=256)
def _ways(packed: bytes) -> Any:
    return pickle.loads(packed)


class _Scout(Play):
    """A run that says from time to time that it is alive, and in which entry point the target is."""

    says: Says
    next = 0.0

    def guarded(self, name: str, function: Any, *args: Any) -> Any:
        """Call, and say so."""
        now = monotonic()
        if now > self.next and not self.inside:
            self.next = now + OFTEN
            self.says(["inside", [name]])
        return super().guarded(name, function, *args)


class _Heard(_Scout, Branch):
    """The same of an exploration."""


def packed(found: Expanded) -> list[object]:
    """It as plain data."""
    left = [_choice(choice) for choice in found.left]
    return [found.key, _edges(found.edges), left, found.opaque, found.spoiled, found.slow]


def _edges(edges: Sequence[Edge]) -> list[object]:
    return [
        [
            *(_choice(e.choice), e.key, list(e.breaches), e.calls),
            *(_text(e.reached), _text(e.happened), _edges(e.endings)),
        ]
        for e in edges
    ]


def unpacked(data: Any) -> Expanded:
    """What :func:`packed` made. Raises ValueError, TypeError or LookupError for anything else."""
    key, edges, left, opaque, *flags = data
    return Expanded(bytes(key), _gone(edges), tuple(map(_chosen, left)), str(opaque), *map(bool, flags))


def _gone(edges: Any) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            *(_chosen(choice), bytes(to), tuple(map(str, broken)), int(calls)),
            *(_several(reached), _words(names), _gone(endings)),
        )
        for choice, to, broken, calls, reached, names, endings in edges
    )


def packed_outcome(outcome: Outcome | None) -> list[object]:
    """It as plain data."""
    if outcome is None:
        return []
    marks = [[list(mark) for mark in conns] for conns in outcome.marks]
    shown = [sorted(outcome.reached), list(outcome.happened), outcome.calls]
    return [*shown, list(outcome.ran), list(outcome.states), marks]


def unpacked_outcome(data: Any) -> Outcome | None:
    """What :func:`packed_outcome` made. Raises ValueError, TypeError or LookupError for anything else."""
    if not data:
        return None
    reached, happened, calls, ran, states, marks = data
    return Outcome(
        {},
        frozenset(map(sys.intern, reached)),
        tuple(map(sys.intern, happened)),
        int(calls),
        ran=tuple(map(int, ran)),
        states=frozenset(map(int, states)),
        marks=tuple(
            tuple(StreamMark(*(tuple(map(int, n)) for n in mark)) for mark in conns) for conns in marks
        ),
    )


# -- the same again and again: as text, so that each is read but once ---------------------


@functools.lru_cache(maxsize=4096)
def _text(names: frozenset[str] | tuple[str, ...]) -> str:
    return "\n".join(sorted(names) if isinstance(names, frozenset) else names)


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(map(sys.intern, text.split("\n"))) if text else ()


@functools.lru_cache(maxsize=4096)
def _several(text: str) -> frozenset[str]:
    return frozenset(_words(text))


@functools.lru_cache(maxsize=4096)
def _choice(choice: Choice) -> str:
    ways = ([_moves(way) for way in found] for found in (choice.taken, choice.meanwhile, choice.short))
    return json.dumps([_moves(choice.moves), choice.ends, *ways])


def _moves(moves: Sequence[Move]) -> list[object]:
    return [[move.kind, move.conn, move.n, move.m, _moves(move.then)] for move in moves]


@functools.lru_cache(maxsize=4096)
def _chosen(text: str) -> Choice:
    moves, ends, *ways = json.loads(text)
    taken, meanwhile, short = (tuple(map(_made, way)) for way in ways)
    return Choice(_made(moves), bool(ends), taken, meanwhile, short)


def _made(data: Any) -> tuple[Move, ...]:
    return tuple(Move(str(kind), int(c), int(n), int(m), _made(then)) for kind, c, n, m, then in data)
