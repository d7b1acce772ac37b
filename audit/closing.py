"""What restrains a target beside the clauses: sentences that no clause formalises, and proposals.

The stated ones are here because a target that ignored them would harm a connection
without breaking a clause, which is no hole of the documents. The proposals close what is
left. Whether each is needed, and whether all of them are enough, is computed
(:mod:`.questions.sufficiency`).
"""

from __future__ import annotations

from typing import Any

from ..model.chimney.answers import acknowledged_part
from ..model.chimney.state import (
    COMPLETED,
    OTHER,
    PENDING,
    REQUEST_ABORTED,
    UPLOAD_IN_PROGRESS,
    Connection,
    World,
)
from ..model.logic import And, If, Implies, Not, Or, Value, all_of
from ..properties.chimney.subject import CHIMNEY
from ..properties.property import Source, lemma
from ..properties.tcp.wire import received
from .rules import Rule

SEND, FILL, INDICATE = (
    "NdisTcpOffloadSendComplete",
    "NdisTcpOffloadReceiveComplete",
    "NdisTcpOffloadReceiveHandler",
)
COMPLETE, AGAIN = "NdisMTerminateOffloadComplete", "CompletesAgain"

SEND_ORDER, SEND_KEPT = "guarantee.send-in-order", "guarantee.send-kept"
RECEIVE_ORDER = "guarantee.receive-in-order"
RETURNED, ANSWERED = "guarantee.returned-once", "guarantee.completed-once"
FREED = "guarantee.not-used-after-free"

RFC = Source(
    "pages/required-and-suggested-tcp-ip-protocol-support.md",
    "Required and Suggested TCP/IP Protocol Support",
)
RECEIVE = Source("ddi/nc-ndischimney-w_tcp_offload_receive_handler.md", "Remarks")
DELIVERY = Source("pages/delivery-algorithm.md", "Delivery Algorithm")
SENDING = Source("ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md", "Remarks")
POSTING = Source("ddi/nc-ndischimney-w_tcp_offload_send_handler.md", "Remarks")
BUFFERED = Source(
    "pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md",
    "Handling Buffered Receive Data During a Terminate Offload Operation",
)


def _acknowledges(s: World, p: Any, after: World) -> Value:
    return p.upto <= received(s.conns[p.conn])


def _next_bytes(conn: Connection, start: Value, end: Value) -> Value:
    return Or(end == start, And(start == conn.peer.app_got, end <= conn.peer.arrived))


def _fills_in_order(s: World, p: Any, after: World) -> Value:
    return _next_bytes(s.conns[p.conn], p.start, p.start + p.bytes)


def _indicates_in_order(s: World, p: Any, after: World) -> Value:
    return _next_bytes(s.conns[p.conn], p.start, p.end)


def _one_delivery(s: World, p: Any, after: World) -> Value:
    return Not(s.conns[p.conn].indication)


def _advances(s: World, p: Any, after: World) -> Value:
    conn = s.conns[p.conn]
    return p.advanced == acknowledged_part(conn.bufs[p.buffer], conn.peer.acked)


def _aborts(s: World, p: Any, after: World) -> Value:
    conn = s.conns[p.conn]
    return Implies(p.status == REQUEST_ABORTED, Or(conn.peer.rst, s.lost(conn)))


def _owns(s: World, p: Any, after: World) -> Value:
    return s.conns[p.conn].bufs[p.buffer].status == PENDING


def _leaves_alone(s: World, p: Any, after: World) -> Value:
    return all_of(
        Or(a.status == PENDING, And(a.start == b.start, a.next == b.next))
        for old, new in zip(s.conns, after.conns, strict=True)
        for a, b in zip(old.bufs, new.bufs, strict=True)
    )


def _has_them_back(s: World, p: Any, after: World) -> Value:
    conn = s.conns[p.conn]
    return And(Not(conn.lent), Not(conn.host.reading))


def _known_status(s: World, p: Any, after: World) -> Value:
    return p.status != OTHER


def _never(s: World, p: Any, after: World) -> Value:
    return False


