"""Compliant targets that differ from the reference in what they may: nothing is to be said against them.

Each takes a freedom that the pages, or TCP itself, leave to whoever writes a driver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chimneysweep.targets.chimney.interface import (
    BlockList,
    Ndis,
    NetBufferList,
    Segment,
    StateType,
    Status,
    TcpEvent,
    Timer,
    seq_add,
    seq_diff,
)
from chimneysweep.targets.chimney.python.linked_lists import walk
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import StateObject, TcpConnection


class DropsSegments(Reference):
    """Short of memory: every second segment with data or a FIN is dropped, and the peer sends it again."""

    count = 0

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        self.count += 1
        if self.count % 2:
            super()._take(conn, segment)


class _Refuses(Reference):
    """Fails the offload of what it has no room for: Status says why, and no context is stored."""

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """Take over what there is room for; nothing depends on what is not."""
        left: list[BlockList] = []
        for block in walk(block_list):
            status = Status.FAILURE if block in left else self._refusal(block)
            block.status = status or Status.SUCCESS
            if status:
                left += walk(block.dependent_block_list)
            elif not block.placeholder:
                block.miniport_offload_context = self._offload(block)
        self._complete_offload(block_list)

    def _refusal(self, block: BlockList) -> Status | None:
        """Why the state object is not taken over; None if it is."""
        raise NotImplementedError


class OneConnection(_Refuses):
    """Has room for one connection."""

    def _refusal(self, block: BlockList) -> Status | None:
        return Status.TCP_ENTRIES if block.type is StateType.TCP and self.conns else None


class SecondConnectionOnly(_Refuses):
    """Does not like the first connection that it is offered."""

    offered = 0

    def _refusal(self, block: BlockList) -> Status | None:
        self.offered += block.type is StateType.TCP
        return Status.TCP_RCV_WINDOW if block.type is StateType.TCP and self.offered == 1 else None


class OnePath(_Refuses):
    """Has room for one path."""

    paths = 0

    def _refusal(self, block: BlockList) -> Status | None:
        self.paths += block.type is StateType.PATH
        return Status.PATH_ENTRIES if block.type is StateType.PATH and self.paths > 1 else None


class TakesNothing(_Refuses):
    """Has no memory for anything."""

    def _refusal(self, block: BlockList) -> Status | None:
        return Status.RESOURCES


class RefusesWhatIsOutstanding(_Refuses):
    """Takes over only connections on which nothing is outstanding."""

    def _refusal(self, block: BlockList) -> Status | None:
        if block.net_buffer_list_chain:
            return Status.TCP_XMIT_BUFFER
        return Status.TCP_RCV_BUFFER if block.state and block.state.buffered_data else None


class OffloadsLate(Reference):
    """Keeps what the host offloads for later, as a target may that asked for a pause."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.queued: list[tuple[int, BlockList]] = []

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """Not yet."""
        self.queued.append((1, block_list))

    def run(self) -> None:
        """Now, when there was time before."""
        queued, self.queued = self.queued, []
        for waits, blocks in queued:
            if waits:
                self.queued.append((waits - 1, blocks))
            else:
                super().miniport_initiate_offload(blocks)
        super().run()


class ReusesContexts(Reference):
    """Has a context that it freed once more, for a new connection."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        freed = next((conn for conn in self.conns if conn.freed), None)
        if freed is None or not isinstance(found, TcpConnection):
            return found
        self.conns = [conn for conn in self.conns if conn not in (freed, found)] + [freed]
        freed.__dict__ = found.__dict__
        return freed


class ChainsNothing(Reference):
    """Completes every outstanding send, and passes no chain."""

    def _drain(self, conn: TcpConnection) -> None:
        super()._drain(conn)
        while conn.sends:
            start, nbl = conn.sends.pop(0)
            done = max(0, min(nbl.data_length, seq_diff(conn.una, start)))
            self._complete_send(nbl, Status.UPLOAD_IN_PROGRESS, done)


class SendsAgainFromUna(Reference):
    """Will have the host send everything again that is not acknowledged: SndNxt is SndUna."""

    def _delegate(self, conn: TcpConnection, state: Any) -> None:
        super()._delegate(conn, state)
        state.snd_nxt = state.snd_una


class Nagle(Reference):
    """Sends less than 500 bytes only if nothing is in flight."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Now, or after the acknowledgement."""
        waiting = seq_diff(context.end, context.nxt)
        if waiting >= 500 or context.nxt == context.una or context.closing:
            super().transmit_opportunity(context, room)


class AsksForAll(Reference):
    """Gives everything back when the hardware fails, with one indication for the adapter."""

    def hardware_fails(self, context: StateObject) -> None:
        """NDIS_STATUS_UPLOAD_ALL."""
        context.lost = True
        self.indications += 1
        self.ndis.m_indicate_status_ex("NDIS_STATUS_UPLOAD_ALL")
        self.indications -= 1


class AsksAndAborts(Reference):
    """Takes all steps that follow on failed hardware: it asks, and tells that the connection is gone."""

    def hardware_fails(self, context: StateObject) -> None:
        """TcpIndicateRetrieve, then TcpIndicateAbort."""
        super().hardware_fails(context)
        if isinstance(context, TcpConnection):
            self._event(context, TcpEvent.ABORT)


class TellsAfterTheFailure(Reference):
    """Takes the steps that follow on failed hardware once more, when the tree is back."""

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        for conn in self._connections(tree):
            if conn.lost:
                self._event(conn, TcpEvent.RETRIEVE, "HardwareFailure")
                self._event(conn, TcpEvent.ABORT)


