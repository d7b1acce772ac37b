"""Playing a scenario against a target: the host, the wire and the hardware, move by move.

Whatever the target does becomes a finding, never a crash of the run.
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..model.records import update
from ..model.state import COMPLETED, NULL, OFFLOADED, Bounds, World, template
from ..properties.property import Property
from .api import NetBufferList, Status, Target, TcpDelegatedState
from .callbacks import Ndis
from .handed import Handed
from .monitor import Breach, Monitor
from .moves import play_move
from .observed import Observed
from .scenario import Move, Scenario
from .trees import model_blocks, shape
from .watchdog import Hung, limit
from .wire import Line
from .words import HUNG, NONSENSE, RAISED, kind_of

Factory = Callable[[Ndis], Target]
MOST_CALLS = 500
"""Calls that one entry point may make before it counts as never returning."""

TIMES_TO_RUN = 3


class Over(BaseException):
    """The run ends here: the target is in no state to go on."""


def first_world(scenario: Scenario, bounds: Bounds) -> World:
    """The model's world in which the scenario starts."""
    blocks = model_blocks(shape(scenario.shape, len(scenario.offloads)))
    world = template(bounds)
    conns = []
    for c, (offload, conn) in enumerate(zip(scenario.offloads, world.conns, strict=True)):
        own = next((b for b, block in enumerate(blocks) if block.conn == c), NULL)
        peer = update(conn.peer, wnd=offload.window)
        rigid = {"isn": offload.isn, "irn": offload.irn, "capacity": offload.capacity}
        conns.append(update(conn, block=own, peer=peer, **rigid))
    return update(world, blocks=blocks, conns=tuple(conns))


