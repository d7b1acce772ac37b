"""Targets that are wrong, or right in another way, with segments that do not simply come next."""

from __future__ import annotations

import dataclasses
from typing import Any

from chimneysweep.targets.chimney.delegated import TcpState
from chimneysweep.targets.chimney.interface import Segment, TcpEvent, seq_add, seq_diff
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_wire_targets import (
    AnyRstBelieved,
    AnySynBelieved,
    AnyUrgentBelieved,
    EarlyFinBelieved,
    ExactSynDropped,
    RepeatedFinIgnored,
    RepeatsIgnored,
    SynNotChallenged,
    UploadedAsOpen,
    UrgentDropped,
    UrgentIgnored,
)


class BelievesAnyAck(Reference):
    """Takes an acknowledgement of what it never sent for one of what it sent."""

    def _is_new(self, conn: Any, ack: int) -> bool:
        return seq_diff(ack, conn.una) > 0


class TakesRepeats(Reference):
    """Takes old bytes for the next ones."""

    def _take(self, conn: Any, segment: Segment) -> None:
        old = seq_diff(segment.seq, conn.rcv_nxt) < 0
        super()._take(conn, dataclasses.replace(segment, seq=conn.rcv_nxt) if old else segment)


class TakesOverlaps(Reference):
    """Takes all bytes of a segment of which some are new."""

    def _take(self, conn: Any, segment: Segment) -> None:
        new = seq_diff(seq_add(segment.seq, len(segment.payload)), conn.rcv_nxt) > 0
        begins_before = seq_diff(segment.seq, conn.rcv_nxt) < 0
        whole = dataclasses.replace(segment, seq=conn.rcv_nxt) if new and begins_before else segment
        super()._take(conn, whole)


class KeepsFilled(Reference):
    """Takes early data when the hole is filled, also if what filled it had it already."""

    def _take(self, conn: Any, segment: Segment) -> None:
        super()._take(conn, segment)
        for seq in [seq for seq in conn.early if seq_diff(seq, conn.rcv_nxt) < 0]:
            data = conn.early.pop(seq)
            conn.held += data
            conn.rcv_nxt = seq_add(conn.rcv_nxt, len(data))


class ForgetsEarly(Reference):
    """Moves RCV.NXT over early data whose hole is filled, and forgets the data."""

    def _take(self, conn: Any, segment: Segment) -> None:
        before = dict(conn.early)
        super()._take(conn, segment)
        for seq in before.keys() - conn.early.keys():
            del conn.held[len(conn.held) - len(before[seq]) :]


class JoinsIslands(Reference):
    """Takes early data that lies one byte ahead for the next."""

    def _take(self, conn: Any, segment: Segment) -> None:
        super()._take(conn, segment)
        data = conn.early.pop(seq_add(conn.rcv_nxt, 1), b"")
        if data:
            conn.held += b"\0" + data
            conn.rcv_nxt = seq_add(conn.rcv_nxt, 1 + len(data))


class OnlyExactRst(Reference):
    """Takes an RST that is numbered as the next byte, and answers every other one (RFC 5961, 3.2)."""

    def _is_meant(self, conn: Any, rst: Segment) -> bool:
        if rst.seq != conn.rcv_nxt:
            self._transmit(conn)
        return rst.seq == conn.rcv_nxt


WRONG = {
    AnyRstBelieved: "an RST that is nobody's",
    AnySynBelieved: "SYNs that are nobody's",
    ExactSynDropped: "a SYN that is numbered as the next byte",
    UrgentIgnored: "urgent data",
    UrgentDropped: "urgent data",
    AnyUrgentBelieved: "urgent data that nobody takes",
    UploadedAsOpen: "a SYN that is numbered as the next byte",
    SynNotChallenged: "SYNs that are nobody's",
    BelievesAnyAck: "more acknowledged than was sent",
    TakesRepeats: "bytes that arrived arrive again",
    RepeatsIgnored: "bytes whose acknowledgement was lost",
    RepeatedFinIgnored: "a FIN whose acknowledgement was lost",
    TakesOverlaps: "old bytes and new ones in one segment",
    KeepsFilled: "a hole filled by a longer segment",
    ForgetsEarly: "a hole filled, and early data again",
    EarlyFinBelieved: "a FIN that comes before the last data",
    JoinsIslands: "data arrives in islands",
}
"""Each, and the scenario that shows it."""


