"""The reference design, part 1: the target in charge of a connection.

While a connection is being terminated its segments go to the host untouched.
Sources: ddi/nc-ndischimney-w_tcp_offload_send_handler.md, -ndis_tcp_offload_send_complete.md,
-ndis_tcp_offload_receive_complete.md and -ndis_tcp_offload_event_indicate.md (Indicating an Abortive
Disconnect); pages/delivery-algorithm.md.

Known limitation: receive requests are completed as soon as they hold data (push mode).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...design import Choice, Deed, Remembered, reaction, remember, step
from ...logic import And, If, Max, Min, Not, Or, Value, pick
from ...tcp import peer as wire
from ...tcp.numbers import FROM_1, NULL
from ...tcp.peer import CONN, SendReset, is_over
from ...tcp.windows import news
from .. import answers, calls
from ..answers import acknowledged_part
from ..state import (
    ABORT,
    ABORTIVE,
    BACKLOG_CHANGE,
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    DISCONNECT,
    GRACEFUL,
    OFFLOADED,
    PENDING,
    REQUEST_ABORTED,
    RETRIEVE,
    SUCCESS,
    UPLOAD_IN_PROGRESS,
    Connection,
    World,
)


def own(c: int, when: Value = True, **values: Value) -> Remembered:
    """What the target remembers of connection *c*."""
    return remember("conns", c, "own", when=when, **values)


def in_charge(design: Any, s: World, conn: Connection) -> Value:
    """Whether the target can work on the connection."""
    return And(s.live(conn), Not(s.lost(conn)), Not(conn.peer.abandoned))


def received(conn: Connection) -> Value:
    """RCV.NXT as a position: received data in order, and the peer's FIN."""
    return conn.own.rcv_nxt + If(conn.peer.fin, 1, 0)


def window(conn: Connection) -> Value:
    """RCV.WND as the reference computes it: room left in the receive buffer, bytes."""
    return conn.capacity - (conn.own.rcv_nxt - conn.own.consumed)


def first_pending_request(conn: Connection) -> Value:
    """Index of the oldest receive request still pending; the number posted if there is none."""
    result = conn.requested
    for k in range(len(conn.requests) - 1, -1, -1):
        result = If(And(k < conn.requested, conn.requests[k].status == PENDING), k, result)
    return result


