"""What restrains a target beside the clauses: sentences that no clause formalises, and proposals.

The stated ones are here because a target that ignored them would harm a connection
without breaking a clause, which is no hole of the documents. The proposals close what is
left. Whether each is needed, and whether all of them are enough, is computed
(:mod:`.questions.sufficiency`).
"""

from __future__ import annotations

from typing import Any

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import (
    COMPLETED,
    OTHER,
    PENDING,
    REQUEST_ABORTED,
    UPLOAD_IN_PROGRESS,
    Connection,
    World,
)
from ...model.logic import And, If, Implies, Not, Or, Value, all_of
from ...model.tcp.peer import is_over
from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Source, lemma
from ...properties.tcp.wire import received
from ..rules import restrains

SEND, FILL, INDICATE = (
    "NdisTcpOffloadSendComplete",
    "NdisTcpOffloadReceiveComplete",
    "NdisTcpOffloadReceiveHandler",
)
COMPLETE, AGAIN = "NdisMTerminateOffloadComplete", "CompletesAgain"

SEND_ORDER, SEND_KEPT = "guarantee.send-in-order", "guarantee.send-kept"
RECEIVE_ORDER, RECEIVE_KEPT = "guarantee.receive-in-order", "guarantee.receive-kept"
RETURNED, ANSWERED = "guarantee.returned-once", "guarantee.completed-once"
FREED = "guarantee.not-used-after-free"

RFC = Source(
    "pages/required-and-suggested-tcp-ip-protocol-support.md",
    "Required and Suggested TCP/IP Protocol Support",
)
RECEIVE = Source("ddi/nc-ndischimney-w_tcp_offload_receive_handler.md", "Remarks")
SEGMENTS = Source(
    "pages/handling-segments-received-during-a-terminate-offload-operation.md",
    "Handling Segments Received During a Terminate Offload Operation",
)
DELIVERY = Source("pages/delivery-algorithm.md", "Delivery Algorithm")
SENDING = Source("ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md", "Remarks")
POSTING = Source("ddi/nc-ndischimney-w_tcp_offload_send_handler.md", "Remarks")
BUFFERED = Source(
    "pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md",
    "Handling Buffered Receive Data During a Terminate Offload Operation",
)


@lemma("audit.completions")
def _completions(world: World) -> Value:
    """A termination is completed when it is over, and once."""
    return world.completions == If(world.phase == COMPLETED, 1, 0)


LEMMAS = (
    CHIMNEY.find("lemma.domain"),
    CHIMNEY.find("lemma.tree"),
    CHIMNEY.find("lemma.rigid"),
    _completions,
)
"""Invariants of any target that keeps clauses and rules."""


# -- stated --------------------------------------------------------------------------


def _next_bytes(conn: Connection, start: Value, end: Value) -> Value:
    return Or(end == start, And(start == conn.peer.app_got, end <= conn.peer.arrived))


@restrains("tcp.acknowledges-what-arrived", "SendAck", guards=RECEIVE_ORDER, source=RFC)
def acknowledges_what_arrived(s: World, p: Any, after: World) -> Value:
    """The target acknowledges only what has arrived in order."""
    return p.upto <= received(s.conns[p.conn])


@restrains("ack.none-afterwards", "SendAck", guards=RECEIVE_KEPT, source=SEGMENTS)
def none_afterwards(s: World, p: Any, after: World) -> Value:
    """Acknowledgements that were held back go out before the connection is handed back, and none after it."""
    return Not(s.handed_back(s.conns[p.conn]))


@restrains("receive.filled-in-order", FILL, guards=RECEIVE_ORDER, source=RECEIVE)
def filled_in_order(s: World, p: Any, after: World) -> Value:
    """A receive request is filled with the next bytes that the application has not got."""
    return _next_bytes(s.conns[p.conn], p.start, p.start + p.bytes)


@restrains("receive.indicated-in-order", INDICATE, guards=RECEIVE_ORDER, source=DELIVERY)
def indicated_in_order(s: World, p: Any, after: World) -> Value:
    """An indication starts at the next byte that the application has not got."""
    return _next_bytes(s.conns[p.conn], p.start, p.end)


@restrains("receive.one-delivery", FILL, guards=RECEIVE_ORDER, source=DELIVERY)
def one_delivery(s: World, p: Any, after: World) -> Value:
    """No receive request is completed while an indication on the connection is under way."""
    return Not(s.conns[p.conn].indication)


