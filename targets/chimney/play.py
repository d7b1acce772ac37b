"""Playing a scenario against a target: the host, the wire and the hardware, move by move."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext

from ...model.bounds import Bounds
from ...model.chimney import afterwards, only_seen
from ...model.chimney.shapes import Node, offloaded
from ...model.chimney.state import COMPLETED, OFFLOADED, Delegated, World
from ...model.tcp.numbers import NULL
from ...properties.subject import Subject
from ..judging.criteria import Criteria
from ..judging.listener import Listener
from ..judging.misbehaviour import LEAKED, NONSENSE, kind_of
from ..judging.monitor import Judge, Monitor
from ..machine.watchdog import Watch, watch
from .delegated import ALL_MEMBERS, TcpConstState, TcpDelegatedState, wind_scale
from .interface import OFFLOAD_FAILED, BlockList, Factory, Status
from .moves import ack, moves_of, return_buffers, terminate_offload
from .notes import Notes
from .resting import came_to_rest
from .scenario import Scenario, flat
from .stage import Over, Stage
from .tree_shapes import connections as conns_below
from .tree_shapes import gone, plan

TIMES_TO_RUN = 3


def first_world(
    scenario: Scenario, bounds: Bounds, subject: Subject, refused: frozenset[int] = frozenset()
) -> World:
    """The model's world in which the scenario starts; what *bounds* has room for besides stays blank.

    Connections that the target *refused* are in it as some that stay, and on which nothing happens.
    """
    tree = plan(scenario.shape, len(scenario.offloads), refused).tree
    return offloaded(subject.blank(bounds), tree, scenario.offloads)


def plain_monitor(
    scenario: Scenario, criteria: Criteria, listener: Listener | None = None, bounds: Bounds | None = None
) -> Monitor:
    """A monitor that stands where the scenario starts, in a world that holds it, or has these *bounds*."""
    bounds, listener = bounds or scenario.bounds(), listener or Listener()
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
        judge: Judge | None = None,
        armed: Watch | None = None,
        notes: Notes | None = None,
    ) -> None:
        """*judge*: who judges, if not a plain monitor. *armed*: a watch that is armed already.

        *notes* are taken of the world before each move and after the last.
        """
        conns = len(scenario.offloads)
        judge = judge or plain_monitor(scenario, criteria, listener)
        watching = armed or watch(timeout)
        super().__init__(judge, plan(scenario.shape, conns), conns, watching, listener, criteria.added)
        self.ndis.during = self._during
        self.rest = self._rest
        self.scenario = scenario
        self.subject = criteria.subject
        self.arming = nullcontext() if armed else watching
        self.factory = factory
        self.notes = notes
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

    def _begin(self) -> None:
        """Make the target, and offload the connections."""
        self.target = self.guarded("the constructor", self.factory, self.ndis)
        self._initiate()

    def _play(self) -> None:
        self._begin()
        for move in self.scenario.moves:
            self._note()
            self.moves[move.kind].play(self, move)
        self._note()
        self._finish()
        self._note()

    def _note(self) -> None:
        if self.notes:
            self.notes.take(self)

    def _during(self) -> None:
        """An indication is under way: play what was kept for this moment."""
        if self.interludes:
            for move in self.interludes.pop(0):
                self.moves[move.kind].play(self, move)

    def _rest(self) -> None:
        """Wait until nothing changes any more, and let it be judged. Nobody rests inside of a call."""
        if not self.inside and came_to_rest(self) and self.judge.if_possible(afterwards.Quiet):
            self.judge.happens(only_seen.GoesOn)

    # -- before and after the moves --------------------------------------------------

    def _initiate(self) -> None:
        for node, block in self.handed.blocks:
            block.ndis_offload_handle = self.handed.handles[node.conn] if node.conn != NULL else object()
            if node.conn != NULL:
                block.state = self._offloaded(node.conn)
                block.constant = self._constant(node.conn)
        for blocks in self.handed.offloads:
            self.call("miniport_initiate_offload", blocks[0])
        self.call("run")
        for number, blocks in enumerate(self.handed.offloads):
            if not any(blocks[0] is root for root in self.ndis.initiated):
                self.stop(NONSENSE, f"initiate request {number} is never completed with its block list")
        refused = frozenset(node.conn for node, block in self.handed.blocks if self._is_refused(node, block))
        if refused:
            self._go_on_without(refused - {NULL})

    def _is_refused(self, node: Node, block: BlockList) -> bool:
        """Whether the target did not take a state object over, and said so.

        Sources: ddi/nf-ndischimney-ndisminitiateoffloadcomplete.md;
        ddi/nc-ndischimney-w_initiate_offload_handler.md (no context then).
        """
        what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
        failed = isinstance(block.status, Status) and block.status in OFFLOAD_FAILED
        stored = block.miniport_offload_context is not None
        if failed and stored:
            self.stop(NONSENSE, f"the target stored a miniport_offload_context for {what}, and failed it")
        if not failed and not stored:
            self.stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")
        return failed

    def _go_on_without(self, refused: frozenset[int]) -> None:
        """The host keeps the connections that were *refused*, and goes on with the others."""
        handed, conns = self.handed, self.handed.conns
        kept = plan(self.scenario.shape, conns, refused)
        handed.refuse(refused, kept)
        left = [(node, block) for node, block in handed.blocks if not gone(node, refused)]
        lacking = [node for node, block in left if block.miniport_offload_context is None]
        if any(conns_below((node,)) for node in lacking):
            self.stop(NONSENSE, "the target took a connection over, and not the path and neighbor below it")
        if lacking or not kept.tree or self.judge.names:
            self._halt()  # nothing is left to terminate, or the target has gone wrong already
            raise Over
        first = first_world(self.scenario, self.judge.bounds, self.subject, refused)
        self.judge.begins(first, len(kept.terminated))
        if self.listener:
            self.listener.begins(self.monitor)

    def _offloaded(self, c: int) -> TcpDelegatedState:
        o = self.scenario.offloads[c]
        state = TcpDelegatedState(o.isn, o.isn, o.isn, o.window, o.irn, o.capacity)
        return dataclasses.replace(state, **{name: getattr(Delegated(), name) for name in ALL_MEMBERS})

    def _constant(self, c: int) -> TcpConstState:
        """Neither factor is 0, and they differ: who scales once too often, or by the other one, is seen."""
        o = self.scenario.offloads[c]
        told = (move.m for move in flat(self.scenario.moves) if move.kind == ack.name)
        return TcpConstState(wind_scale(max(o.window, *told, 0), 2), wind_scale(o.capacity, 1))

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
        if came_to_rest(self):
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
        ahead = getattr(self.target, "ahead", None)
        if ahead:  # a target that lives elsewhere is told once
            ahead("run", TIMES_TO_RUN)
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
        if not self.judge.if_possible(afterwards.HostReceives, conn=c, length=10):
            self.judge.if_possible(afterwards.HostReceives, conn=c, length=1)
