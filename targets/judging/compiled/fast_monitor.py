"""A monitor that judges at the speed of C, and keeps no history.

It has what playing a scenario needs of :class:`..monitor.Monitor`. It says which properties
broke, and after how many events; where and on which values, and every trace, comes from the
plain monitor, with which the scenario is played again to be told.

The model's ints are unbounded, C's are not. Every number that enters the world is held
to at most ``BEYOND`` (2^40) first; a larger one ends the judging (``beyond``), and the plain
monitor plays the run. The formulas only add, subtract, compare and take remainders, and an
event sums at most a few dozen numbers: even 10,000 events on the largest that may enter stay
below 2^60.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ....model.chimney.careful import as_careful
from ....model.chimney.handover import CompletesAgain, NdisMTerminateOffloadComplete
from ....model.chimney.only_seen import Misbehaves, OffloadsAgain
from ....model.chimney.state import World, template
from ....model.event import Event
from ..hand_back import HandBack
from ..monitor import Breach, misbehaviour
from .layout import load, store
from .monitor_library import CALLED, MonitorLibrary
from .program_interface import BEYOND


class View:
    """The first *blocks* and *conns* of a world in C, which reads like the model's. It is always today's."""

    live = World.live
    ending = World.ending
    handed_back = World.handed_back
    lost = World.lost

    def __init__(self, struct: Any, blocks: int, conns: int) -> None:
        self.struct = struct
        self.blocks = tuple(struct.blocks[0:blocks])
        self.conns = tuple(struct.conns[0:conns])

    @property
    def phase(self) -> int:
        """The one that is read most."""
        return self.struct.phase

    def __getattr__(self, name: str) -> Any:
        return getattr(self.struct, name)


class FastMonitor:
    """The world of one run, and which properties broke and applied in it.

    ``run`` is the library's, *blocks* and *conns* how many of them the scenario has. ``names`` has
    the actions that happened, ``rules`` the rules that the target broke besides.
    """

    def __init__(self, library: MonitorLibrary, run: Any, blocks: int, conns: int) -> None:
        self.bounds = library.bounds
        self.world: Any = View(run.world, blocks, conns)
        self.rules: dict[str, Breach] = {}
        self.names: list[str] = []
        self.library = library
        self._entries = library.events
        self._happens, self._possible = library.happens, library.possible
        self.run = run

    def begins(self, first: World, blocks: int) -> None:
        """The run begins in another world."""
        store(self.run.world, as_careful(first))
        self.world = View(self.run.world, blocks, len(self.world.conns))

    def goes_on(self, cycle: int, begins: Callable[[World], World], blocks: int) -> None:
        """The next cycle begins, in the world that *begins* makes of this one."""
        after = as_careful(begins(load(self.run.world, template(self.bounds))))
        store(self.run.world, after)
        self.world = View(self.run.world, blocks, len(self.world.conns))
        self.run.judged = False  # now everything is
        self.happens(OffloadsAgain, cycle=cycle)

    @property
    def beyond(self) -> bool:
        """Whether the target wrote a number too large to be judged here: then a plain monitor has to."""
        return self.run.beyond

    @property
    def breaches(self) -> dict[str, Breach]:
        """What broke, by property; a violation says nothing of where."""
        return {**self.rules, **self.library.breaches(self.run)}

    @property
    def reached(self) -> frozenset[str]:
        """The properties that had something to say."""
        return self.library.reached(self.run)

    def state(self) -> bytes:
        """The world of now as plain data."""
        return self.library.world(self.run)

    def judged(self) -> bytes:
        """The world of now, and all that was judged of it."""
        return self.library.whole(self.run)

    def goes_back(self, judged: bytes, names: Iterable[str]) -> None:
        """What was judged before is so now; these actions had happened, and the target had broken no rule."""
        self.library.put(self.run, judged)
        self.names[:] = names
        self.rules.clear()

    def addresses(self) -> dict[str, int]:
        """Where the run lies in memory, and the functions ``happens`` and ``possible`` that judge it."""
        cast, places = self.library.ffi.cast, {"happens": self._happens, "possible": self._possible}
        return {name: int(cast("uintptr_t", of)) for name, of in {**places, "run": self.run}.items()}

    def possible(self, event: Event, /, **values: Any) -> bool:
        """Whether the event can happen here."""
        number, choice, parameters, rest = self._entries[event.name]
        passed = [values.get(n, 0) for n in parameters]
        return self._possible(self.run, number + values.get(choice, 0), *passed, *rest)

    def happens(self, event: Event, /, **values: Any) -> None:
        """The event happens."""
        self.names.append(event.name)
        number, choice, parameters, rest = self._entries[event.name]
        if choice in values:
            number += values[choice]
        try:
            self._happens(self.run, number, *[values[n] for n in parameters], *rest)
        except OverflowError:
            self.run.beyond = True

    def if_possible(self, event: Event, /, **values: Any) -> bool:
        """The event happens if it can here; whether it did."""
        number, choice, parameters, rest = self._entries[event.name]
        passed = (self.run, number + values.get(choice, 0), *[values[n] for n in parameters], *rest)
        possible: bool = self._possible(*passed)
        if possible:
            self.names.append(event.name)
            self._happens(*passed)
        return possible

    def hands_back(self, written: HandBack) -> None:
        """NdisMTerminateOffloadComplete, the first time: what is in the tree, then the event."""
        world = self.world
        for block, new in zip(world.blocks, written.blocks, strict=True):
            self._write(block, new)
        for c, given in written.given.items():
            self._write(world.conns[c].given, given)
            for buf, new in zip(world.conns[c].bufs, written.sends[c], strict=False):
                self._write(buf, new)
        self.happens(NdisMTerminateOffloadComplete, root=written.root)

    def completes_again(self) -> None:
        """NdisMTerminateOffloadComplete, when the tree was handed back before."""
        self.happens(CompletesAgain)
        self.names[-1] = CALLED[CompletesAgain.name]

    def misbehaves(self, rule: str, what: str) -> None:
        """The target broke *rule*."""
        self.rules.setdefault(rule, Breach(len(self.names) + 1, misbehaviour(rule, what)))
        self.happens(Misbehaves)

    def _write(self, place: Any, new: Any) -> None:
        for name, value in new.items():
            if -BEYOND <= value <= BEYOND:
                setattr(place, name, value)
            else:
                self.run.beyond = True