def _uploaded_last(s: World, p: Any, after: World) -> Value:
    return all_of(
        Implies(buf.status == UPLOAD_IN_PROGRESS, all_of(b.status != PENDING for b in conn.bufs[k + 1 :]))
        for conn in s.conns
        for k, buf in enumerate(conn.bufs)
    )


def _uploaded_from_una(s: World, p: Any, after: World) -> Value:
    return all_of(
        Implies(
            buf.status == UPLOAD_IN_PROGRESS,
            buf.start == buf.begin + acknowledged_part(buf, conn.peer.acked),
        )
        for conn in s.conns
        for buf in conn.bufs
    )


def _buffered_from_there(s: World, p: Any, after: World) -> Value:
    return all_of(
        Implies(given.buffered_from < given.buffered_to, given.buffered_from == conn.peer.app_got)
        for conn, given in zip(s.conns, (c.given for c in after.conns), strict=True)
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

STATED = (
    Rule(
        "tcp.acknowledges-what-arrived",
        "The target acknowledges only what has arrived in order.",
        ("SendAck",),
        _acknowledges,
        RECEIVE_ORDER,
        RFC,
    ),
    Rule(
        "receive.filled-in-order",
        "A receive request is filled with the next bytes that the application has not got.",
        (FILL,),
        _fills_in_order,
        RECEIVE_ORDER,
        RECEIVE,
    ),
    Rule(
        "receive.indicated-in-order",
        "An indication starts at the next byte that the application has not got.",
        (INDICATE,),
        _indicates_in_order,
        RECEIVE_ORDER,
        DELIVERY,
    ),
    Rule(
        "receive.one-delivery",
        "No receive request is completed while an indication on the connection is under way.",
        (FILL,),
        _one_delivery,
        RECEIVE_ORDER,
        DELIVERY,
    ),
    Rule(
        "send.advanced-by-acknowledged",
        "The data of a send that is given back starts behind what the peer has acknowledged by then.",
        (SEND,),
        _advances,
        SEND_KEPT,
        SENDING,
    ),
    Rule(
        "send.aborted-for-cause",
        "A send comes back as NDIS_STATUS_REQUEST_ABORTED only after an RST or a loss.",
        (SEND,),
        _aborts,
        SEND_KEPT,
        SENDING,
    ),
    Rule(
        "send.owned-while-pending",
        "A send is the target's to complete only while it is pending.",
        (SEND,),
        _owns,
        RETURNED,
        POSTING,
    ),
    Rule(
        "send.untouched-afterwards",
        "A send that was given back is not written again.",
        (COMPLETE,),
        _leaves_alone,
        SEND_KEPT,
        POSTING,
    ),
    Rule(
        "free.has-them-back",
        "What the host still reads is not freed: the buffers are the target's again when they are returned.",
        ("Free",),
        _has_them_back,
        FREED,
        BUFFERED,
    ),
)

PROPOSED = (
    Rule(
        "send.known-status",
        "A send that fails comes back as UPLOAD_IN_PROGRESS or as REQUEST_ABORTED, with no other status.",
        (SEND,),
        _known_status,
        SEND_KEPT,
    ),
    Rule(
        "send.uploaded-last",
        "A send completed as UPLOAD_IN_PROGRESS was posted after every send in the chain.",
        (COMPLETE,),
        _uploaded_last,
        SEND_KEPT,
    ),
    Rule(
        "send.uploaded-from-una",
        "A send completed as UPLOAD_IN_PROGRESS starts where SndUna stands: later ACKs do not count.",
        (COMPLETE,),
        _uploaded_from_una,
        SEND_KEPT,
    ),
    Rule(
        "receive.buffered-from-there",
        "BufferedData, acknowledged or not, starts at the first byte that the application has not got.",
        (COMPLETE,),
        _buffered_from_there,
        RECEIVE_ORDER,
    ),
    Rule(
        "complete.once",
        "A terminate request is completed once, also when the hardware fails.",
        (AGAIN,),
        _never,
        ANSWERED,
    ),
)
