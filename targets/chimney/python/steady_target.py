"""The reference target, part 1: a driver in charge of its connections.

:class:`Steady` is the driver around a :class:`.TcpConnection`. Part 2, :mod:`.reference_target`,
hands the connections back.

Known limitations: receive requests in push mode are completed as soon as they hold data; one
acknowledgement is held back at most; no congestion control.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..interface import (
    BlockList,
    Ndis,
    NetBufferList,
    Segment,
    StateType,
    Status,
    Target,
    TcpEvent,
    Timer,
    seq_add,
    seq_diff,
)
from .linked_lists import unlink, walk
from .options_kept import Clock
from .tcp_connection import StateObject, TcpConnection, clamped


class Steady(Target):
    """Everything but the hand-off: offloading, sending, receiving, events."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.conns: list[TcpConnection] = []
        self.clock = Clock()
        self.offloading = False  # an offload is being completed
        self.state_calls: list[tuple[Callable[[BlockList], None], BlockList]] = []
        self.indications = 0  # calls of ours that concern no connection and have not returned

    # -- offloading ------------------------------------------------------------------

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """Take every state object over."""
        for block in walk(block_list):
            if not block.placeholder:
                block.miniport_offload_context = self._offload(block)
            block.status = Status.SUCCESS
        self._complete_offload(block_list)

    def _complete_offload(self, block_list: BlockList) -> None:
        """Segments may come meanwhile; nothing is indicated before the call has returned."""
        self.offloading = True
        self.ndis.m_initiate_offload_complete(block_list)
        self.offloading = False
        for conn in self.conns:
            self._deliver(conn)

    def _offload(self, block: BlockList) -> StateObject:
        if block.type is not StateType.TCP or block.state is None:
            return StateObject(block)
        conn = TcpConnection(block, block.state, self.clock)
        self.conns.append(conn)
        self._queue(conn, unlink(block.net_buffer_list_chain))
        return conn

    def _queue(self, conn: TcpConnection, sends: list[NetBufferList]) -> None:
        """The wire will ask for them."""
        for nbl in sends:
            conn.sends.append((conn.end, nbl))
            conn.end = seq_add(conn.end, nbl.data_length)

    # -- requests of the host --------------------------------------------------------

    def miniport_tcp_offload_send(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Queue the sends; the wire will ask for them."""
        self._queue(context, unlink(net_buffer_list))
        return Status.PENDING

    def miniport_tcp_offload_receive(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Queue the receive requests, and fill them with what is there."""
        context.requests += unlink(net_buffer_list)
        context.refused = False
        self._deliver(context)
        return Status.PENDING

    def miniport_tcp_offload_disconnect(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """A FIN is to follow the last byte posted, that of the request's own data."""
        context.disconnect, context.closing = net_buffer_list, True
        context.end = seq_add(context.end, net_buffer_list.data_length)
        return Status.PENDING

    def miniport_tcp_offload_disconnect_abortive(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """An RST at once, and what is outstanding is aborted; completed in :meth:`run`."""
        context.abort = net_buffer_list
        if not context.lost:
            context.aborted = True
            self._send_reset(context)
            self._abort_requests(context)
        return Status.PENDING

    def _send_reset(self, conn: TcpConnection) -> None:
        self.ndis.transmit(conn.handle, Segment(conn.nxt, conn.rcv_nxt, 0, rst=True))

    def _complete_abort(self, conn: TcpConnection, status: Status) -> None:
        if conn.abort:
            nbl, conn.abort = conn.abort, None
            nbl.status = status
            self.ndis.tcp_offload_disconnect_complete(nbl)

    def miniport_tcp_offload_forward(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Queue the segments; they are processed in :meth:`run`."""
        context.forwards += unlink(net_buffer_list)
        return Status.PENDING

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Status:
        """Receive buffers come back; the last one of a connection that is gone frees it."""
        for nbl in unlink(net_buffer_list):
            for conn in self.conns:
                if nbl in conn.lent:
                    conn.lent.remove(nbl)
                self._free_if_idle(conn)
        return Status.SUCCESS

    def _free_if_idle(self, conn: TcpConnection) -> None:
        """Free a connection that is handed back once the host has returned its buffers."""
        if conn.handed_back and not conn.freed and not conn.lent:
            conn.freed = True
            self.ndis.free_resources(conn)

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """Completed in :meth:`run`."""
        self.state_calls.append((self.ndis.m_invalidate_offload_complete, block_list))

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """Completed in :meth:`run`."""
        self.state_calls.append((self.ndis.m_query_offload_state_complete, block_list))

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """Completed in :meth:`run`."""
        self.state_calls.append((self.ndis.m_update_offload_complete, block_list))

    # -- sending ---------------------------------------------------------------------

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Send what the window and *room* allow, from SND.NXT on."""
        conn = context
        if conn.lost or conn.aborted or conn.terminating or conn.urgent:
            return
        open_window = seq_diff(seq_add(conn.una, conn.snd_wnd), conn.nxt)
        length = max(0, min(room, open_window, seq_diff(conn.end, conn.nxt)))
        upto = seq_add(conn.nxt, length)
        fin = conn.closing and upto == conn.end and length < open_window
        if length or fin:
            self._transmit(conn, self._payload(conn, conn.nxt, length), fin)
            conn.nxt = seq_add(upto, int(fin))
            if seq_diff(conn.nxt, conn.max) > 0:
                conn.max = conn.nxt

    def _payload(self, conn: TcpConnection, first: int, length: int) -> bytes:
        """The bytes [first, first + length) out of the queued buffers, and of the disconnect's."""
        payload = b""
        for start, nbl in [*conn.sends, *conn.parting()]:
            skip = seq_diff(seq_add(first, len(payload)), start)
            if 0 <= skip < nbl.data_length:
                payload += nbl.data[skip : skip + length - len(payload)]
        return payload

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        conn.acks_due = 0
        sack = self._blocks(conn) if conn.sack else ()
        segment = Segment(conn.nxt, conn.rcv_nxt, self._room(conn), payload, fin=fin, sack=sack)
        self.ndis.transmit(conn.handle, conn.stamps.put(segment))

    def _blocks(self, conn: TcpConnection) -> tuple[tuple[int, int], ...]:
        """What is held behind a hole, each block from its first sequence number to the one after."""
        return tuple((first, seq_add(first, len(data))) for first, data in conn.early.items())

    def _room(self, conn: TcpConnection) -> int:
        """The receive window: what the buffer has room for."""
        return conn.capacity - len(conn.held)

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """Go back to SND.UNA, or send the acknowledgement that was held back."""
        if context.lost or context.aborted or context.terminating or context.urgent:
            return
        if timer is Timer.RETRANSMIT:
            context.nxt = context.una
        elif context.acks_due:
            self._transmit(context)

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        if self._is_new(conn, segment.ack):
            conn.una = segment.ack
            if seq_diff(conn.nxt, conn.una) < 0:
                conn.nxt = conn.una
        self._take_window(conn, segment)
        self._complete_acknowledged(conn)
        if conn.disconnect and seq_diff(conn.una, conn.end) == 1:
            self._complete_disconnect(conn, Status.SUCCESS)

    def _take_window(self, conn: TcpConnection, segment: Segment) -> None:
        """One that was overtaken, or forwarded late, has a window of before (RFC 9293, 3.10.7.4)."""
        newer = (seq_diff(segment.seq, conn.wl1), seq_diff(segment.ack, conn.wl2)) >= (0, 0)
        if newer and 0 <= seq_diff(segment.ack, conn.una) <= seq_diff(conn.max, conn.una):
            conn.snd_wnd, conn.wl1, conn.wl2 = segment.window, segment.seq, segment.ack
            conn.widest = max(conn.widest, segment.window)

    def _is_new(self, conn: TcpConnection, ack: int) -> bool:
        return seq_diff(ack, conn.una) > 0 and seq_diff(ack, conn.max) <= 0

    def _complete_acknowledged(self, conn: TcpConnection) -> None:
        while conn.sends and seq_diff(conn.una, conn.sends[0][0]) >= conn.sends[0][1].data_length:
            _, nbl = conn.sends.pop(0)
            self._complete_send(nbl, Status.SUCCESS, nbl.data_length)

    def _complete_send(self, nbl: NetBufferList, status: Status, done: int) -> None:
        nbl.status, nbl.bytes_transferred, nbl.next = status, done, None
        nbl.advance_data_start(done)
        self.ndis.tcp_offload_send_complete(nbl)

    def _complete_disconnect(self, conn: TcpConnection, status: Status) -> None:
        if conn.disconnect:
            (start, nbl), *_ = conn.parting()
            conn.disconnect = None
            self._return_disconnect(nbl, status, clamped(seq_diff(conn.una, start), nbl.data_length))

    def _return_disconnect(self, nbl: NetBufferList, status: Status, done: int) -> None:
        nbl.status, nbl.bytes_transferred = status, done
        nbl.advance_data_start(done)
        self.ndis.tcp_offload_disconnect_complete(nbl)

    # -- receiving -------------------------------------------------------------------

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """While a connection is terminated, segments are the host's; else TCP takes them."""
        if context.terminating:
            self.ndis.m_indicate_receive_net_buffer_lists(segment)
        elif context.urgent:
            context.urgent.append(segment)
        elif not context.lost and not context.aborted:
            self._process(context, segment)

    def urgent_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Queue it, and have the host take the connection back: nothing more is acknowledged or sent."""
        if context.terminating or context.urgent:
            self.segment_arrives(context, segment)
        elif not context.lost and not context.aborted and self._is_acceptable(context, segment):
            context.urgent.append(segment)
            self._event(context, TcpEvent.RETRIEVE, "ReceivedUrgentData")

    def _is_acceptable(self, conn: TcpConnection, segment: Segment) -> bool:
        """In the window, and acknowledging nothing that was never sent."""
        inside = 0 <= seq_diff(segment.seq, conn.rcv_nxt) < self._room(conn)
        return inside and seq_diff(segment.ack, conn.max) <= 0

    def _process(self, conn: TcpConnection, segment: Segment) -> None:
        if segment.rst:
            if self._is_meant(conn, segment):
                self._reset(conn)
            return
        if segment.syn:
            self._challenge(conn, segment)
            return
        conn.stamps.take(segment)
        self._acknowledged(conn, segment)
        if segment.payload or segment.fin:
            self._take(conn, segment)
            self._deliver(conn)

    def _challenge(self, conn: TcpConnection, syn: Segment) -> None:
        """A peer that did begin anew answers the acknowledgement with an RST (RFC 5961, section 4)."""
        self._transmit(conn)

    def _is_meant(self, conn: TcpConnection, rst: Segment) -> bool:
        """One outside of the window is nobody's that knows the connection (RFC 9293, 3.10.7.4)."""
        return 0 <= seq_diff(rst.seq, conn.rcv_nxt) <= conn.capacity

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        """Keep a segment's data: in order, or for later with a SACK."""
        if segment.seq != conn.rcv_nxt:
            if seq_diff(segment.seq, conn.rcv_nxt) > 0 and segment.payload:
                conn.early[segment.seq] = segment.payload
            self._transmit(conn)
            return
        conn.held += segment.payload
        conn.rcv_nxt = seq_add(conn.rcv_nxt, len(segment.payload) + int(segment.fin))
        while conn.rcv_nxt in conn.early:
            data = conn.early.pop(conn.rcv_nxt)
            conn.held += data
            conn.rcv_nxt = seq_add(conn.rcv_nxt, len(data))
        if segment.fin and not conn.peer_fin:
            conn.peer_fin, conn.peer_fin_first = True, seq_diff(conn.max, conn.end) <= 0
        conn.acks_due += 1
        if conn.acks_due > 1:
            self._transmit(conn)

    def _deliver(self, conn: TcpConnection) -> None:
        """The delivery algorithm: posted requests first, then an indication (pages/delivery-algorithm.md)."""
        if conn.delivering or conn.lost or self.offloading:
            return
        conn.delivering = True
        while not conn.terminating and not conn.aborted:
            if conn.requests and self._serves(conn, conn.requests[0]):
                self._complete_receive(conn, conn.requests.pop(0))
            elif conn.held and not conn.requests and not conn.refused:
                self._indicate(conn)
            else:
                break
        conn.delivering = False
        if conn.peer_fin and not conn.held and not conn.fin_told and not (conn.terminating or conn.aborted):
            conn.fin_told = True
            self._event(conn, TcpEvent.DISCONNECT)

    def _serves(self, conn: TcpConnection, request: NetBufferList) -> bool:
        """Whether what is held is enough for the oldest request: all of it in nonpush mode."""
        least = request.data_length if request.no_push and not conn.peer_fin else 1
        return len(conn.held) >= min(request.data_length, least)

    def _complete_receive(self, conn: TcpConnection, nbl: NetBufferList) -> None:
        taken = min(nbl.data_length, len(conn.held))
        nbl.fill(bytes(conn.held[:taken]))
        del conn.held[:taken]
        self._return_receive(nbl, Status.SUCCESS, taken)

    def _return_receive(self, nbl: NetBufferList, status: Status, taken: int = 0) -> None:
        nbl.status, nbl.bytes_transferred, nbl.next = status, taken, None
        nbl.advance_data_start(taken)
        self.ndis.tcp_offload_receive_complete(nbl)

    def _indicate(self, conn: TcpConnection) -> None:
        nbl = NetBufferList(bytes(conn.held))
        conn.indications += 1
        _, taken = self.ndis.tcp_offload_receive_handler(conn.handle, nbl)
        conn.indications -= 1
        del conn.held[:taken]
        if taken == nbl.data_length:
            conn.lent.append(nbl)
        else:
            conn.refused = True

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        conn.indications += 1
        self.ndis.tcp_offload_event_handler(conn.handle, event, information)
        conn.indications -= 1

    def _reset(self, conn: TcpConnection) -> None:
        """An acceptable RST: abort what is outstanding, and tell the host."""
        conn.aborted = True
        self._abort_requests(conn)
        self._event(conn, TcpEvent.ABORT)

    def _abort_requests(self, conn: TcpConnection) -> None:
        for start, nbl in conn.sends:
            done = clamped(seq_diff(conn.una, start), nbl.data_length)
            self._complete_send(nbl, Status.REQUEST_ABORTED, done)
        conn.sends = []
        self._drain_receives(conn, Status.REQUEST_ABORTED)
        self._complete_disconnect(conn, Status.REQUEST_ABORTED)

    def _drain_receives(self, conn: TcpConnection, status: Status) -> None:
        while conn.requests:
            self._return_receive(conn.requests.pop(0), status)

    # -- the rest of the hardware ----------------------------------------------------

    def hardware_fails(self, context: StateObject) -> None:
        """The state is lost; ask the host to take a connection back."""
        context.lost = True
        if isinstance(context, TcpConnection):
            self._event(context, TcpEvent.RETRIEVE, "HardwareFailure")

    def clock_ticks(self, ticks: int) -> None:
        """Time passes."""
        self.clock.now = seq_add(self.clock.now, ticks)

    def link_changes(self) -> None:
        """Tell NDIS."""
        self.indications += 1
        self.ndis.m_indicate_status_ex("NDIS_STATUS_LINK_STATE")
        self.indications -= 1

    def neighbor_silent(self, context: StateObject) -> None:
        """Ask the host to look for the neighbor."""
        self.indications += 1
        self.ndis.m_offload_event_indicate(context.handle, "NeighborReachabilityQuery")
        self.indications -= 1