class DropsEarly(Reference):
    """Keeps nothing that comes too early: the peer sends it again."""

    def _take(self, conn: Any, segment: Segment) -> None:
        if seq_diff(segment.seq, conn.rcv_nxt) > 0:
            self._transmit(conn)
        else:
            super()._take(conn, segment)


class TrimsOverlaps(Reference):
    """Takes of a segment what is new."""

    def _take(self, conn: Any, segment: Segment) -> None:
        old = seq_diff(conn.rcv_nxt, segment.seq)
        if 0 < old < len(segment.payload):
            segment = dataclasses.replace(segment, seq=conn.rcv_nxt, payload=segment.payload[old:])
        super()._take(conn, segment)


class TrimsEarly(Reference):
    """Forgets early data as soon as it is old."""

    def _take(self, conn: Any, segment: Segment) -> None:
        super()._take(conn, segment)
        for seq in [seq for seq in conn.early if seq_diff(seq, conn.rcv_nxt) < 0]:
            del conn.early[seq]


class ChallengesNowAndThen(Reference):
    """Answers every third SYN, as a target may that limits how often."""

    count = 0

    def _challenge(self, conn: Any, syn: Segment) -> None:
        self.count += 1
        if self.count % 3 == 1:
            self._transmit(conn)


class EndsForSyn(Reference):
    """Has a connection taken back, closed, whose peer begins anew, and works no more on it."""

    def _challenge(self, conn: Any, syn: Segment) -> None:
        if syn.seq != conn.rcv_nxt:
            super()._challenge(conn, syn)
        elif not getattr(conn, "renewed", False):
            conn.renewed = True
            self._event(conn, TcpEvent.RETRIEVE)

    def segment_arrives(self, context: Any, segment: Segment) -> None:
        """Nothing more is taken."""
        if context.terminating or not getattr(context, "renewed", False):
            super().segment_arrives(context, segment)

    def transmit_opportunity(self, context: Any, room: int) -> None:
        """Nothing more is sent."""
        if not getattr(context, "renewed", False):
            super().transmit_opportunity(context, room)

    def _state(self, conn: Any) -> TcpState:
        return TcpState.CLOSED if getattr(conn, "renewed", False) else super()._state(conn)


class ResetBySyn(Reference):
    """Takes a SYN that is numbered as the next byte for a reset."""

    def _challenge(self, conn: Any, syn: Segment) -> None:
        if syn.seq == conn.rcv_nxt:
            self._reset(conn)
        else:
            super()._challenge(conn, syn)


class DropsUrgent(Reference):
    """Has no memory for an urgent segment at first, and asks in its own time when it comes again."""

    count = 0

    def urgent_arrives(self, context: Any, segment: Segment) -> None:
        """Every other one."""
        self.count += 1
        if self.count % 2 == 0:
            super().urgent_arrives(context, segment)

    def _event(self, conn: Any, event: TcpEvent, information: Any = None) -> None:
        if information == "ReceivedUrgentData":
            conn.asks_later = True
        else:
            super()._event(conn, event, information)

    def run(self) -> None:
        """Ask for what was put off."""
        for conn in self.conns:
            if getattr(conn, "asks_later", False) and not (conn.terminating or conn.lost or conn.aborted):
                conn.asks_later = False
                super()._event(conn, TcpEvent.RETRIEVE, "ReceivedUrgentData")
        super().run()


class RemembersFin(Reference):
    """Keeps a FIN that comes too early until the data before it is there."""

    def _take(self, conn: Any, segment: Segment) -> None:
        if segment.fin and not segment.payload and seq_diff(segment.seq, conn.rcv_nxt) > 0:
            conn.early_fin = segment.seq
        last = seq_add(segment.seq, len(segment.payload))
        if last == getattr(conn, "early_fin", None) and segment.seq == conn.rcv_nxt:
            segment = dataclasses.replace(segment, fin=True)
        super()._take(conn, segment)


class HostsWhenClosed(Reference):
    """Both FINs are acknowledged, the peer's came first: it knows nothing of the connection any more."""

    def segment_arrives(self, context: Any, segment: Segment) -> None:
        if self._state(context) is TcpState.CLOSED:
            self.ndis.m_indicate_receive_net_buffer_lists(segment)
        else:
            super().segment_arrives(context, segment)


RIGHT = (
    HostsWhenClosed,
    *(Reference, RemembersFin, ChallengesNowAndThen, OnlyExactRst, DropsEarly, TrimsOverlaps, TrimsEarly),
    *(EndsForSyn, ResetBySyn, DropsUrgent),
)