class Play:
    """One run of a scenario. After :meth:`run`, ``monitor`` holds what happened."""

    def __init__(
        self, factory: Factory, scenario: Scenario, properties: Sequence[Property], timeout: float = 5.0
    ) -> None:
        bounds = scenario.bounds()
        tree = shape(scenario.shape, len(scenario.offloads))
        self.scenario = scenario
        self.timeout = timeout
        self.monitor = Monitor(first_world(scenario, bounds), bounds, properties)
        self.lines = [Line(c) for c in range(bounds.connections)]
        self.handed = Handed(tree, bounds.connections, bounds.buffers)
        self.ndis = Observed(self.monitor, self.handed, self.lines)
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
    def breaches(self) -> dict[str, Breach]:
        """What broke, by property."""
        return self.monitor.breaches

    @property
    def sees_failures(self) -> bool:
        """Whether the target listens when the hardware fails."""
        return getattr(type(self.target), "hardware_fails", None) is not Target.hardware_fails

    def run(self) -> None:
        """Play the scenario to the end, or to where the target cannot go on."""
        try:
            with self._guarded("the constructor"):
                self.target = self.factory(self.ndis)
            self._initiate()
            for move in self.scenario.moves:
                play_move(self, move)
            self._finish()
        except Over:
            pass
        finally:
            self.over = True

    # -- calling the target ----------------------------------------------------------

    def call(self, name: str, *args: Any) -> Any:
        """Call an entry point of the target, and notice everything that goes wrong."""
        with self._guarded(name):
            result = getattr(self.target, name)(*args)
        self.ndis.check_seals()
        return result

    def ask(self, name: str, allowed: Status, *args: Any) -> None:
        """Call an entry point whose return value NDIS looks at."""
        result = self.call(name, *args)
        if result is not allowed:
            what = f"{name} returns {kind_of(result)}; only Status.{allowed.name} is allowed"
            self.monitor.misbehaves(NONSENSE, what)

    @contextmanager
    def _guarded(self, name: str) -> Iterator[None]:
        if self.over:
            raise Over
        self.calls += 1
        outermost = not self.inside
        self.made = 0 if outermost else self.made
        self.inside.append(name)
        try:
            if outermost:
                with limit(self.timeout):
                    yield
            else:
                yield
        except (Over, KeyboardInterrupt):
            raise
        except Hung:
            self._stop(HUNG, f"{self.inside[-1]} has not returned after {self.timeout:g} s")
        except BaseException as error:  # noqa: BLE001  a target may raise anything, and that is the finding
            self._stop(RAISED, f"{name} raises {_told(error)}")
        finally:
            self.inside.pop()

    def _stop(self, rule: str, what: str) -> None:
        self.over = True
        self.monitor.misbehaves(rule, what)
        raise Over

    def _enter(self, name: str) -> None:
        """The target calls *name*."""
        if threading.get_ident() != self.thread:
            raise RuntimeError(f"{name} was called from another thread; the checker plays with one")
        if self.over:
            raise Over
        self.made += 1
        if not self.inside:
            self.monitor.misbehaves(NONSENSE, f"{name} is called when no entry point is active")
        elif self.made > MOST_CALLS:
            self._stop(HUNG, f"{self.inside[-1]} has made {MOST_CALLS} calls and has not returned")

    def _during(self) -> None:
        """An indication is under way: play what was kept for this moment."""
        if self.interludes:
            for move in self.interludes.pop(0):
                play_move(self, move)

    # -- before and after the moves --------------------------------------------------

    def _initiate(self) -> None:
        for node, block in self.handed.blocks():
            block.ndis_offload_handle = self.handed.handles[node.conn] if node.conn != NULL else object()
            if node.conn != NULL:
                block.state = self._offloaded(node.conn)
        for blocks in self.handed.offloads:
            self.call("miniport_initiate_offload", blocks[0])
        self.call("run")
        for number, blocks in enumerate(self.handed.offloads):
            if not any(blocks[0] is root for root in self.ndis.initiated):
                self._stop(NONSENSE, f"initiate request {number} is never completed with its block list")
        for node, block in self.handed.blocks():
            if block.miniport_offload_context is None:
                what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
                self._stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")

    def _offloaded(self, c: int) -> TcpDelegatedState:
        o = self.scenario.offloads[c]
        return TcpDelegatedState(o.isn, o.isn, o.isn, o.window, o.irn, o.capacity)

    def terminate(self) -> None:
        """MiniportTerminateOffload with the tree."""
        self.handed.build_tree()
        self.monitor.happens("MiniportTerminateOffload")
        self.call("miniport_terminate_offload", self.handed.tree[0])

    def _finish(self) -> None:
        if self.monitor.world.phase == OFFLOADED:
            self.terminate()
        self._give_time()
        world = self.monitor.world
        if world.phase == COMPLETED:
            for c, conn in enumerate(world.conns):
                if conn.block != NULL:
                    self._resume(c)
        for c in range(self.handed.conns):
            self.give_back(c)
        self._give_time()
        self.monitor.happens("Quiet")

    def _give_time(self) -> None:
        for _ in range(TIMES_TO_RUN):
            self.call("run")

    def _resume(self, c: int) -> None:
        """The host takes connection *c* up again, and what it has shows on the wire."""
        self.monitor.happens("HostResumes", conn=c)
        if c in self.ndis.wrong_bytes and not self.monitor.world.conns[c].host.aborted:
            self.monitor.happens("WrongBytes", conn=c)
        for _ in range(self.handed.buffers + 1):
            if self.monitor.possible("HostTransmits", conn=c):
                self.monitor.happens("HostTransmits", conn=c)
        for name, values in (("HostSendsFin", {}), ("HostReceives", {"length": 10})):
            if self.monitor.possible(name, conn=c, **values):
                self.monitor.happens(name, conn=c, **values)

    def give_back(self, c: int) -> None:
        """MiniportTcpOffloadReceiveReturn for every receive buffer the host holds."""
        buffers: list[NetBufferList] = self.ndis.kept[c]
        self.ndis.kept[c] = []
        if self.monitor.world.conns[c].host.resumed and c in self.handed.states:
            state, self.handed.states[c] = self.handed.states[c], TcpDelegatedState()
            buffers += [state.buffered_data] if isinstance(state.buffered_data, NetBufferList) else []
        if self.monitor.possible("MiniportTcpOffloadReceiveReturn", conn=c):
            self.monitor.happens("MiniportTcpOffloadReceiveReturn", conn=c)
        for nbl in buffers:
            self.ask("miniport_tcp_offload_receive_return", Status.SUCCESS, nbl)


def _told(error: BaseException) -> str:
    """An exception in one line: type, message, and the target's line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({last[0].name}, line {last[0].lineno})" if last else ""
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", str(error))
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"