@restrains("send.advanced-by-acknowledged", SEND, guards=SEND_KEPT, source=SENDING)
def advanced_by_acknowledged(s: World, p: Any, after: World) -> Value:
    """The data of a send that is given back starts behind what the peer has acknowledged by then."""
    conn = s.conns[p.conn]
    return p.advanced == acknowledged_part(conn.bufs[p.buffer], conn.peer.acked)


@restrains("send.aborted-for-cause", SEND, guards=SEND_KEPT, source=SENDING)
def aborted_for_cause(s: World, p: Any, after: World) -> Value:
    """A send comes back as NDIS_STATUS_REQUEST_ABORTED only after an RST, either way, or a loss."""
    conn = s.conns[p.conn]
    return Implies(p.status == REQUEST_ABORTED, Or(is_over(conn), s.lost(conn)))


@restrains("send.owned-while-pending", SEND, guards=RETURNED, source=POSTING)
def owned_while_pending(s: World, p: Any, after: World) -> Value:
    """A send is the target's to complete only while it is pending."""
    return s.conns[p.conn].bufs[p.buffer].status == PENDING


@restrains("send.untouched-afterwards", COMPLETE, guards=SEND_KEPT, source=POSTING)
def untouched_afterwards(s: World, p: Any, after: World) -> Value:
    """A send that was given back is not written again."""
    return all_of(
        Or(a.status == PENDING, And(a.start == b.start, a.next == b.next))
        for old, new in zip(s.conns, after.conns, strict=True)
        for a, b in zip(old.bufs, new.bufs, strict=True)
    )


@restrains("free.has-them-back", "Free", guards=FREED, source=BUFFERED)
def has_them_back(s: World, p: Any, after: World) -> Value:
    """What the host still reads is not freed: the buffers are the target's again when they are returned."""
    conn = s.conns[p.conn]
    return And(Not(conn.lent), Not(conn.host.reading))


STATED = (
    acknowledges_what_arrived,
    none_afterwards,
    filled_in_order,
    indicated_in_order,
    one_delivery,
    advanced_by_acknowledged,
    aborted_for_cause,
    owned_while_pending,
    untouched_afterwards,
    has_them_back,
)

# -- proposed ------------------------------------------------------------------------


@restrains("send.known-status", SEND, guards=SEND_KEPT)
def known_status(s: World, p: Any, after: World) -> Value:
    """A send that fails comes back as UPLOAD_IN_PROGRESS or as REQUEST_ABORTED, with no other status."""
    return p.status != OTHER


@restrains("send.uploaded-last", COMPLETE, guards=SEND_KEPT)
def uploaded_last(s: World, p: Any, after: World) -> Value:
    """A send completed as UPLOAD_IN_PROGRESS was posted after every send in the chain."""
    return all_of(
        Implies(buf.status == UPLOAD_IN_PROGRESS, all_of(b.status != PENDING for b in conn.bufs[k + 1 :]))
        for conn in s.conns
        for k, buf in enumerate(conn.bufs)
    )


@restrains("send.uploaded-from-una", COMPLETE, guards=SEND_KEPT)
def uploaded_from_una(s: World, p: Any, after: World) -> Value:
    """A send completed as UPLOAD_IN_PROGRESS starts where SndUna stands: later ACKs do not count."""
    return all_of(
        Implies(
            buf.status == UPLOAD_IN_PROGRESS,
            buf.start == buf.begin + acknowledged_part(buf, conn.peer.acked),
        )
        for conn in s.conns
        for buf in conn.bufs
    )


@restrains("receive.buffered-from-there", COMPLETE, guards=RECEIVE_ORDER)
def buffered_from_there(s: World, p: Any, after: World) -> Value:
    """BufferedData, acknowledged or not, starts at the first byte that the application has not got."""
    return all_of(
        Implies(given.buffered_from < given.buffered_to, given.buffered_from == conn.peer.app_got)
        for conn, given in zip(s.conns, (c.given for c in after.conns), strict=True)
    )


@restrains("complete.once", AGAIN, guards=ANSWERED)
def once(s: World, p: Any, after: World) -> Value:
    """A terminate request is completed once, also when the hardware fails."""
    return False


PROPOSED = (
    known_status,
    uploaded_last,
    uploaded_from_una,
    buffered_from_there,
    once,
)
