"""Playing a scenario against a target: the host, the wire and the hardware, move by move.

Whatever the target does becomes a finding, never a crash of the run.
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from contextlib import nullcontext
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.shapes import offloaded, shape
from ...model.chimney.state import COMPLETED, OFFLOADED, World, template
from ...model.tcp.numbers import NULL
from ...properties.property import Property
from ..judging.listener import Listener
from ..judging.misbehaviour import HUNG, LEAKED, NONSENSE, RAISED, Misbehaved, kind_of
from ..judging.monitor import Breach, Judge, Monitor
from ..machine.watchdog import Hung, Watch, watch
from .handed import Handed
from .interface import Ndis, NetBufferList, Status, Target, TcpDelegatedState
from .moves import play_move
from .observed import Observed
from .scenario import Move, Scenario
from .tree_shapes import plan
from .wire_bytes import WireBytes

Factory = Callable[[Ndis], Target]
MOST_CALLS = 500
"""Calls that one entry point may make before it counts as never returning."""

TIMES_TO_RUN = 3


class Over(BaseException):
    """The run ends here: the target is in no state to go on."""


def first_world(scenario: Scenario, bounds: Bounds) -> World:
    """The model's world in which the scenario starts; what *bounds* has room for besides stays blank."""
    tree = shape(scenario.shape, len(scenario.offloads))
    return offloaded(template(bounds), tree, scenario.offloads)


def _plain(scenario: Scenario, properties: Sequence[Property], listener: Listener) -> Monitor:
    bounds = scenario.bounds()
    return Monitor(first_world(scenario, bounds), bounds, properties, listener.happened)


