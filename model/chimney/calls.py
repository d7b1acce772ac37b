"""What host and NDIS call while the target is in charge, and how the target's own calls return.

Sources: ddi/nc-ndischimney-w_terminate_offload_handler.md, Remarks (when it may terminate);
pages/handling-send-requests-during-a-terminate-offload-operation.md (no new requests then);
ddi/nc-ndischimney-ndis_tcp_offload_receive_indicate.md (what a receive indication returns).

The rule that the host waits for invalidate, query and update requests concerns the
connection's own; those modelled here are on neighbor and path objects, and may be open
when it terminates. Queries of a connection are seen of executable targets (:mod:`.querying`).
"""

from __future__ import annotations

from typing import Any

from ..event import Happening, Index, Later, event
from ..logic import And, If, Not, Or, Value, modify, pick, put
from ..records import anew, between, update
from ..tcp.numbers import FROM_0, FROM_1
from ..tcp.peer import CONN, delivered, is_over
from .state import (
    ABORTIVE,
    COMPLETED,
    DISCONNECT_KIND,
    GRACEFUL,
    NONE,
    OFFLOADED,
    PENDING,
    PLACEHOLDER,
    STATE_CALLS,
    TERMINATING,
    UNWRITTEN,
    Connection,
    World,
)

CALL = Index(len(STATE_CALLS))
WHICH = Later(lambda bounds: DISCONNECT_KIND, GRACEFUL)
"""Which disconnect is meant (Flags): with a FIN, or with an RST."""


def usable(s: World, conn: Connection) -> Value:
    """Whether the host may make requests on a connection."""
    return And(s.live(conn), Not(is_over(conn)))


@event("host", conn=CONN, length=FROM_1)
def MiniportTcpOffloadSend(s: Any, p: Any) -> Happening:
    """the host posts {length} bytes to send on connection {conn}"""
    conn = s.conns[p.conn]
    end = conn.total + p.length
    buf = anew(conn.bufs[0], begin=conn.total, end=end, start=conn.total, status=PENDING)
    may = And(usable(s, conn), conn.disconnect == NONE, conn.posted < len(conn.bufs), p.length >= 1)
    bufs = put(conn.bufs, conn.posted, buf)
    return may, s.change(p.conn, bufs=bufs, posted=conn.posted + 1, total=end)


@event(
    "host",
    conn=CONN,
    size=FROM_0,
    seen={"no_push": False},
    observed_says="the host posts a receive request of {size} bytes on connection {conn}"
    "{no_push:, in nonpush mode}",
)
def MiniportTcpOffloadReceive(s: Any, p: Any) -> Happening:
    """the host posts a receive request of {size} bytes on connection {conn}"""
    conn = s.conns[p.conn]
    posted = anew(conn.requests[0], size=p.size, status=PENDING, no_push=p.no_push)
    requests = put(conn.requests, conn.requested, posted)
    may = And(usable(s, conn), conn.requested < len(conn.requests), p.size >= 0)
    return may, s.change(p.conn, requests=requests, requested=conn.requested + 1, refused=False)


@event("host", conn=CONN, kind=WHICH, seen={"length": 0})
def MiniportTcpOffloadDisconnect(s: Any, p: Any) -> Happening:
    """the host asks to disconnect connection {conn} ({kind})"""
    conn = s.conns[p.conn]
    hard = p.kind == ABORTIVE
    asked = update(
        conn,
        disconnect=If(hard, conn.disconnect, PENDING),
        abort=If(hard, PENDING, conn.abort),
        total=conn.total + p.length,
        parting=update(conn.parting, length=conn.parting.length + p.length),
        peer=update(conn.peer, abandoned=Or(conn.peer.abandoned, hard)),
    )
    return And(usable(s, conn), Or(hard, conn.disconnect == NONE)), s.with_conn(p.conn, asked)


@event("host", conn=CONN)
def MiniportTcpOffloadForward(s: Any, p: Any) -> Happening:
    """the host forwards a segment on connection {conn}"""
    conn = s.conns[p.conn]
    return And(usable(s, conn), Not(conn.forward)), s.change(p.conn, forward=True)


@event("host", call=CALL)
def StateCall(s: World, p: Any) -> Happening:
    """the host makes call {call} (0 invalidate, 1 query, 2 update) on a neighbor or path object"""
    answered = put(s.answered, p.call, UNWRITTEN)
    may = And(s.phase == OFFLOADED, Not(s.calls[p.call]))
    return may, update(s, calls=put(s.calls, p.call, True), answered=answered)


@event("host")
def MiniportTerminateOffload(s: World, p: Any) -> Happening:
    """the host terminates the offload of every state object in the tree"""
    return s.phase == OFFLOADED, update(s, phase=TERMINATING)


@event("host")
def ReturnStatusIndication(s: World, p: Any) -> Happening:
    """NdisMIndicateStatusEx returns"""
    return s.status_indication, update(s, status_indication=False)


@event("host")
def ReturnOffloadEvent(s: World, p: Any) -> Happening:
    """NdisMOffloadEventIndicate returns"""
    return s.event_indication, update(s, event_indication=False)


@event("host", conn=CONN)
def ReturnTcpEvent(s: World, p: Any) -> Happening:
    """NdisTcpOffloadEventHandler returns on connection {conn}"""
    return s.conns[p.conn].event, s.change(p.conn, event=False)


@event("host", conn=CONN, bytes=FROM_0)
def ReturnReceiveIndication(s: World, p: Any) -> Happening:
    """NdisTcpOffloadReceiveHandler returns on connection {conn}: the application took {bytes} bytes"""
    conn = s.conns[p.conn]
    upto = conn.indicated_from + p.bytes
    may = And(conn.indication, p.bytes >= 0, p.bytes <= conn.indicated_to - conn.indicated_from)
    changes = {
        "indication": False,
        "lent": Or(conn.lent, upto == conn.indicated_to),
        "refused": And(upto < conn.indicated_to, conn.requested == conn.posted_before),
    }
    return may, s.with_conn(p.conn, update(delivered(conn, conn.indicated_from, upto), **changes))


@event("hardware", block=lambda bounds: between(0, bounds.blocks - 1))
def HardwareFails(s: World, p: Any) -> Happening:
    """the hardware loses the state object of block {block}"""
    block = pick(s.blocks, p.block)
    there = And(p.block >= 0, p.block < len(s.blocks), block.in_tree, block.kind != PLACEHOLDER)
    may = And(there, Not(block.lost), s.phase != COMPLETED, Not(s.filled))
    return may, update(s, blocks=modify(s.blocks, p.block, lambda block: update(block, lost=True)))


REQUESTS = (
    MiniportTcpOffloadSend,
    MiniportTcpOffloadReceive,
    MiniportTcpOffloadDisconnect,
    MiniportTcpOffloadForward,
    StateCall,
    MiniportTerminateOffload,
    ReturnStatusIndication,
    ReturnOffloadEvent,
    ReturnTcpEvent,
    ReturnReceiveIndication,
)
