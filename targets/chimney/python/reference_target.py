"""A compliant target, to be read: the smallest one that keeps every clause and guarantee.

This is part 2, the hand-off: ``_finish`` and the methods it calls, in the order of
pages/terminate-offload-sequence.md, Part 2. Part 1 is :mod:`.steady_target`.
"""

from __future__ import annotations

from ..delegated import MEMBERS, TcpDelegatedState, TcpState
from ..interface import SEQUENCE_SPACE, BlockList, Ndis, NetBufferList, Status, seq_diff
from .linked_lists import walk
from .steady_target import Steady
from .tcp_connection import TcpConnection

RTO = 300
"""Ticks until what is not acknowledged is sent again."""


class Reference(Steady):
    """Waits for indications, completes calls, chains what is unacknowledged, reports the window as it is."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.terminating: list[BlockList] = []  # the host may ask for one while another is not done

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """Remember the tree; from here on its connections' segments are the host's."""
        self.terminating.append(block_list)
        for conn in self._connections(block_list):
            conn.terminating = True

    def run(self) -> None:
        """Complete the calls that need no event, then the terminations that wait for nothing."""
        self._complete_calls()
        for conn in self.conns:
            if not conn.terminating:
                self._process_forwards(conn)
                if not conn.lost:
                    self._complete_abort(conn, Status.SUCCESS)
        while self.terminating and self._indications_returned(self.terminating[0]):
            self._complete_calls()  # which came meanwhile
            self._finish(self.terminating.pop(0))

    def _complete_calls(self) -> None:
        while self.state_calls:
            complete, block = self.state_calls.pop(0)
            self._answer(block)
            complete(block)

    def _answer(self, block: BlockList) -> None:
        """Status, and where state is queried what it is now."""
        context = block.miniport_offload_context
        block.status = Status.FAILURE if context.lost else Status.SUCCESS
        if isinstance(context, TcpConnection) and block.state and not context.lost:
            self._tell(context, block.state)
        if isinstance(context, TcpConnection) and block.cached:
            self._enlarge(context, block.cached.rcv_wnd)

    def _enlarge(self, conn: TcpConnection, size: int) -> None:
        """The receive buffer is larger, and the peer is told; the host enlarges itself what it takes back."""
        if conn.terminating:
            return
        conn.capacity = max(conn.capacity, size)
        if not (conn.lost or conn.aborted):
            self._transmit(conn)

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        """What a query tells of a connection; a send backlog is not supported."""
        self._delegate(conn, state)
        state.send_backlog, state.receive_backlog = SEQUENCE_SPACE - 1, len(conn.held)

    def _process_forwards(self, conn: TcpConnection) -> None:
        while conn.forwards:
            nbl = conn.forwards.pop(0)
            if nbl.segment:
                self.segment_arrives(conn, nbl.segment)
            nbl.status = self._forwarded(conn)
            self.ndis.tcp_offload_forward_complete(nbl)

    def _forwarded(self, conn: TcpConnection) -> Status:
        """The status with which a forwarded segment comes back."""
        return Status.UPLOAD_IN_PROGRESS if conn.terminating else Status.SUCCESS

    def _connections(self, tree: BlockList) -> list[TcpConnection]:
        contexts = [b.miniport_offload_context for b in walk(tree) if not b.placeholder]
        return [c for c in contexts if isinstance(c, TcpConnection)]

    def _indications_returned(self, tree: BlockList) -> bool:
        return not self.indications and not any(c.indications for c in self._connections(tree))

    def _finish(self, tree: BlockList) -> None:
        """Everything has returned: drain the connections, write the tree, hand it back, free."""
        conns = self._connections(tree)
        for conn in conns:
            self._drain(conn)
        for block in walk(tree):
            self._write_block(block)
        for conn in conns:
            conn.handed_back = True
        self._complete(tree)
        for conn in conns:
            for segment in conn.urgent:
                self.ndis.m_indicate_receive_net_buffer_lists(segment)
            self._free_if_idle(conn)

    def _complete(self, tree: BlockList) -> None:
        """Now it is the host's."""
        self.ndis.m_terminate_offload_complete(tree)

    def _drain(self, conn: TcpConnection) -> None:
        """Complete every outstanding call, and send the acknowledgement that was held back."""
        while conn.forwards:
            nbl = conn.forwards.pop(0)
            nbl.status = self._forwarded(conn)
            self.ndis.tcp_offload_forward_complete(nbl)
        self._complete_abort(conn, Status.REQUEST_ABORTED if conn.lost else Status.SUCCESS)
        if conn.lost:
            self._abort_requests(conn)
            return
        self._complete_acknowledged(conn)
        self._drain_receives(conn, Status.UPLOAD_IN_PROGRESS)
        self._complete_disconnect(conn, Status.UPLOAD_IN_PROGRESS)
        conn.early.clear()  # SACKed only: the peer sends it again
        if conn.acks_due and not conn.aborted:
            self._transmit(conn)

    def _write_block(self, block: BlockList) -> None:
        """Status, and for a connection the chain and the delegated structure behind the block."""
        context = block.miniport_offload_context
        lost = not block.placeholder and context.lost
        block.status = Status.FAILURE if lost else Status.SUCCESS
        if isinstance(context, TcpConnection) and block.state and not lost:
            self._delegate(context, block.state)
            self._chain(context, block, block.state)
            block.state.buffered_data = self._buffered(context)

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        """The windows, as they are."""
        state.snd_una, state.snd_nxt, state.snd_max = conn.una, conn.nxt, conn.max
        state.snd_wnd, state.snd_wl1 = conn.snd_wnd, conn.wl1
        state.max_snd_wnd = conn.widest
        state.rcv_nxt = conn.rcv_nxt
        state.rcv_wnd = conn.capacity - len(conn.held)
        for name in MEMBERS:
            setattr(state, name, getattr(conn.offloaded, name))
        conn.stamps.delegate(state)
        state.connection_state = self._state(conn)
        state.retransmit_delta = RTO if conn.una != conn.max else -1

    def _state(self, conn: TcpConnection) -> TcpState:
        """The connection's state in the words of RFC 9293."""
        if conn.aborted:
            return TcpState.CLOSED
        if seq_diff(conn.una, conn.end) > 0:  # the FIN is acknowledged
            over = TcpState.CLOSED if conn.peer_fin_first else TcpState.TIME_WAIT
            return over if conn.peer_fin else TcpState.FIN_WAIT_2
        if seq_diff(conn.max, conn.end) > 0:
            waits = TcpState.LAST_ACK if conn.peer_fin_first else TcpState.CLOSING
            return waits if conn.peer_fin else TcpState.FIN_WAIT_1
        return TcpState.CLOSE_WAIT if conn.peer_fin else TcpState.ESTABLISHED

    def _chain(self, conn: TcpConnection, block: BlockList, state: TcpDelegatedState) -> None:
        """Link the outstanding sends in order; the first byte of the first one is SndUna's."""
        buffers = [nbl for _, nbl in conn.sends]
        for nbl, following in zip(buffers, [*buffers[1:], None], strict=False):
            nbl.next = following
        if buffers:
            self._advance_head(conn)
            block.net_buffer_list_chain = state.send_data_head = buffers[0]
            state.send_data_tail = buffers[-1]

    def _advance_head(self, conn: TcpConnection) -> None:
        start, nbl = conn.sends[0]
        nbl.advance_data_start(seq_diff(conn.una, start))

    def _buffered(self, conn: TcpConnection) -> NetBufferList | None:
        """Received data that the application has not got, as BufferedData."""
        if not conn.held:
            return None
        conn.lent.append(NetBufferList(bytes(conn.held)))
        return conn.lent[-1]