class Play:
    """One run of a scenario. After :meth:`run`, ``judge`` knows what happened: ``monitor`` by default."""

    def __init__(
        self,
        factory: Factory,
        scenario: Scenario,
        properties: Sequence[Property],
        timeout: float = 5.0,
        listener: Listener | None = None,
        slot: MutableSequence[float] | None = None,
        judge: Judge | None = None,
        armed: Watch | None = None,
    ) -> None:
        """*judge*: who judges, if not a plain monitor. *armed*: a watch that is armed already."""
        conns = len(scenario.offloads)
        self.scenario = scenario
        self.watch = armed or watch(timeout, slot)
        self.arming = nullcontext() if armed else self.watch
        self.listener = listener
        self.judge: Judge = judge or _plain(scenario, properties, listener or Listener())
        self.lines = [WireBytes(c) for c in range(conns)]
        self.handed = Handed(plan(scenario.shape, conns), conns, self.judge.bounds.buffers)
        self.ndis = Observed(self.judge, self.handed, self.lines)
        self.ndis.enter, self.ndis.during = self._enter, self._during
        self.interludes: list[tuple[Move, ...]] = []
        self.inside: list[str] = []  # entry points of the target that have not returned
        self.calls = 0
        self.made = 0  # calls that the outermost entry point made so far
        self.over = False
        self.thread = threading.get_ident()
        self.target: Any = None
        self.factory = factory

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

    @property
    def sees_failures(self) -> bool:
        """Whether the target listens when the hardware fails."""
        return getattr(type(self.target), "hardware_fails", None) is not Target.hardware_fails

    def run(self) -> None:
        """Play the scenario to the end, or to where the target cannot go on."""
        if self.listener:
            self.listener.begins(self.monitor)
        try:
            with self.arming:
                self._play()
        except Over:
            pass
        finally:
            self.over = True

    def _play(self) -> None:
        self.target = self._guarded("the constructor", self.factory, self.ndis)
        self._initiate()
        for move in self.scenario.moves:
            play_move(self, move)
        self._finish()

    # -- calling the target ----------------------------------------------------------

    def call(self, name: str, *args: Any) -> Any:
        """Call an entry point of the target, and notice everything that goes wrong."""
        result = self._guarded(name, getattr(self.target, name, None), *args)
        if self.ndis.seals:
            self.ndis.check_seals()
        return result

    def ask(self, name: str, allowed: Status, *args: Any) -> None:
        """Call an entry point whose return value NDIS looks at."""
        result = self.call(name, *args)
        if result is not allowed:
            what = f"{name} returns {kind_of(result)}; only Status.{allowed.name} is allowed"
            self.judge.misbehaves(NONSENSE, what)

    def _guarded(self, name: str, function: Any, *args: Any) -> Any:
        if self.over:
            raise Over
        self.calls += 1
        inside = self.inside
        outermost = not inside
        inside.append(name)
        if self.listener:
            self.listener.inside(inside)
        if outermost:
            self.made = 0
            self.watch.enter()
        try:
            return function(*args)
        except (Over, KeyboardInterrupt):
            raise
        except Hung:
            self._stop(HUNG, f"{inside[-1]} has not returned after {self.watch.seconds:g} s")
        except Misbehaved as found:
            self._stop(found.rule, str(found))
        except BaseException as error:  # noqa: BLE001  a target may raise anything, and that is the finding
            self._stop(RAISED, f"{name} raises {_told(error)}")
        finally:
            if outermost:
                self.watch.leave()
            inside.pop()
            if self.listener:
                self.listener.inside(inside)

    def _stop(self, rule: str, what: str) -> None:
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
        elif self.made > MOST_CALLS:
            self._stop(HUNG, f"{self.inside[-1]} has made {MOST_CALLS} calls and has not returned")

    def _during(self) -> None:
        """An indication is under way: play what was kept for this moment."""
        if self.interludes:
            for move in self.interludes.pop(0):
                play_move(self, move)

    # -- before and after the moves --------------------------------------------------

    def _initiate(self) -> None:
        for node, block in self.handed.blocks:
            block.ndis_offload_handle = self.handed.handles[node.conn] if node.conn != NULL else object()
            if node.conn != NULL:
                block.state = self._offloaded(node.conn)
        for blocks in self.handed.offloads:
            self.call("miniport_initiate_offload", blocks[0])
        self.call("run")
        for number, blocks in enumerate(self.handed.offloads):
            if not any(blocks[0] is root for root in self.ndis.initiated):
                self._stop(NONSENSE, f"initiate request {number} is never completed with its block list")
        for node, block in self.handed.blocks:
            if block.miniport_offload_context is None:
                what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
                self._stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")

    def _offloaded(self, c: int) -> TcpDelegatedState:
        o = self.scenario.offloads[c]
        return TcpDelegatedState(o.isn, o.isn, o.isn, o.window, o.irn, o.capacity)

    def terminate(self) -> None:
        """MiniportTerminateOffload with the tree."""
        self.handed.build_tree()
        self.judge.happens("MiniportTerminateOffload")
        self.call("miniport_terminate_offload", self.handed.tree[0])

    def _finish(self) -> None:
        if self.judge.world.phase == OFFLOADED:
            self.terminate()
        self._give_time()
        world = self.judge.world
        if world.phase == COMPLETED:
            for c, conn in enumerate(world.conns):
                if conn.block != NULL:
                    self._resume(c)
        for c in range(self.handed.conns):
            self.give_back(c)
        self._give_time()
        self.judge.happens("Quiet")
        self._halt()

    def _halt(self) -> None:
        if getattr(type(self.target), "halt", Target.halt) is Target.halt:
            return
        leaks = self.call("halt")
        if not isinstance(leaks, list):
            self.judge.misbehaves(NONSENSE, f"halt returns {kind_of(leaks)}, no list of sentences")
            return
        for leak in leaks:
            self.judge.misbehaves(LEAKED, str(leak))

    def _give_time(self) -> None:
        for _ in range(TIMES_TO_RUN):
            self.call("run")

    def _resume(self, c: int) -> None:
        """The host takes connection *c* up again, and what it has shows on the wire."""
        self.judge.happens("HostResumes", conn=c)
        if c in self.ndis.wrong_bytes and not self.judge.world.conns[c].host.aborted:
            self.judge.happens("WrongBytes", conn=c)
        for _ in range(self.handed.buffers + 1):
            if not self.judge.possible("HostTransmits", conn=c):
                break
            self.judge.happens("HostTransmits", conn=c)
        for name, values in (("HostSendsFin", {}), ("HostReceives", {"length": 10})):
            if self.judge.possible(name, conn=c, **values):
                self.judge.happens(name, conn=c, **values)

    def give_back(self, c: int) -> None:
        """MiniportTcpOffloadReceiveReturn for every receive buffer the host holds."""
        buffers: list[NetBufferList] = self.ndis.kept[c]
        self.ndis.kept[c] = []
        if self.judge.world.conns[c].host.resumed and c in self.handed.states:
            state, self.handed.states[c] = self.handed.states[c], TcpDelegatedState()
            buffers += [state.buffered_data] if isinstance(state.buffered_data, NetBufferList) else []
        if self.judge.possible("MiniportTcpOffloadReceiveReturn", conn=c):
            self.judge.happens("MiniportTcpOffloadReceiveReturn", conn=c)
        for nbl in buffers:
            self.ask("miniport_tcp_offload_receive_return", Status.SUCCESS, nbl)


def _told(error: BaseException) -> str:
    """An exception in one line: type, message, and the target's line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({last[0].name}, line {last[0].lineno})" if last else ""
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", str(error))
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"
