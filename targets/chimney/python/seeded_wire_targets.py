"""Targets with one bug each in what they put on the wire, or take from it."""

from __future__ import annotations

import dataclasses

from ..delegated import TcpDelegatedState
from ..interface import BlockList, Ndis, Segment, TcpEvent, Timer, seq_add, seq_diff
from .reference_target import Reference
from .tcp_connection import StateObject, TcpConnection


class WrongOffset(Reference):
    """Counts the offset into the queued data from SND.UNA, which may lie behind the first byte queued."""

    def _payload(self, conn: TcpConnection, first: int, length: int) -> bytes:
        done = seq_diff(conn.una, conn.sends[0][0]) if conn.sends else 0
        return super()._payload(conn, seq_add(first, -done), length)


class WindowIgnored(Reference):
    """Sends what is posted, whatever window the peer offers."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """As if the window were never shut."""
        known, context.snd_wnd = context.snd_wnd, 2**30
        super().transmit_opportunity(context, room)
        context.snd_wnd = known


class WindowNeverShrinks(Reference):
    """Every segment offers the whole receive buffer."""

    def _room(self, conn: TcpConnection) -> int:
        return conn.capacity


class WindowScaledTwice(Reference):
    """Takes the send window, which the hardware gives in bytes, for one that is still to be scaled."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if block.constant:
            self.scales[found] = block.constant.snd_wind_scale
        return found

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.scales: dict[StateObject, int] = {}

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.snd_wnd = (conn.snd_wnd << self.scales[conn]) % 2**32


class FinOnEveryRetransmission(Reference):
    """Sets FIN in every segment once it was sent, also where a segment ends before the data does."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        was_sent = seq_diff(conn.max, conn.end) > 0
        super()._transmit(conn, payload, fin or (was_sent and bool(payload)))


class FinWhenQueueEmpties(Reference):
    """Sets FIN in the segment that empties the queue, whether a disconnect was asked for or not."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        last = bool(payload) and seq_add(conn.nxt, len(payload)) == conn.end
        super()._transmit(conn, payload, fin or last)


class FinUnmarked(Reference):
    """Counts the FIN as sent, in a segment that has none."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        super()._transmit(conn, payload)


class WindowNeverOpens(Reference):
    """Counts what the application has read as if it still lay in the receive buffer."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        size, taken = conn.capacity, seq_diff(conn.rcv_nxt, conn.offloaded.rcv_nxt or 0)
        conn.capacity = max(0, size - taken) + len(conn.held)
        super()._transmit(conn, payload, fin)
        conn.capacity = size


class ResetsAtHandOff(Reference):
    """Answers data that comes while the connection is being terminated with an RST."""

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """As if there were no connection any more."""
        if context.terminating and segment.payload and not context.lost and not context.aborted:
            self.ndis.transmit(context.handle, Segment(segment.ack, 0, 0, rst=True))
        super().segment_arrives(context, segment)


class RstForgotten(Reference):
    """Drops a connection that the host aborts, and sends no RST."""

    def _send_reset(self, conn: TcpConnection) -> None:
        pass


class AcksAfterRst(Reference):
    """Acknowledges data that comes when the connection is aborted and its RST is sent."""

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Of an aborted connection only the sending half is gone."""
        super().segment_arrives(context, segment)
        if context.aborted and segment.payload and not context.terminating:
            self._transmit(context)


class AcksWhenReset(Reference):
    """Acknowledges what came before the peer's RST when the timer for it expires."""

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """The reset ended the requests, and the timer goes on."""
        super().timer_expires(context, timer)
        if context.aborted and context.acks_due and not (context.lost or context.terminating):
            self._transmit(context)


class SynNotChallenged(Reference):
    """A SYN on a connection that is established is dropped without a word."""

    def _challenge(self, conn: TcpConnection, syn: Segment) -> None:
        pass


class ExactSynDropped(Reference):
    """Takes a SYN that is numbered as the next byte for one that came twice, and drops it."""

    def _challenge(self, conn: TcpConnection, syn: Segment) -> None:
        if syn.seq != conn.rcv_nxt:
            super()._challenge(conn, syn)


class UploadedAsOpen(Reference):
    """Asks to be relieved of a connection whose peer begins anew, and hands it back as if it were whole."""

    def _challenge(self, conn: TcpConnection, syn: Segment) -> None:
        if syn.seq == conn.rcv_nxt:
            self._event(conn, TcpEvent.RETRIEVE, "HighOutOfOrderPackets")
        super()._challenge(conn, syn)


class UrgentIgnored(Reference):
    """Looks at no URG bit: urgent data is taken like any other."""

    def urgent_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """A segment."""
        self.segment_arrives(context, segment)


class UrgentDropped(Reference):
    """Has no use for urgent data, and waits for it to come without an URG bit."""

    def _is_acceptable(self, conn: TcpConnection, segment: Segment) -> bool:
        return False


class AnyUrgentBelieved(Reference):
    """Asks to be relieved of a connection for an urgent segment of which nothing may be taken."""

    def _is_acceptable(self, conn: TcpConnection, segment: Segment) -> bool:
        return True


class AnySynBelieved(Reference):
    """Takes every SYN for that of a peer that has begun anew."""

    def _challenge(self, conn: TcpConnection, syn: Segment) -> None:
        self._reset(conn)


class AnyRstBelieved(Reference):
    """Takes every RST for the peer's, also one that is numbered outside of the window."""

    def _is_meant(self, conn: TcpConnection, rst: Segment) -> bool:
        return True


class TimeoutIgnored(Reference):
    """What was lost on the way is not sent again."""

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """Only the other timer is looked at."""
        if timer is not Timer.RETRANSMIT:
            super().timer_expires(context, timer)


class WindowUpdateIgnored(Reference):
    """A window that opens counts only if the segment that brings it acknowledges something."""

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        counts = self._is_new(conn, segment.ack)
        window = segment.window if counts else min(segment.window, conn.snd_wnd)
        super()._acknowledged(conn, dataclasses.replace(segment, window=window))


class OldWindowTaken(Reference):
    """Takes the window of whatever segment came last, though it may have been overtaken on the way."""

    def _take_window(self, conn: TcpConnection, segment: Segment) -> None:
        if seq_diff(segment.ack, conn.una) >= 0:
            conn.snd_wnd, conn.wl1 = segment.window, segment.seq


class WindowUpdateAsOffloaded(Reference):
    """Hands over the SendWL1 that it was given, whatever segment brought a window since."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.snd_wl1 = conn.offloaded.snd_wl1


class EarlyFinBelieved(Reference):
    """Takes a FIN for the end of the data although some that comes before it is missing."""

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        super()._take(conn, segment)
        conn.peer_fin |= segment.fin


class RepeatsIgnored(Reference):
    """Drops data that it has already, without a word."""

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        if segment.fin or seq_diff(segment.seq, conn.rcv_nxt) >= 0:
            super()._take(conn, segment)


class RepeatedFinIgnored(Reference):
    """Takes no data and no FIN once the peer has sent its FIN: there can be nothing new."""

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        if not conn.peer_fin:
            super()._take(conn, segment)
