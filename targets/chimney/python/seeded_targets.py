"""Targets with one bug each, made from the reference by overriding one method.

They show what each property catches, and that the checker catches it.
"""

from __future__ import annotations

from typing import Any

from ..delegated import TcpDelegatedState
from ..interface import BlockList, NetBufferList, Segment, Status, TcpEvent, seq_diff
from .reference_target import Reference
from .tcp_connection import StateObject, TcpConnection


class TailForgotten(Reference):
    """The loop that links the sends stops one too early."""

    def _chain(self, conn: TcpConnection, block: BlockList, state: TcpDelegatedState) -> None:
        whole = conn.sends
        conn.sends = whole[:-1] if len(whole) > 1 else whole
        super()._chain(conn, block, state)


class ChainReversed(Reference):
    """The sends are pushed onto the chain like onto a stack."""

    def _chain(self, conn: TcpConnection, block: BlockList, state: TcpDelegatedState) -> None:
        if conn.sends:
            self._advance_head(conn)
        head = None
        for _, nbl in conn.sends:
            nbl.next, head = head, nbl
        block.net_buffer_list_chain = state.send_data_head = head
        state.send_data_tail = conn.sends[0][1] if conn.sends else None


class HeadNotAdvanced(Reference):
    """The chain starts with bytes that the peer has acknowledged."""

    def _advance_head(self, conn: TcpConnection) -> None:
        return


class SuccessWhenSent(Reference):
    """A send counts as done once it is on the wire."""

    def _complete_acknowledged(self, conn: TcpConnection) -> None:
        while conn.sends and seq_diff(conn.max, conn.sends[0][0]) >= conn.sends[0][1].data_length:
            _, nbl = conn.sends.pop(0)
            self._complete_send(nbl, Status.SUCCESS, nbl.data_length)


class CompletedAndChained(Reference):
    """What is completed as UPLOAD_IN_PROGRESS is handed over in the chain as well."""

    def _drain(self, conn: TcpConnection) -> None:
        super()._drain(conn)
        for _, nbl in conn.sends:
            self._complete_send(nbl, Status.UPLOAD_IN_PROGRESS, 0)


class SiblingsForgotten(Reference):
    """Status is written along DependentBlockList alone."""

    def _write_block(self, block: BlockList) -> None:
        super()._write_block(block)
        if block.next_block:
            block.next_block.miniport_reserved = "a sibling follows"
        if block.miniport_reserved:
            block.status = None


class LostButSuccess(Reference):
    """A state object that the hardware lost is reported as handed over."""

    def _write_block(self, block: BlockList) -> None:
        super()._write_block(block)
        block.status = Status.SUCCESS


class UnsignedComparison(Reference):
    """Sequence numbers are compared as unsigned integers."""

    def _is_new(self, conn: TcpConnection, ack: int) -> bool:
        return conn.una < ack <= conn.max


class BufferedDropped(Reference):
    """Received data that the application has not taken is freed with the connection."""

    def _buffered(self, conn: TcpConnection) -> NetBufferList | None:
        return None


class SackKept(Reference):
    """Data that was only SACKed is handed over behind the rest."""

    def _buffered(self, conn: TcpConnection) -> NetBufferList | None:
        for data in conn.early.values():
            conn.held += data
        return super()._buffered(conn)

    def _drain(self, conn: TcpConnection) -> None:
        kept = dict(conn.early)
        super()._drain(conn)
        conn.early = kept


class AckForgotten(Reference):
    """The delayed acknowledgement timer is stopped, and the acknowledgement never sent."""

    def _drain(self, conn: TcpConnection) -> None:
        conn.acks_due = 0
        super()._drain(conn)


class LateSegmentsProcessed(Reference):
    """Segments that arrive during termination are processed as ever."""

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Process it, whoever is in charge."""
        if not context.lost and not context.aborted and not context.handed_back:
            self._process(context, segment)
            if segment.payload:
                self._transmit(context)


class CompletedTwice(Reference):
    """Both the timer and the last indication to return complete the termination."""

    def _finish(self, tree: BlockList) -> None:
        super()._finish(tree)
        self.ndis.m_terminate_offload_complete(tree)


class NeverCompletes(Reference):
    """Waits for a flush of the hardware that nothing starts when a receive request is outstanding."""

    def _indications_returned(self, tree: BlockList) -> bool:
        idle = not any(c.requests for c in self._connections(tree))
        return idle and super()._indications_returned(tree)


class IndicationsNotAwaited(Reference):
    """Does not wait for indications that are under way."""

    def _indications_returned(self, tree: BlockList) -> bool:
        return True


class FreedWhileRead(Reference):
    """Frees a connection at once, while the host still reads its buffers."""

    def _free_if_idle(self, conn: TcpConnection) -> None:
        conn.lent = []
        super()._free_if_idle(conn)


class NeverFreed(Reference):
    """Forgets to free the connection."""

    def _free_if_idle(self, conn: TcpConnection) -> None:
        return


class WritesAfterwards(Reference):
    """Sets a field of the tree after handing it back."""

    def _finish(self, tree: BlockList) -> None:
        super()._finish(tree)
        tree.net_buffer_list_chain = tree.next_block = None
        tree.status = None


class MaxIsNxt(Reference):
    """SndMax is taken from SND.NXT, which a retransmission has moved back."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.snd_max = state.snd_nxt