class GivesInvalidUp(Reference):
    """Works no more when a path was invalidated, and asks for what stands on it to be taken back."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.invalid = False
        self.asked: list[TcpConnection] = []

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """From now on."""
        self.invalid = True
        super().miniport_invalidate_offload(block_list)

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Ask once."""
        over = context.lost or context.aborted or context.terminating
        if not self.invalid:
            super().transmit_opportunity(context, room)
        elif context not in self.asked and not over:
            self.asked.append(context)
            self._event(context, TcpEvent.RETRIEVE, "InvalidState")

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Drop what comes on a connection that was asked for; during the termination it is the host's."""
        if context not in self.asked or context.terminating:
            super().segment_arrives(context, segment)


class SendsLazily(Reference):
    """Sends at every third opportunity."""

    count = 0

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Now, or two opportunities later."""
        self.count += 1
        if self.count % 3 == 0:
            super().transmit_opportunity(context, room)


class RetransmitsLate(Reference):
    """Has a timer that backs off: the second expiry counts."""

    count = 0

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """Now, or when it expires again."""
        self.count += timer is Timer.RETRANSMIT
        if timer is not Timer.RETRANSMIT or self.count % 2 == 0:
            super().timer_expires(context, timer)


class DeliversLate(Reference):
    """Fills receive requests and indicates data when it gets time, and not before."""

    def _deliver(self, conn: TcpConnection) -> None:
        """Nothing yet."""

    def run(self) -> None:
        """Now."""
        for conn in self.conns:
            super()._deliver(conn)
        super().run()


class WaitsForPush(Reference):
    """Keeps a receive request that is not full until the push timer expires."""

    pushed = False

    def _serves(self, conn: TcpConnection, request: NetBufferList) -> bool:
        full = len(conn.held) >= request.data_length or conn.peer_fin
        return super()._serves(conn, request) and (full or self.pushed)

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """The push timer, too; it does not run where a request waits until it is full."""
        self.pushed = timer is Timer.PUSH
        self._deliver(context)
        self.pushed = False
        super().timer_expires(context, timer)


class TellsEventsLate(Reference):
    """Tells what the peer did when it gets time, and not in the moment of the segment."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.untold: list[tuple[TcpConnection, TcpEvent, Any]] = []

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        self.untold.append((conn, event, information))

    def run(self) -> None:
        """Tell; but nothing of a connection that is the host's again."""
        while self.untold:
            conn, event, information = self.untold.pop(0)
            if not conn.terminating:
                super()._event(conn, event, information)
        super().run()


class AcknowledgesAtOnce(Reference):
    """Holds no acknowledgement back."""

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        super()._take(conn, segment)
        if conn.acks_due:
            self._transmit(conn)


class CompletesInLists(Reference):
    """Completes the sends that one acknowledgement covers in one call."""

    def _complete_acknowledged(self, conn: TcpConnection) -> None:
        done: list[NetBufferList] = []
        while conn.sends and seq_diff(conn.una, conn.sends[0][0]) >= conn.sends[0][1].data_length:
            done.append(conn.sends.pop(0)[1])
        for nbl, following in zip(done, [*done[1:], None], strict=False):
            length = nbl.data_length
            nbl.status, nbl.bytes_transferred, nbl.next = Status.SUCCESS, length, following
            nbl.advance_data_start(length)
        if done:
            self.ndis.tcp_offload_send_complete(done[0])


class TerminatesLate(Reference):
    """Has much to do before it hands a tree back: it is ready when it had time for the seventh time."""

    times = 0

    def _indications_returned(self, tree: BlockList) -> bool:
        self.times += 1
        return self.times % 7 == 0 and super()._indications_returned(tree)


class LaysIntoRequests(Reference):
    """Lays data into posted requests, so it takes no room; what is in no full one is handed back buffered."""

    edges: dict[TcpConnection, int]

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.edges = {}

    def _room(self, conn: TcpConnection) -> int:
        laid = min(len(conn.held), sum(request.data_length for request in conn.requests))
        offered = seq_diff(self.edges.get(conn, conn.rcv_nxt), conn.rcv_nxt)
        room = max(super()._room(conn) + laid, offered)  # a request that goes back takes none with it
        self.edges[conn] = seq_add(conn.rcv_nxt, room)
        return room

    def _delegate(self, conn: TcpConnection, state: Any) -> None:
        super()._delegate(conn, state)
        offered = seq_diff(self.edges.get(conn, conn.rcv_nxt), conn.rcv_nxt)
        state.rcv_wnd = max(state.rcv_wnd, offered)


LAWFUL: Sequence[type[Reference]] = (
    DropsSegments,
    OneConnection,
    SecondConnectionOnly,
    OnePath,
    TakesNothing,
    RefusesWhatIsOutstanding,
    OffloadsLate,
    ReusesContexts,
    ChainsNothing,
    SendsAgainFromUna,
    Nagle,
    AsksForAll,
    AsksAndAborts,
    TellsAfterTheFailure,
    GivesInvalidUp,
    SendsLazily,
    RetransmitsLate,
    DeliversLate,
    WaitsForPush,
    TellsEventsLate,
    AcknowledgesAtOnce,
    CompletesInLists,
    TerminatesLate,
    LaysIntoRequests,
)


class StoresAndFails(_Refuses):
    """Not lawful: fails the second connection, and stores a context for it all the same."""

    def _refusal(self, block: BlockList) -> Status | None:
        if block.type is StateType.TCP and self.conns:
            block.miniport_offload_context = StateObject(block)
            return Status.TCP_ENTRIES
        return None
