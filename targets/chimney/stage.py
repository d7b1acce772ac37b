"""The stage of a run: the target and what it was handed, who judges it, and the calls between them.

Whatever the target does becomes a finding, never a crash of the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...model.event import Event
from ...model.tcp.numbers import NULL
from ..judging.listener import Listener
from ..judging.misbehaviour import HUNG, NONSENSE, RAISED, Misbehaved, kind_of, raised
from ..judging.monitor import Breach, Judge, Monitor
from ..machine.watchdog import Hung, Watch
from .handed import Handed
from .interface import Status, Target
from .observed import Observed
from .tree_shapes import TreePlan
from .wire_bytes import WireBytes

MOST_CALLS = 500
"""Calls that one entry point may make before it counts as never returning, if no new data goes anywhere."""

POSTED = {"buffers": "posted", "requests": "requested"}
"""What of a connection counts what fills a bound."""


class Over(BaseException):
    """The run ends here: the target is in no state to go on."""


class NdisStage:
    """A run so far. ``judge`` knows what happened; ``inside`` has the entry points that have not returned."""

    def __init__(
        self,
        judge: Judge,
        plan: TreePlan,
        conns: int,
        watch: Watch,
        listener: Listener | None = None,
        added: Sequence[Event] = (),
    ) -> None:
        """*added*: events besides those of NDIS, of which the target may be told and tell."""
        self.judge = judge
        self.room = judge.bounds  # for what the host posts
        self.watch = watch
        self.listener = listener
        self.lines = [WireBytes(c) for c in range(conns)]
        self.handed = Handed(plan, conns, judge.bounds.buffers)
        self.ndis = Observed(judge, self.handed, self.lines, added)
        self.ndis.enter = self._enter
        self.interludes: list[Any] = []  # moves kept for the next indications
        self.interruption: Any = None  # a move, kept for the next call of an entry point
        self.playing: list[Any] = []  # moves
        self.within: set[int] = set()  # connections that a segment came to while the target was in a call
        self.short = self.may_drop = False  # it is refused something; and a segment came, which it may drop
        self.unsure = False  # the termination began then, too: was the segment processed, or dropped?
        self.at_once = False  # two processors are in the target, or were during the move that is played
        self.inside: list[str] = []
        self.calls = 0
        self.made = 0  # calls that the outermost entry point made, since it was seen to get on
        self.moved = NULL  # bytes that applications and peers had then
        self.over = False
        self.rest: Callable[[], None] = lambda: None  # bounded waiting
        self.again: Callable[[Any], None] = lambda move: None  # the next cycle
        self.plays: Callable[[Iterable[Any]], None] = lambda moves: None
        self.thread = threading.get_ident()
        self.target: Any = None

    @property
    def monitor(self) -> Monitor:
        """The plain monitor. Raises TypeError for a run that another one judges."""
        if not isinstance(self.judge, Monitor):
            raise TypeError(f"{type(self.judge).__name__} judges this run and keeps no history")
        return self.judge

    @property
    def breaches(self) -> Mapping[str, Breach]:
        """What broke, by property."""
        return self.judge.breaches

    def conn(self, c: int) -> Any:
        """Connection *c* of the world of now."""
        return self.judge.world.conns[c]

    def has_room(self, bound: str, c: int) -> bool:
        """Whether the host may post one more on connection *c*, however much the judged world holds."""
        used: int = getattr(self.conn(c), POSTED[bound])
        return used < self.room[bound]

    def listens(self, name: str) -> bool:
        """Whether the target has an entry point that it need not have."""
        own = getattr(type(self.target), name, None)
        return own is not None and own is not getattr(Target, name, None)

    # -- calling the target ----------------------------------------------------------

    def call(self, name: str, *args: Any) -> Any:
        """Call an entry point of the target, and notice everything that goes wrong."""
        result = self.guarded(name, getattr(self.target, name, None), *args)
        if self.ndis.seals:
            self.ndis.check_seals()
        return result

    def ask(self, name: str, allowed: Status, *args: Any) -> None:
        """Call an entry point whose return value NDIS looks at."""
        result = self.call(name, *args)
        if result is not allowed:
            what = f"{name} returns {kind_of(result)}; only Status.{allowed.name} is allowed"
            self.judge.misbehaves(NONSENSE, what)

    def guarded(self, name: str, function: Any, *args: Any) -> Any:
        """Call *function*, which the target has as *name*. Raises Over where the run ends."""
        if self.over:
            raise Over
        self.calls += 1
        inside = self.inside
        outermost = not inside
        inside.append(name)
        if self.listener:
            self.listener.inside(inside)
        if outermost:
            self.made, self.moved = 0, NULL
            self.within.clear()
            self.watch.enter()
        try:
            return function(*args)
        except (Over, KeyboardInterrupt):
            raise
        except Hung:
            self.stop(HUNG, f"{inside[-1]} has not returned after {self.watch.seconds:g} s")
        except Misbehaved as found:
            self.stop(found.rule, str(found))
        except BaseException as error:  # noqa: BLE001  a target may raise anything, and that is the finding
            self.stop(RAISED, f"{name} raises {raised(error)}")
        finally:
            if outermost:
                self.watch.leave()
            inside.pop()
            if self.listener:
                self.listener.inside(inside)

    def stop(self, rule: str, what: str) -> None:
        """The target broke *rule* so that the run cannot go on. Raises Over."""
        self.over = True
        if self.inside:
            self.watch.enter()  # a target that swallows what is raised here gets no longer than any other
        self.judge.misbehaves(rule, what)
        raise Over

    def _enter(self, name: str) -> None:
        """The target calls *name*."""
        if threading.get_ident() != self.thread:
            raise RuntimeError(f"{name} was called from another thread; the checker plays with one")
        if self.over:
            raise Over
        self.made += 1
        if not self.inside:
            self.judge.misbehaves(NONSENSE, f"{name} is called when no entry point is active")
        elif self.made > MOST_CALLS and not self._gets_on():
            self.stop(HUNG, f"{self.inside[-1]} has made {MOST_CALLS} calls and has not returned")

    def _gets_on(self) -> bool:
        """Whether applications or the wire got new data since this was asked last: that ends."""
        moved = sum(conn.peer.app_got + conn.peer.sent for conn in self.judge.world.conns)
        before, self.moved, self.made = self.moved, moved, 0
        return moved > before
