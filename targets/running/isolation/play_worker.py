"""The process in which a target is played: scenario after scenario, until it is ended or dies."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import mmap
import os
import sys
import traceback
from collections.abc import MutableSequence, Sequence
from pathlib import Path
from typing import NoReturn, cast

from ....counterexamples.trace import flat
from ...chimney.interface import Factory
from ...chimney.notes import Notes
from ...chimney.play import Play, plain_monitor
from ...judging.compiled.monitor_maker import Maker
from ...judging.criteria import Criteria
from ...judging.listener import Listener
from ...judging.misbehaviour import RAISED
from ...judging.monitor import Happened, Judge, Monitor
from ..branching import Branch, Expand, expand
from ..code import tracer
from ..compiled_monitors import Compiled
from ..direct import JUDGED, outcome
from .callers import stack
from .channel import Channel, Closed, Garbage
from .messages import Begins, Defect, Done, Inside, PlayRequest, Told

BEAT = "beat"
"""The file that parent and worker share as memory: see :class:`Beat`."""


class Beat:
    """Two doubles: since when a call is under way (0: none is); 1 if the worker has lost its channel."""

    SIZE = 16

    def __init__(self, folder: Path) -> None:
        with (folder / BEAT).open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), self.SIZE)
        self.view = memoryview(self.memory).cast("d")
        self.slot = cast(MutableSequence[float], self.view)

    def clear(self) -> None:
        """Nothing is under way, and no channel is lost."""
        self.slot[0] = self.slot[1] = 0.0

    def close(self) -> None:
        """Let go of the memory."""
        self.view.release()
        self.memory.close()


class Teller(Listener):
    """Tells each step before the next one begins."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.broken: set[str] = set()

    def begins(self, monitor: Monitor) -> None:
        """Tell the first state."""
        self.monitor = monitor
        self.now = monitor.initial()
        self.link.send(Begins(self.now))

    def happened(self, event: Happened) -> None:
        """Tell a step, and what it broke."""
        breaches = self.monitor.breaches
        new = {name: breach for name, breach in breaches.items() if name not in self.broken}
        self.broken |= set(new)
        before, self.now = self.now, flat(event.after)
        who = stack() if event.action.actor == "target" else ()
        self.link.send(Told(event.step(before, self.now), new, frozenset(self.monitor.reached), who))

    def inside(self, entry_points: Sequence[str]) -> None:
        """Tell where the target is."""
        self.link.send(Inside(tuple(entry_points)))


class Link:
    """The channel to the parent; a process that has lost it says so in the shared memory, and ends.

    No exception: it could be raised below code of the target, which may swallow it.
    """

    def __init__(self, channel: Channel, beat: Beat) -> None:
        self.channel = channel
        self.beat = beat

    def send(self, message: object) -> None:
        """Send a message, or end."""
        try:
            self.channel.send(message)
        except Closed:
            self._end()

    def request(self) -> PlayRequest | Expand:
        """The next thing to do, or end."""
        try:
            request: PlayRequest | Expand = self.channel.receive()
        except (Closed, Garbage):
            self._end()
        return request

    def _end(self) -> NoReturn:
        self.beat.slot[1] = 1.0
        os._exit(0)


class Stand:
    """Everything that a worker plays with: the target, what it is judged by, the memory that is shared.

    The chimney's own properties are judged at the speed of C where that has been compiled; what a user
    adds to them, by the plain monitor.
    """

    def __init__(self, factory: Factory, judged: Criteria, beat: Beat) -> None:
        self.factory = factory
        self.judged = judged
        self.beat = beat
        self.tracer = tracer(factory)
        self.compiled = Compiled(Maker(judged)) if judged is JUDGED else None
        if self.compiled:
            self.compiled.load()
        _ = judged.reads  # here once, instead of in every worker

    def serve(self, channel: Channel) -> NoReturn:
        """Play what is asked for until nobody asks any more."""
        channel.adopt()
        link = Link(channel, self.beat)
        try:
            while True:
                request = link.request()
                if isinstance(request, Expand):
                    link.send(expand(request, functools.partial(self._branch, request)))
                else:
                    self._play(link, request)
        except BaseException:  # noqa: BLE001  what gets here is an error of our own, and the parent raises it
            link.send(Defect(traceback.format_exc()))
        finally:
            os._exit(0)

    def _branch(self, request: Expand, plain: bool) -> Branch:
        """A run of an exploration."""
        compiled = None if plain or not self.compiled else self.compiled
        fast = compiled.monitor(request.scenario, request.bounds) if compiled else None
        judge = fast or plain_monitor(request.scenario, self.judged, bounds=request.bounds)
        slot, timeout = self.beat.slot, request.timeout
        return Branch(self.factory, request.scenario, self.judged, timeout, slot=slot, judge=judge)

    def _play(self, link: Link, request: PlayRequest) -> None:
        """Play, judged at the speed of C if that is possible and nobody is to be told."""
        judge = None if request.told or not self.compiled else self.compiled.monitor(request.scenario)
        if not request.told:
            self.tracer.begin()
        play = self._run(link, request, judge)
        if play.judge.beyond:
            play = self._run(link, request, None)
        ran = () if request.told else self.tracer.end()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        found = outcome(play, told=False)  # a teller has told the steps
        if play.notes:
            states, marks = frozenset(play.notes.states), tuple(play.notes.marks)
            found = dataclasses.replace(found, ran=ran, states=states, marks=marks)
        link.send(Done(found))

    def _run(self, link: Link, request: PlayRequest, judge: Judge | None) -> Play:
        listener = Teller(link) if request.told else None
        slot, timeout = self.beat.slot, request.timeout
        notes = None if request.told else Notes()
        play = Play(self.factory, request.scenario, self.judged, timeout, listener, slot, judge, notes=notes)
        play.tracing = None if request.told else self.tracer.follow
        try:
            play.run()
        except KeyboardInterrupt:  # nobody sits at this process's keyboard
            play.judge.misbehaves(RAISED, "the target raises KeyboardInterrupt")
        return play
