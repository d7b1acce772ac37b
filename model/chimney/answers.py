"""What a target does while it is in charge: it transmits, completes, indicates and frees.

Known limitations: the bytes that a target of the model passes to the application are the right ones
for the positions that it names (``seen`` has what an observer finds); what it names it has received,
or could have, once a segment came late. A receive request, a disconnect or a call is completed while it
is outstanding, since a second time there is nothing to complete.
Sources: ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md, -ndis_tcp_offload_receive_complete.md,
-ndis_tcp_offload_receive_indicate.md, -ndis_tcp_offload_event_indicate.md.
"""

from __future__ import annotations

from typing import Any

from ..event import Event, Happening, Index, Later, event
from ..logic import And, If, Max, Not, Or, Value, clamp, modify, pick, put
from ..records import INT, Sort, between, update
from ..tcp.numbers import FROM_0, FROM_1, NULL, first_fault
from ..tcp.peer import CONN, delivered, held, is_over
from ..tcp.windows import acknowledged, news, overrun
from .calls import CALL, WHICH
from .state import (
    ABORT,
    ABORTIVE,
    BACKLOG_CHANGE,
    BLOCK_OTHER,
    BLOCK_STATUS,
    BLOCK_SUCCESS,
    DISCONNECT,
    INVALID_STATE,
    NONE,
    PENDING,
    REQUEST_STATUS,
    RETRIEVE,
    SUCCESS,
    TCP_EVENT,
    UNWRITTEN,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)

STATUS = Sort("enum", SUCCESS, INVALID_STATE, REQUEST_STATUS.labels)
BUFFER, REQUEST = Index("buffers"), Index("requests")


def acknowledged_part(buf: Buffer, una: Value) -> Value:
    """How many of the buffer's bytes lie below *una*."""
    return clamp(una - buf.begin, 0, buf.end - buf.begin)


def silenced(conn: Connection) -> Value:
    """Whether an RST of either side has ended the connection: of the peer's, the target has told the host.

    Before it has, it may answer with an acknowledgement (RFC 5961, section 3.2).
    """
    return Or(conn.peer.reset, And(conn.peer.rst, conn.aborts_told > 0))


@event(
    "target",
    conn=CONN,
    upto=FROM_1,
    fin=Later(between(NULL), NULL),
    shift=Later(INT, 0),
    observed_says="the target transmits positions [{start}, {upto}) of connection {conn}",
)
def Transmit(s: World, p: Any) -> Happening:
    """the target transmits what it has not yet of connection {conn}, up to position {upto}"""
    conn = s.conns[p.conn]
    after = update(
        conn.peer,
        sent=Max(conn.peer.sent, p.upto),
        overrun=first_fault(conn.peer.overrun, overrun(conn, p.upto)),
        altered=first_fault(conn.peer.altered, If(And(p.upto > conn.total, p.fin == NULL), 1, p.shift)),
        fin_sent=If(p.fin == NULL, conn.peer.fin_sent, p.fin),
        after_reset=Or(conn.peer.after_reset, silenced(conn)),
    )
    return p.upto <= conn.total + If(s.closed(conn), 1, 0), s.change(p.conn, peer=after)


@event("target", conn=CONN, buffer=BUFFER, status=STATUS, bytes=FROM_0, advanced=FROM_0)
def NdisTcpOffloadSendComplete(s: World, p: Any) -> Happening:
    """the target completes send buffer {buffer} of connection {conn} with {status}, {bytes} bytes
    transferred, its data advanced by {advanced}"""

    def back(buf: Buffer) -> Buffer:
        start = buf.begin + p.advanced
        return update(buf, status=p.status, bytes=p.bytes, start=start, returns=buf.returns + 1)

    conn, bufs = s.conns[p.conn], s.conns[p.conn].bufs
    over = Or(conn.uploaded_over, And(p.status == UPLOAD_IN_PROGRESS, is_over(conn), s.live(conn)))
    after = {"bufs": modify(bufs, p.buffer, back), "uploaded_over": over}
    return pick(bufs, p.buffer).status != NONE, s.change(p.conn, **after)


@event("target", conn=CONN, status=STATUS, kind=WHICH, seen={"bytes": 0, "advanced": 0})
def NdisTcpOffloadDisconnectComplete(s: World, p: Any) -> Happening:
    """the target completes the disconnect of connection {conn} ({kind}) with {status}"""
    conn, hard = s.conns[p.conn], p.kind == ABORTIVE
    disconnect, abort = If(hard, conn.disconnect, p.status), If(hard, p.status, conn.abort)
    waits = If(hard, conn.abort, conn.disconnect) == PENDING
    told = {"bytes": If(hard, conn.parting.bytes, p.bytes)}
    told["advanced"] = If(hard, conn.parting.advanced, p.advanced)
    after = {"disconnect": disconnect, "abort": abort, "parting": update(conn.parting, **told)}
    return waits, s.change(p.conn, **after)