@reaction(wire.AckArrives)
def acknowledged(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """SND.UNA moves on, and SND.NXT with it if it lagged behind."""
    conn = s.conns[p.conn]
    return [own(p.conn, in_charge(design, s, conn), una=p.upto, nxt=Max(conn.own.nxt, p.upto))]


@reaction(wire.DataArrives)
def kept(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """Data in order is kept for the application; a hole that it fills is none any more."""
    conn = s.conns[p.conn]
    mine = conn.own
    upto = mine.rcv_nxt + p.length
    early = {name: If(upto >= mine.sack_to, 0, getattr(mine, name)) for name in ("sack_from", "sack_to")}
    return [own(p.conn, And(s.live(conn), Not(conn.peer.abandoned)), rcv_nxt=upto, **early)]


@reaction(wire.DataArrivesOutOfOrder)
def kept_apart(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """Data beyond a hole is kept until the hole is filled."""
    start = s.conns[p.conn].own.rcv_nxt + p.gap
    return [own(p.conn, sack_from=start, sack_to=start + p.length)]


@reaction(calls.ReturnReceiveIndication)
def passed_on(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """What the application took need not be kept."""
    return [own(p.conn, consumed=s.conns[p.conn].indicated_from + p.bytes)]


def send_back(s: World, c: int, k: int, status: Value, when: Value) -> Deed:
    """The send *k* of connection *c* comes back, advanced over what of it is acknowledged."""
    part = acknowledged_part(s.conns[c].bufs[k], s.conns[c].own.una)
    return answers.NdisTcpOffloadSendComplete(
        when, conn=c, buffer=k, status=status, bytes=part, advanced=part
    )


def aborted(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Every outstanding request of connection *c* comes back as NDIS_STATUS_REQUEST_ABORTED."""
    conn = s.conns[c]
    waiting = [And(when, buf.status == PENDING) for buf in conn.bufs]
    sends = [send_back(s, c, k, REQUEST_ABORTED, waits) for k, waits in enumerate(waiting)]
    receives = [
        answers.NdisTcpOffloadReceiveComplete(
            And(when, request.status == PENDING),
            conn=c,
            request=k,
            status=REQUEST_ABORTED,
            start=conn.peer.app_got,
            bytes=0,
            advanced=0,
        )
        for k, request in enumerate(conn.requests)
    ]
    pending = And(when, conn.disconnect == PENDING)
    disconnect = answers.NdisTcpOffloadDisconnectComplete(
        pending, conn=c, status=REQUEST_ABORTED, kind=GRACEFUL
    )
    return [*sends, *receives, disconnect, own(c, when, first=conn.posted)]


@reaction(wire.RstArrives)
def reset(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """Abort what is outstanding, and indicate TcpIndicateAbort, now or when the last event has returned."""
    conn = s.conns[p.conn]
    return [*design.aborted(s, p.conn, s.live(conn)), design.reset_told(s, p.conn)]


@reaction(calls.MiniportTcpOffloadDisconnect)
def cut_off(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """An abortive disconnect: send an RST at once, and abort what is outstanding."""
    conn = s.conns[p.conn]
    asked = calls.MiniportTcpOffloadDisconnect.completed(s, p)
    hard = And(asked.kind == ABORTIVE, Not(s.lost(conn)))
    return [design.sends_reset(s, p.conn, hard), *design.aborted(s, p.conn, hard)]


def sends_reset(design: Any, s: World, c: int, when: Value) -> Deed:
    """The RST of an abortive disconnect."""
    return SendReset(And(when, Not(s.conns[c].peer.reset)), conn=c)


def reset_told(design: Any, s: World, c: int) -> Deed:
    """TcpIndicateAbort, if the host can be called."""
    conn = s.conns[c]
    heard = And(s.live(conn), Not(conn.peer.abandoned))
    may = And(heard, Not(conn.event), design.tells_reset(s, conn))
    return answers.NdisTcpOffloadEventHandler(may, conn=c, event=ABORT)


def tells_reset(design: Any, s: World, conn: Connection) -> Value:
    """Whether the host hears of a reset."""
    return True


@step(owed={"length": 1}, conn=CONN, length=FROM_1)
def Transmit(design: Any, s: World, p: Any) -> Choice:
    """the target transmits {length} positions from SND.NXT on connection {conn}"""
    conn = s.conns[p.conn]
    fin = If(s.closed(conn), 1, 0)
    nxt = conn.own.nxt + p.length
    limit = Min(conn.total + fin, conn.own.una + conn.peer.wnd)
    may = And(design.in_charge(s, conn), Not(conn.peer.rst), p.length >= 1, nxt <= limit)
    segment = answers.Transmit(
        conn=p.conn, upto=nxt, fin=design.fin_place(conn, nxt), shift=design.source_shift(conn)
    )
    return may, [segment, own(p.conn, nxt=nxt, max=Max(conn.own.max, nxt))]


def fin_place(design: Any, conn: Connection, upto: Value) -> Value:
    """Where the FIN of a segment that ends at *upto* is; NULL if it has none."""
    return If(upto > conn.total, conn.total, NULL)


def source_shift(design: Any, conn: Connection) -> Value:
    """How far behind its place in the stream a segment's data is taken from the queue."""
    return 0


@step(conn=CONN)
def RetransmitTimeout(design: Any, s: World, p: Any) -> Choice:
    """the retransmit timer of connection {conn} expires: the target goes back to SND.UNA"""
    conn = s.conns[p.conn]
    return And(design.in_charge(s, conn), conn.own.una < conn.own.nxt), [own(p.conn, nxt=conn.own.una)]


@step(owed=True, conn=CONN)
def CompleteSend(design: Any, s: World, p: Any) -> Choice:
    """the target completes the oldest send on connection {conn} (NdisTcpOffloadSendComplete)"""
    conn = s.conns[p.conn]
    first, head = conn.own.first, pick(conn.bufs, conn.own.first)
    may = And(design.in_charge(s, conn), first < conn.posted, head.end <= conn.own.una)
    return may, [design.succeeded(s, p.conn, first), own(p.conn, first=first + 1)]


def succeeded(design: Any, s: World, c: int, index: Value) -> Deed:
    """The send *index* comes back as a success, all of its bytes transferred."""
    buf = pick(s.conns[c].bufs, index)
    length = buf.end - buf.begin
    return answers.NdisTcpOffloadSendComplete(
        conn=c, buffer=index, status=SUCCESS, bytes=length, advanced=length
    )


@step(owed=True, conn=CONN)
def CompleteDisconnect(design: Any, s: World, p: Any) -> Choice:
    """the target completes the disconnect of connection {conn}: its FIN is acknowledged"""
    conn = s.conns[p.conn]
    all_done = And(conn.own.first == conn.posted, conn.own.una > conn.total)
    may = And(design.in_charge(s, conn), conn.disconnect == PENDING, all_done)
    return may, [answers.NdisTcpOffloadDisconnectComplete(conn=p.conn, status=SUCCESS, kind=GRACEFUL)]


@step(owed=True, conn=CONN)
def CompleteAbort(design: Any, s: World, p: Any) -> Choice:
    """the target completes the abortive disconnect of connection {conn}: its RST is sent"""
    conn = s.conns[p.conn]
    may = And(s.live(conn), Not(s.lost(conn)), conn.abort == PENDING)
    return may, [answers.NdisTcpOffloadDisconnectComplete(conn=p.conn, status=SUCCESS, kind=ABORTIVE)]


@step(owed=True, conn=CONN)
def CompleteReceive(design: Any, s: World, p: Any) -> Choice:
    """the target completes the oldest receive request on connection {conn}"""
    conn = s.conns[p.conn]
    index, start = first_pending_request(conn), conn.own.consumed
    size = pick(conn.requests, index).size
    useful = Or(start < conn.own.rcv_nxt, size == 0)
    may = And(design.in_charge(s, conn), Not(conn.indication), index < conn.requested, useful)
    taken = Min(size, conn.own.rcv_nxt - start)
    filled = answers.NdisTcpOffloadReceiveComplete(
        conn=p.conn, request=index, status=SUCCESS, start=start, bytes=taken, advanced=taken
    )
    return may, [filled, own(p.conn, consumed=start + taken)]


@step(owed=True, conn=CONN)
def IndicateReceive(design: Any, s: World, p: Any) -> Choice:
    """the target indicates the data it holds on connection {conn} (NdisTcpOffloadReceiveHandler)"""
    conn = s.conns[p.conn]
    none_posted = first_pending_request(conn) >= conn.requested
    start, end = conn.own.consumed, conn.own.rcv_nxt
    free = And(Not(conn.indication), Not(conn.refused), none_posted)
    may = And(design.in_charge(s, conn), free, start < end)
    return may, [answers.NdisTcpOffloadReceiveHandler(conn=p.conn, start=start, end=end)]


@step(owed=True, conn=CONN)
def SendAck(design: Any, s: World, p: Any) -> Choice:
    """the target tells the peer of connection {conn} what it has received, and the room it has"""
    conn = s.conns[p.conn]
    due = news(conn, received(conn), window(conn))
    return And(design.in_charge(s, conn), Not(conn.peer.rst), due), [design.acknowledges(s, p.conn)]


def acknowledges(design: Any, s: World, c: int, when: Value = True) -> Deed:
    """A segment that says how far connection *c* has received, and how much room it has."""
    conn = s.conns[c]
    return answers.SendAck(when, conn=c, upto=received(conn), window=window(conn))


@step(owed=True, conn=CONN)
def CompleteForward(design: Any, s: World, p: Any) -> Choice:
    """the target completes the forward request on connection {conn}"""
    conn = s.conns[p.conn]
    may = And(design.in_charge(s, conn), conn.forward)
    return may, [answers.NdisTcpOffloadForwardComplete(conn=p.conn, status=design.forward_status(s, conn))]


def forward_status(design: Any, s: World, conn: Connection) -> Value:
    """The status with which a forwarded segment comes back."""
    return If(s.live(conn), SUCCESS, UPLOAD_IN_PROGRESS)


@step(owed=True, call=calls.CALL)
def CompleteStateCall(design: Any, s: World, p: Any) -> Choice:
    """the target completes call {call} (0 invalidate, 1 query, 2 update)"""
    done = answers.CompleteStateCall(call=p.call, status=design.call_status(s))
    return And(s.phase == OFFLOADED, s.calls[p.call]), [done]


def call_status(design: Any, s: World) -> Value:
    """The Status with which a call on neighbor or path objects comes back."""
    return If(s.above_lost(), BLOCK_FAILURE, BLOCK_SUCCESS)


@step(conn=CONN)
def IndicateTcpEvent(design: Any, s: World, p: Any) -> Choice:
    """the target tells a change of the preferred send backlog of connection {conn}"""
    conn = s.conns[p.conn]
    may = And(design.in_charge(s, conn), Not(conn.event))
    return may, [answers.NdisTcpOffloadEventHandler(conn=p.conn, event=BACKLOG_CHANGE)]


def end_reached(design: Any, s: World, conn: Connection) -> Value:
    """Whether the peer's FIN came, the application has all data that came before it, and was not told."""
    return And(conn.peer.fin, conn.own.consumed == conn.own.rcv_nxt, conn.ends_told == 0)


@step(owed=True, conn=CONN)
def TellEnd(design: Any, s: World, p: Any) -> Choice:
    """the target tells that the peer has closed connection {conn} (TcpIndicateDisconnect)"""
    conn = s.conns[p.conn]
    due = And(design.end_reached(s, conn), Not(conn.peer.rst))
    may = And(design.in_charge(s, conn), Not(conn.event), due)
    return may, [answers.NdisTcpOffloadEventHandler(conn=p.conn, event=DISCONNECT)]


@step(owed=True, conn=CONN)
def TellReset(design: Any, s: World, p: Any) -> Choice:
    """the target tells that the peer has reset connection {conn} (TcpIndicateAbort)"""
    conn = s.conns[p.conn]
    due = And(conn.peer.rst, conn.aborts_told == 0, design.tells_reset(s, conn))
    may = And(design.in_charge(s, conn), Not(conn.event), due)
    return may, [answers.NdisTcpOffloadEventHandler(conn=p.conn, event=ABORT)]


@step(owed=True, conn=CONN)
def TellFailure(design: Any, s: World, p: Any) -> Choice:
    """the target asks the host to take back connection {conn}, which is lost (TcpIndicateRetrieve)"""
    conn = s.conns[p.conn]
    due = And(s.live(conn), s.lost(conn), Not(is_over(conn)), conn.retrieves_told == 0)
    return And(due, Not(conn.event)), [answers.NdisTcpOffloadEventHandler(conn=p.conn, event=RETRIEVE)]


@step()
def IndicateStatus(design: Any, s: World, p: Any) -> Choice:
    """the target calls NdisMIndicateStatusEx"""
    return And(s.phase == OFFLOADED, Not(s.status_indication)), [answers.NdisMIndicateStatusEx(upload=0)]


@step()
def IndicateOffloadEvent(design: Any, s: World, p: Any) -> Choice:
    """the target calls NdisMOffloadEventIndicate"""
    return And(s.phase == OFFLOADED, Not(s.event_indication)), [answers.NdisMOffloadEventIndicate()]


STEPS = (
    Transmit,
    RetransmitTimeout,
    CompleteSend,
    CompleteDisconnect,
    CompleteAbort,
    CompleteReceive,
    IndicateReceive,
    SendAck,
    CompleteForward,
    CompleteStateCall,
    IndicateTcpEvent,
    TellEnd,
    TellReset,
    TellFailure,
    IndicateStatus,
    IndicateOffloadEvent,
)
