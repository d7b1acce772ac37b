"""The reference design, part 2: the target in charge of a connection.

Sources: ddi/nc-ndischimney-w_tcp_offload_send_handler.md, -ndis_tcp_offload_send_complete.md
and -ndis_tcp_offload_receive_complete.md; pages/delivery-algorithm.md.

Known limitation: receive requests are completed as soon as they hold data (push mode).
"""

from __future__ import annotations

from typing import Any

from ..host import change, conn_parameter
from ..interface import (
    ack_sent,
    delivered,
    fill,
    first_pending_request,
    send_completed,
    set_conn,
    transmitted,
)
from ..kernel import Action, Parameter
from ..logic import And, If, Max, Min, Not, Or, Value, modify, pick, put
from ..records import between, update
from ..state import NONE, OFFLOADED, PENDING, STATE_CALLS, SUCCESS, Bounds, Connection, World


def in_charge(s: World, conn: Connection) -> Value:
    """Whether the target can work on the connection."""
    return And(s.live(conn), Not(s.lost(conn)))


def _may_transmit(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    fin = If(conn.disconnect == NONE, 0, 1)
    limit = Min(conn.total + fin, conn.own.una + conn.peer.wnd)
    return And(in_charge(s, conn), Not(conn.peer.rst), p.length >= 1, conn.own.nxt + p.length <= limit)


def _transmit(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    nxt = conn.own.nxt + p.length
    own = update(conn.own, nxt=nxt, max=Max(conn.own.max, nxt))
    return set_conn(s, p.conn, update(transmitted(conn, nxt), own=own))


def _may_time_out(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(in_charge(s, conn), conn.own.una < conn.own.nxt)


def _time_out(s: World, p: Any) -> World:
    own = s.conns[p.conn].own
    return change(s, p.conn, own=update(own, nxt=own.una))


def _may_complete_send(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    head = pick(conn.bufs, conn.own.first)
    return And(in_charge(s, conn), conn.own.first < conn.posted, head.end <= conn.own.una)


def complete_send(s: World, p: Any) -> World:
    """The oldest send, all of it acknowledged, is completed."""
    conn = s.conns[p.conn]
    head = pick(conn.bufs, conn.own.first)
    done = send_completed(conn, conn.own.first, SUCCESS, head.end - head.begin)
    return set_conn(s, p.conn, update(done, own=update(conn.own, first=conn.own.first + 1)))


def _may_complete_disconnect(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    all_done = And(conn.own.first == conn.posted, conn.own.una > conn.total)
    return And(in_charge(s, conn), conn.disconnect == PENDING, all_done)


def _may_fill(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    index = first_pending_request(conn)
    available = conn.own.consumed < conn.own.rcv_nxt
    useful = Or(available, pick(conn.requests, index).size == 0)
    return And(in_charge(s, conn), Not(conn.indication), index < conn.requested, useful)


def _fill(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    index = first_pending_request(conn)
    request = pick(conn.requests, index)
    taken = fill(request, conn.own.rcv_nxt - conn.own.consumed)
    upto = conn.own.consumed + taken
    filled = modify(conn.requests, index, lambda r: update(r, status=SUCCESS, bytes=taken))
    conn = delivered(conn, conn.own.consumed, upto)
    return set_conn(s, p.conn, update(conn, requests=filled, own=update(conn.own, consumed=upto)))


def _may_indicate(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    none_posted = first_pending_request(conn) >= conn.requested
    available = conn.own.consumed < conn.own.rcv_nxt
    return And(in_charge(s, conn), Not(conn.indication), none_posted, available)


def _indicate(s: World, p: Any) -> World:
    own = s.conns[p.conn].own
    return change(s, p.conn, indication=True, indicated_from=own.consumed, indicated_to=own.rcv_nxt)


def received_position(conn: Connection) -> Value:
    """RCV.NXT as a position: received data in order, and the peer's FIN."""
    return conn.own.rcv_nxt + If(conn.peer.fin, 1, 0)


def _may_send_ack(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(in_charge(s, conn), Not(conn.peer.rst), conn.peer.acked_to < received_position(conn))


def _send_ack(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    return set_conn(s, p.conn, ack_sent(conn, received_position(conn)))


def _may_send_event(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(in_charge(s, conn), Not(conn.event))


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """What the target may do while it is in charge."""
    conn = conn_parameter(bounds)
    length = Parameter("length", between(1))
    call = Parameter("call", between(0, len(STATE_CALLS) - 1), enumerate=True)
    return (
        *_sending(conn, length),
        *_receiving(conn),
        Action(
            "CompleteForward",
            "target",
            (conn,),
            lambda s, p: And(in_charge(s, s.conns[p.conn]), s.conns[p.conn].forward),
            lambda s, p: change(s, p.conn, forward=False),
            "the target completes the forward request on connection {conn}",
        ),
        Action(
            "CompleteStateCall",
            "target",
            (call,),
            lambda s, p: And(s.phase == OFFLOADED, s.calls[p.call]),
            lambda s, p: update(s, calls=put(s.calls, p.call, False)),
            "the target completes call {call} (0 invalidate, 1 query, 2 update)",
        ),
        *_indicating(conn),
    )


def _sending(conn: Parameter, length: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "Transmit",
            "target",
            (conn, length),
            _may_transmit,
            _transmit,
            "the target transmits {length} positions from SND.NXT on connection {conn}",
        ),
        Action(
            "RetransmitTimeout",
            "target",
            (conn,),
            _may_time_out,
            _time_out,
            "the retransmit timer of connection {conn} expires: the target goes back to SND.UNA",
        ),
        Action(
            "CompleteSend",
            "target",
            (conn,),
            _may_complete_send,
            complete_send,
            "the target completes the oldest send on connection {conn} (NdisTcpOffloadSendComplete)",
        ),
        Action(
            "CompleteDisconnect",
            "target",
            (conn,),
            _may_complete_disconnect,
            lambda s, p: change(s, p.conn, disconnect=SUCCESS),
            "the target completes the disconnect of connection {conn}: its FIN is acknowledged",
        ),
    )


def _receiving(conn: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "CompleteReceive",
            "target",
            (conn,),
            _may_fill,
            _fill,
            "the target completes the oldest receive request on connection {conn}",
        ),
        Action(
            "IndicateReceive",
            "target",
            (conn,),
            _may_indicate,
            _indicate,
            "the target indicates the data it holds on connection {conn} (NdisTcpOffloadReceiveHandler)",
        ),
        Action(
            "SendAck",
            "target",
            (conn,),
            _may_send_ack,
            _send_ack,
            "the target acknowledges all it has received on connection {conn}",
        ),
    )


def _indicating(conn: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "IndicateTcpEvent",
            "target",
            (conn,),
            _may_send_event,
            lambda s, p: change(s, p.conn, event=True),
            "the target calls NdisTcpOffloadEventHandler on connection {conn}",
        ),
        Action(
            "IndicateStatus",
            "target",
            (),
            lambda s, p: And(s.phase == OFFLOADED, Not(s.status_indication)),
            lambda s, p: update(s, status_indication=True),
            "the target calls NdisMIndicateStatusEx",
        ),
        Action(
            "IndicateOffloadEvent",
            "target",
            (),
            lambda s, p: And(s.phase == OFFLOADED, Not(s.event_indication)),
            lambda s, p: update(s, event_indication=True),
            "the target calls NdisMOffloadEventIndicate",
        ),
    )