@event(
    "target",
    conn=CONN,
    request=REQUEST,
    status=STATUS,
    start=FROM_0,
    bytes=FROM_0,
    advanced=Later(between(NULL), NULL),
    seen={"wrong": False},
    observed_says="the target completes receive request {request} of connection {conn} with {status}, "
    "{bytes} bytes",
)
def NdisTcpOffloadReceiveComplete(s: World, p: Any) -> Happening:
    """the target completes receive request {request} of connection {conn} with {status}, {bytes} bytes from
    position {start} on"""
    conn = s.conns[p.conn]
    request = pick(conn.requests, p.request)
    fits = And(p.bytes >= 0, p.bytes <= request.size, held(conn, p.start, p.start + p.bytes))
    moved = If(p.advanced == NULL, p.bytes, p.advanced)
    back = {"status": p.status, "bytes": p.bytes, "advanced": moved}
    filled = modify(conn.requests, p.request, lambda r: update(r, **back))
    after = update(delivered(conn, p.start, p.start + p.bytes, p.wrong), requests=filled)
    return And(request.status == PENDING, fits), s.with_conn(p.conn, after)


@event("target", conn=CONN, start=FROM_0, end=FROM_1)
def NdisTcpOffloadReceiveHandler(s: World, p: Any) -> Happening:
    """the target indicates the data [{start}, {end}) of connection {conn}"""
    conn = s.conns[p.conn]
    may = And(Not(conn.indication), p.start < p.end, held(conn, p.start, p.end))
    under_way = {"indication": True, "indicated_from": p.start, "indicated_to": p.end}
    return may, s.change(p.conn, posted_before=conn.requested, **under_way)


@event("target", conn=CONN, upto=FROM_0, window=Later(between(NULL), NULL))
def SendAck(s: World, p: Any) -> Happening:
    """the target acknowledges connection {conn} up to position {upto}, window {window}"""
    conn, peer = s.conns[p.conn], s.conns[p.conn].peer
    after = acknowledged(conn, p.upto, p.window)
    late = And(silenced(conn), Not(peer.after_reset))
    after = update(after, peer=update(after.peer, after_reset=Or(peer.after_reset, late)))
    return Or(news(conn, p.upto, p.window), late), s.with_conn(p.conn, after)


@event("target", conn=CONN, status=Later(STATUS, SUCCESS))
def NdisTcpOffloadForwardComplete(s: World, p: Any) -> Happening:
    """the target completes the forward request on connection {conn} with {status}"""
    return s.conns[p.conn].forward, s.change(p.conn, forward=False, forwarded=p.status)


@event("target", call=CALL, status=Later(BLOCK_STATUS, BLOCK_SUCCESS))
def CompleteStateCall(s: World, p: Any) -> Happening:
    """the target completes call {call} (0 invalidate, 1 query, 2 update) with {status}"""
    answered = put(s.answered, p.call, If(p.status == UNWRITTEN, BLOCK_OTHER, p.status))
    return s.calls[p.call], update(s, calls=put(s.calls, p.call, False), answered=answered)


@event(
    "target",
    conn=CONN,
    event=Later(lambda bounds: TCP_EVENT, BACKLOG_CHANGE),
)
def NdisTcpOffloadEventHandler(s: World, p: Any) -> Happening:
    """the target indicates {event} on connection {conn}"""
    conn = s.conns[p.conn]
    ends = conn.ends_told + If(p.event == DISCONNECT, 1, 0)
    aborts = conn.aborts_told + If(p.event == ABORT, 1, 0)
    retrieves = conn.retrieves_told + If(p.event == RETRIEVE, 1, 0)
    counts = {"ends_told": ends, "aborts_told": aborts, "retrieves_told": retrieves}
    return Not(conn.event), s.change(p.conn, event=True, **counts)


@event("target", upload=Later(between(0, 1), 0))
def NdisMIndicateStatusEx(s: World, p: Any) -> Happening:
    """the target calls NdisMIndicateStatusEx"""
    asked = If(p.upload == 1, 1, 0)  # NDIS_STATUS_UPLOAD_ALL asks for every connection
    conns = tuple(update(conn, retrieves_told=conn.retrieves_told + asked) for conn in s.conns)
    return Not(s.status_indication), update(s, status_indication=True, conns=conns)


@event("target")
def NdisMOffloadEventIndicate(s: World, p: Any) -> Happening:
    """the target calls NdisMOffloadEventIndicate"""
    return Not(s.event_indication), update(s, event_indication=True)


@event("target", conn=CONN)
def Free(s: World, p: Any) -> Happening:
    """the target frees what it holds for connection {conn}"""
    return Not(s.conns[p.conn].freed), s.change(p.conn, freed=True)


EVENTS: tuple[Event, ...] = (
    Transmit,
    NdisTcpOffloadSendComplete,
    NdisTcpOffloadDisconnectComplete,
    NdisTcpOffloadReceiveComplete,
    NdisTcpOffloadReceiveHandler,
    SendAck,
    NdisTcpOffloadForwardComplete,
    CompleteStateCall,
    NdisTcpOffloadEventHandler,
    NdisMIndicateStatusEx,
    NdisMOffloadEventIndicate,
)
