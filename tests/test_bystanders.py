"""Connections beside those of a run are taken over, left alone and handed back as they came, or told."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest

from chimneysweep.targets.campaign.directed_parts import CROWDED
from chimneysweep.targets.campaign.generate import few
from chimneysweep.targets.chimney.interface import BlockList, Segment, StateType, Status, TcpEvent
from chimneysweep.targets.chimney.more_offloads import START
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.linked_lists import walk
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE
from chimneysweep.targets.running.direct import JUDGED

FIRST = next(iter(CROWDED.values()))


def played(target: Any, scenario: Scenario = FIRST) -> Play:
    run = Play(target, scenario, JUDGED)
    run.run()
    return run


class OfOthers(Reference):
    """What it does with the connections that come beside those of the run is for a bug to say."""

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        before = len(self.conns)
        super().miniport_initiate_offload(block_list)
        if START <= self.conns[before].una < 2 * START:
            self.took(block_list, self.conns[before])

    def took(self, root: BlockList, other: TcpConnection) -> None:
        """They were taken over, *other* among them."""


class SendsData(OfOthers):
    def took(self, root: BlockList, other: TcpConnection) -> None:
        self.ndis.transmit(other.handle, Segment(other.nxt, other.rcv_nxt, 9, b"x"))


class TellsEnd(OfOthers):
    def took(self, root: BlockList, other: TcpConnection) -> None:
        self.ndis.tcp_offload_event_handler(other.handle, TcpEvent.DISCONNECT)


class Frees(OfOthers):
    def took(self, root: BlockList, other: TcpConnection) -> None:
        self.ndis.free_resources(other)


class CountsOn(OfOthers):
    def took(self, root: BlockList, other: TcpConnection) -> None:
        other.rcv_nxt += 1


class Loses(OfOthers):
    def took(self, root: BlockList, other: TcpConnection) -> None:
        other.lost = True


class NeverReturns(OfOthers):
    def _finish(self, tree: BlockList) -> None:
        if all(conn.una < START for conn in self._connections(tree)):
            super()._finish(tree)


class NeverTakes(Reference):
    def _complete_offload(self, block_list: BlockList) -> None:
        if len(self.conns) == 1:
            super()._complete_offload(block_list)


class TakesOnlyConnections(Reference):
    def _complete_offload(self, block_list: BlockList) -> None:
        for block in walk(block_list):
            if len(self.conns) > 1 and block.type is not StateType.TCP:
                block.status, block.miniport_offload_context = Status.RESOURCES, None
        super()._complete_offload(block_list)


BUGS = {
    SendsData: "transmit is called on another connection",
    TellsEnd: "NdisTcpOffloadEventHandler is called on another connection",
    Frees: "another connection is freed that was not handed back",
    CountsOn: "comes back with rcv_nxt",
    Loses: "comes back with NDIS_STATUS_FAILURE",
    NeverReturns: "the terminate request of other connections is never completed",
    NeverTakes: "the initiate request of other connections is never completed",
    TakesOnlyConnections: "took other connections over, and not what is below",
}


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_done_to_them_is_told(bug: type[Reference]) -> None:
    breach = played(bug).breaches[NONSENSE]
    assert BUGS[bug] in breach.violation.broken[0].where


class HasRoomForTwo(Reference):
    """Refuses what comes when it has two."""

    def _offload(self, block: BlockList) -> Any:
        if block.type is StateType.TCP and sum(not conn.freed for conn in self.conns) >= 2:
            return None  # it stores no context
        return super()._offload(block)

    def _complete_offload(self, block_list: BlockList) -> None:
        for block in walk(block_list):
            if block.miniport_offload_context is None:
                block.status = Status.TCP_ENTRIES
        super()._complete_offload(block_list)


class Asks(OfOthers):
    """Asks for them to be taken back, and acknowledges what was acknowledged before."""

    def took(self, root: BlockList, other: TcpConnection) -> None:
        self.ndis.transmit(other.handle, Segment(other.nxt, other.rcv_nxt, 9))


@pytest.mark.parametrize("target", [Reference, HasRoomForTwo, Asks])
@pytest.mark.parametrize("name", CROWDED)
def test_lawful_targets_may_refuse_some(target: type[Reference], name: str) -> None:
    run = played(target, CROWDED[name])
    assert not run.breaches
    assert run.ndis.bystanders.made > 1
    assert not run.ndis.bystanders.there


def test_a_search_draws_them() -> None:
    drawn = [few(Random(k)) for k in range(300)]
    assert any(move.kind == "others come" for scenario in drawn for move in scenario.moves)
    assert any(move.kind == "others go" for scenario in drawn for move in scenario.moves)


def _status(block: BlockList) -> None:
    block.status = cast(Any, 5)


def _junk(block: BlockList) -> None:
    block.state = cast(Any, "x") if block.state else None


def _less(block: BlockList) -> None:
    if block.state:
        del block.state.snd_una


@pytest.mark.parametrize(
    ("writes", "says"),
    [
        (_status, "comes back with 5 as its status"),
        (_junk, "without its delegated structure"),
        (_less, "with snd_una None"),
    ],
)
def test_whatever_is_written_into_their_blocks_is_told_as_that(
    writes: Callable[[BlockList], None], says: str
) -> None:
    class Writes(Reference):
        def _write_block(self, block: BlockList) -> None:
            super()._write_block(block)
            writes(block)

    told = played(Writes).breaches[NONSENSE].violation
    assert told is not None
    assert told.broken[0].where.endswith(says)