class ReceiveWindowForgotten(Reference):
    """The receive window that the peer was offered is not handed over."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.rcv_wnd = 0


class ForwardForgotten(Reference):
    """Does not complete a forward request once termination has begun."""

    def _drain(self, conn: TcpConnection) -> None:
        conn.forwards = []
        super()._drain(conn)


class ChainOfEight(Reference):
    """The chain is built from a table with room for eight sends."""

    def _chain(self, conn: TcpConnection, block: BlockList, state: TcpDelegatedState) -> None:
        whole, conn.sends = conn.sends, conn.sends[:8]
        super()._chain(conn, block, state)
        conn.sends = whole


class BufferedDataInOnePiece(Reference):
    """BufferedData is copied through a buffer of 16 KiB; what is longer is cut."""

    def _buffered(self, conn: TcpConnection) -> NetBufferList | None:
        del conn.held[2**14 :]
        return super()._buffered(conn)


class IdleTimerAsZero(Reference):
    """Hands over 0 for a retransmit timer that is not running, so that the host's expires at once."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.retransmit_delta = max(state.retransmit_delta or 0, 0)


class RunningTimerAsIdle(Reference):
    """Stops the retransmit timer for the hand-off, and hands over -1 although data is in flight."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.retransmit_delta = -1


class KeepaliveAsZero(Reference):
    """Hands over 0 for a keepalive timer that nobody switched on."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.keepalive_delta = 0


class RoundTripForgotten(Reference):
    """Hands back a structure that was cleared: the round-trip times that the host had are gone."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.srtt = state.rttvar = 0


class CongestionWindowShut(Reference):
    """Hands over what is left of the congestion window: 0 while data is in flight."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.cwnd = 0 if conn.una != conn.max else state.cwnd


class EndToldTooEarly(Reference):
    """The FIN is told when it comes, though data that came before it may still wait."""

    def _deliver(self, conn: TcpConnection) -> None:
        if conn.peer_fin and not conn.fin_told and not conn.terminating:
            conn.fin_told = True
            self._event(conn, TcpEvent.DISCONNECT)
        super()._deliver(conn)


class EndNeverTold(Reference):
    """The FIN is counted and acknowledged, and nobody hears of it."""

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        if event is not TcpEvent.DISCONNECT:
            super()._event(conn, event, information)


class FailureKeptQuiet(Reference):
    """A connection that the hardware lost is noted, and nobody is asked to take it back."""

    def hardware_fails(self, context: StateObject) -> None:
        """It is noted."""
        context.lost = True


class EndToldAgain(Reference):
    """The end of the stream is told whenever nothing is left to deliver."""

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        super()._event(conn, event, information)
        conn.fin_told = False


class AbortedSendsLeft(Reference):
    """Sends the RST of an abortive disconnect, and leaves the sends for the termination that will follow."""

    def miniport_tcp_offload_disconnect_abortive(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """The RST, and no more."""
        context.abort, context.aborted = net_buffer_list, True
        self._send_reset(context)
        return Status.PENDING


class AbortAsAborted(Reference):
    """Completes an abortive disconnect with the status of the sends that it ended."""

    def _complete_abort(self, conn: TcpConnection, status: Status) -> None:
        super()._complete_abort(conn, Status.REQUEST_ABORTED)


class AbortToldForFin(Reference):
    """A FIN is told as a reset."""

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        other = TcpEvent.ABORT if event is TcpEvent.DISCONNECT else event
        super()._event(conn, other, information)


class ResetNotTold(Reference):
    """A reset aborts what is outstanding, and nobody hears why."""

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        if event is not TcpEvent.ABORT:
            super()._event(conn, event, information)


class NeverTransmits(Reference):
    """Sends nothing, ever, and hands everything over unsent."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Let it pass."""


class OthersFrozenToo(Reference):
    """Terminating one connection freezes the adapter's others as well."""

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """Freeze whatever there is."""
        super().miniport_terminate_offload(block_list)
        for conn in self.conns:
            conn.terminating = True


class CompletedAtHandOff(Reference):
    """Completes sends when a connection is handed back, and not before."""

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        whole, conn.sends = conn.sends, []
        super()._acknowledged(conn, segment)
        conn.sends = whole


class AcksAtHandOff(Reference):
    """Holds acknowledgements back until a connection is handed back."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        if payload or fin or conn.terminating:
            super()._transmit(conn, payload, fin)


class WaitsForRequests(Reference):
    """Received data waits until a receive request is posted for it."""

    def _indicate(self, conn: TcpConnection) -> None:
        conn.refused = True


class StateAsOffloaded(Reference):
    """Hands back the State that was offloaded, whatever FIN or RST came or went since."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.connection_state = conn.offloaded.connection_state
