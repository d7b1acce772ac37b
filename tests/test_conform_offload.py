"""What a target does wrong while it takes connections over, each found by its check."""

from __future__ import annotations

from typing import Any

import pytest
from lawful_targets import OnePath
from native_stage import complaints, needs_cc, play, play_sanitized, smallest

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.delegated import TcpDelegatedState
from chimneysweep.targets.chimney.interface import (
    BlockList,
    NetBufferList,
    StateType,
    Status,
    Timer,
    seq_diff,
)
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.moves import again, appetite, data, receive
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import StateObject, TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE
from chimneysweep.targets.running.direct import JUDGED, InProcess

REFUSED = (appetite(n=0), data(n=40), again(m=2))
"""The host has data that its application did not take, and hands it over with the next offload."""


def found(target: Any, *moves: Move, offloads: tuple[Offload, ...] = (Offload(),)) -> dict[str, str]:
    """What breaks first, in words, by rule."""
    run = Play(target, Scenario(moves, offloads=offloads, shape="two paths"), JUDGED)
    run.run()
    return complaints(run)


class KeepsHostsBuffer(Reference):
    """Copies the data that came along with an offload when somebody asks for it, and not before."""

    def __init__(self, ndis: Any) -> None:
        super().__init__(ndis)
        self.hosts: list[tuple[TcpConnection, NetBufferList]] = []

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection) and block.state and block.state.buffered_data:
            self.hosts.append((made, block.state.buffered_data))
        return made

    def miniport_tcp_offload_receive(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Now somebody asks."""
        for conn, buffered in self.hosts:
            conn.held[: len(buffered.data)] = buffered.data
        return super().miniport_tcp_offload_receive(context, net_buffer_list)


class ForgetsWhatCameAlong(Reference):
    """Tells in a query of the data that it received itself, and not of what came along with the offload."""

    def __init__(self, ndis: Any) -> None:
        super().__init__(ndis)
        self.along: dict[int, int] = {}

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            self.along[id(made)] = len(made.held)
        return made

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        state.receive_backlog -= self.along[id(conn)]


class ConnectionsOnAFailedPath(OnePath):
    """Fails a path for want of room, and takes the connection on it all the same."""

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """What has room."""
        complete = self.ndis.m_initiate_offload_complete
        self.ndis.m_initiate_offload_complete = lambda blocks: None  # type: ignore[method-assign]
        super().miniport_initiate_offload(block_list)
        self.ndis.m_initiate_offload_complete = complete  # type: ignore[method-assign]
        left = [block_list]
        while left:
            block = left.pop()
            left += [b for b in (block.next_block, block.dependent_block_list) if b]
            if block.type is StateType.TCP and block.miniport_offload_context is None:
                block.miniport_offload_context, block.status = self._offload(block), Status.SUCCESS
        complete(block_list)


class IndicatesAtOnce(Reference):
    """Indicates the data that came along with an offload as soon as it has it."""

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            made.refused = False
            self._deliver(made)
        return made


class OldIsNotSentAgain(Reference):
    """Sends again what was posted since the offload, and nothing that the host had sent before."""

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            self.floor = made.max
        return made

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """Go back, but not that far."""
        super().timer_expires(context, timer)
        if seq_diff(context.nxt, self.floor) < 0:
            context.nxt = self.floor


def test_what_the_host_had_sent_before_is_lost() -> None:
    scenario = DIRECTED["offloaded again, and what was sent before is lost"]
    assert not InProcess(Reference).play(scenario).breaches
    assert "progress.retransmitted" in InProcess(OldIsNotSentAgain).play(scenario).breaches


def test_the_hosts_buffer_is_used_after_the_offload() -> None:
    asked = (*REFUSED, receive(n=64))
    assert not found(Reference, *asked)
    assert "guarantee.receive-in-order" in found(KeepsHostsBuffer, *asked)


def test_data_that_came_along_is_told_in_a_query() -> None:
    asked = DIRECTED["offloaded again as it came back, and queried"]
    assert not InProcess(Reference).play(asked).breaches
    assert "query.current" in InProcess(ForgetsWhatCameAlong).play(asked).breaches


def test_a_connection_on_a_path_that_was_failed() -> None:
    two = (Offload(), Offload())
    assert not found(OnePath, offloads=two)
    assert "and not the path and neighbor below it" in found(ConnectionsOnAFailedPath, offloads=two)[NONSENSE]


def test_data_is_indicated_before_the_offload_is_complete() -> None:
    says = "NdisTcpOffloadReceiveHandler is called before the offload of connection 0 is complete"
    assert says in found(IndicatesAtOnce, *REFUSED)[NONSENSE]


class ForgetsWhenPaused(Reference):
    """Asks for a pause when the link changes, and forgets what is offloaded then, or keeps it for later."""

    paused, keeps = False, False

    def __init__(self, ndis: Any) -> None:
        super().__init__(ndis)
        self.queued: list[BlockList] = []

    def link_changes(self) -> None:
        """A pause."""
        self.paused = True
        self.ndis.m_indicate_status_ex("NDIS_STATUS_OFFLOAD_PAUSE")

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """Later, or never."""
        if self.paused:
            self.queued.append(block_list)
        else:
            super().miniport_initiate_offload(block_list)

    def run(self) -> None:
        """The pause is over."""
        while self.keeps and self.queued:
            super().miniport_initiate_offload(self.queued.pop())
        super().run()


def test_what_is_offloaded_during_a_pause_is_forgotten() -> None:
    kept = type("Keeps", (ForgetsWhenPaused,), {"keeps": True})
    moves = (Move("link"), again(m=1), data(n=3))
    assert not found(kept, *moves)
    assert "is never completed with its block list" in found(ForgetsWhenPaused, *moves)[NONSENSE]


class KeepsPathsHandle(Reference):
    """The context of a connection has the handle of the object above it."""

    above: object = None

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            made.handle = self.above
        self.above = block.ndis_offload_handle
        return made


def test_a_context_has_another_handle() -> None:
    assert "as a handle, which no connection has" in found(KeepsPathsHandle, data(n=3))[NONSENSE]


@needs_cc
def test_the_hosts_tree_is_read_after_the_offload() -> None:
    old = "((PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST)(PVOID)adapter->kept)"
    reads = f"if (adapter->count) adapter->count += {old}->Status"
    cases = {"read": (Move("send", n=5),), "not read": ()}
    said = play_sanitized(cases, ON_OFFLOAD="adapter->kept = (PVOID)list", ON_COMPLETE=reads)
    assert "AddressSanitizer" not in said["not read"]
    assert "AddressSanitizer: use-after-poison" in said["read"]


@needs_cc
@pytest.mark.parametrize("member", ["ProtocolReserved[1]", "ImReserved[0]", "SourceHandle"])
@pytest.mark.parametrize("when", ["ON_BLOCK", "ON_OFFLOAD"])
def test_members_of_a_block_that_are_others(member: str, when: str) -> None:
    block = "block" if when == "ON_BLOCK" else "list"
    assert (
        "which are others' to write"
        in complaints(play(smallest(**{when: f"{block}->{member} = NULL"})))[NONSENSE]
    )
