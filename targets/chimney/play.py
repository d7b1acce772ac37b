"""Playing a scenario against a target: the host, the wire and the hardware, move by move."""

from __future__ import annotations

from collections.abc import MutableSequence
from contextlib import nullcontext

from ...model.bounds import Bounds
from ...model.chimney import afterwards, only_seen
from ...model.chimney.shapes import offloaded, shape
from ...model.chimney.state import COMPLETED, OFFLOADED, World
from ...model.tcp.numbers import NULL
from ...properties.subject import Subject
from ..judging.criteria import Criteria
from ..judging.listener import Listener
from ..judging.misbehaviour import LEAKED, NONSENSE, kind_of
from ..judging.monitor import Judge, Monitor
from ..machine.watchdog import Watch, watch
from .interface import Factory, TcpDelegatedState
from .moves import moves_of, return_buffers, terminate_offload
from .scenario import Scenario
from .stage import Over, Stage
from .tree_shapes import plan

TIMES_TO_RUN = 3


def first_world(scenario: Scenario, bounds: Bounds, subject: Subject) -> World:
    """The model's world in which the scenario starts; what *bounds* has room for besides stays blank."""
    tree = shape(scenario.shape, len(scenario.offloads))
    return offloaded(subject.blank(bounds), tree, scenario.offloads)


def _plain(scenario: Scenario, criteria: Criteria, listener: Listener) -> Monitor:
    bounds = scenario.bounds()
    return Monitor(first_world(scenario, bounds, criteria.subject), bounds, criteria, listener.happened)


class Play(Stage):
    """One run of a scenario. After :meth:`run`, ``judge`` knows what happened: ``monitor`` by default."""

    def __init__(
        self,
        factory: Factory,
        scenario: Scenario,
        criteria: Criteria,
        timeout: float = 5.0,
        listener: Listener | None = None,
        slot: MutableSequence[float] | None = None,
        judge: Judge | None = None,
        armed: Watch | None = None,
    ) -> None:
        """*judge*: who judges, if not a plain monitor. *armed*: a watch that is armed already."""
        conns = len(scenario.offloads)
        judge = judge or _plain(scenario, criteria, listener or Listener())
        watching = armed or watch(timeout, slot)
        super().__init__(judge, plan(scenario.shape, conns), conns, watching, listener, criteria.added)
        self.ndis.during = self._during
        self.scenario = scenario
        self.arming = nullcontext() if armed else watching
        self.factory = factory
        self.moves = moves_of(criteria.added, criteria.subject.bounds)

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
        self.target = self.guarded("the constructor", self.factory, self.ndis)
        self._initiate()
        for move in self.scenario.moves:
            self.moves[move.kind].play(self, move)
        self._finish()

    def _during(self) -> None:
        """An indication is under way: play what was kept for this moment."""
        if self.interludes:
            for move in self.interludes.pop(0):
                self.moves[move.kind].play(self, move)

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
                self.stop(NONSENSE, f"initiate request {number} is never completed with its block list")
        for node, block in self.handed.blocks:
            if block.miniport_offload_context is None:
                what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
                self.stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")

    def _offloaded(self, c: int) -> TcpDelegatedState:
        o = self.scenario.offloads[c]
        return TcpDelegatedState(o.isn, o.isn, o.isn, o.window, o.irn, o.capacity)

    def _finish(self) -> None:
        if self.judge.world.phase == OFFLOADED:
            terminate_offload(self)
        self._give_time()
        world = self.judge.world
        if world.phase == COMPLETED:
            for c, conn in enumerate(world.conns):
                if conn.block != NULL:
                    self._resume(c)
        for c in range(self.handed.conns):
            return_buffers(self, c)
        self._give_time()
        self.judge.happens(afterwards.Quiet)
        self._halt()

    def _halt(self) -> None:
        if not self.listens("halt"):
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
        self.judge.happens(afterwards.HostResumes, conn=c)
        if c in self.ndis.wrong_bytes and not self.conn(c).host.aborted:
            self.judge.happens(only_seen.WrongBytes, conn=c)
        for _ in range(self.handed.buffers + 1):
            if not self.judge.if_possible(afterwards.HostTransmits, conn=c):
                break
        self.judge.if_possible(afterwards.HostSendsFin, conn=c)
        self.judge.if_possible(afterwards.HostReceives, conn=c, length=10)
