"""The host stack after the hand-off: it resumes, and what it was given shows on the wire.

Sources: pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md
(buffered data, its return); ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md (the
host sends what came back); RFC 9293 section 3.8 (it may send again from SND.UNA).

Known limitation: the host sends whole buffers, and the peer, once heard again, sends
data in order.
"""

from __future__ import annotations

from typing import Any

from .host import change, conn_parameter
from .interface import delivered, set_conn
from .kernel import Action, Parameter
from .logic import And, If, Not, Or, Value
from .records import between, update
from .resume import resume
from .state import NULL, UPLOAD_IN_PROGRESS, Bounds, Connection, World


def _may_resume(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(s.handed_back(conn), Not(conn.host.resumed))


def _resume(s: World, p: Any) -> World:
    return set_conn(s, p.conn, resume(s, p.conn))


def _in_charge(conn: Connection) -> Value:
    return And(conn.host.resumed, Not(conn.host.aborted))


def _may_transmit(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(_in_charge(conn), conn.host.nxt < conn.host.end, conn.host.nxt <= conn.peer.got)


def _transmit(s: World, p: Any) -> World:
    """The host sends the rest of the buffer that it has at its SND.NXT; the peer takes what is new."""
    conn = s.conns[p.conn]
    host, peer = conn.host, conn.peer
    length: Value = 0
    shift: Value = 0
    for buf in reversed(conn.bufs):
        here = And(buf.host_at == host.nxt, buf.start < buf.end)
        length = If(here, buf.end - buf.start, length)
        shift = If(here, buf.start - buf.host_at, shift)
    upto = host.nxt + length
    new = upto > peer.got
    peer = update(
        peer,
        shift=If(And(new, peer.shift == 0), shift, peer.shift),
        got=If(new, upto, peer.got),
    )
    return change(s, p.conn, host=update(host, nxt=upto), peer=peer)


def _may_send_fin(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(
        _in_charge(conn),
        conn.disconnect == UPLOAD_IN_PROGRESS,
        conn.host.nxt == conn.host.end,
        conn.peer.fin_at == NULL,
    )


def _send_fin(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    return change(s, p.conn, peer=update(conn.peer, fin_at=conn.host.nxt))


def _may_receive(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    heard = conn.peer.acked_to <= conn.host.rcv  # the peer sends again from what it saw acknowledged
    return And(_in_charge(conn), heard, Not(conn.peer.fin), Not(conn.peer.rst), p.length >= 1)


def _receive(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    upto = conn.host.rcv + p.length
    conn = delivered(conn, conn.host.rcv, upto)
    return set_conn(
        s,
        p.conn,
        update(conn, host=update(conn.host, rcv=upto), peer=update(conn.peer, acked_to=upto)),
    )


def _may_give_back(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return Or(conn.lent, And(conn.host.reading, conn.host.resumed))


def _give_back(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    reading = And(conn.host.reading, Not(conn.host.resumed))
    return change(s, p.conn, lent=False, host=update(conn.host, reading=reading))


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """What the host does once the tree is its own again."""
    conn = conn_parameter(bounds)
    return (*_sending(conn), *_receiving(conn, Parameter("length", between(1))))


def _sending(conn: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "HostResumes",
            "host",
            (conn,),
            _may_resume,
            _resume,
            "the host takes connection {conn} up again from what it was handed",
        ),
        Action(
            "HostTransmits",
            "host",
            (conn,),
            _may_transmit,
            _transmit,
            "the host sends the next buffer of its queue on connection {conn}",
        ),
        Action(
            "HostSendsFin",
            "host",
            (conn,),
            _may_send_fin,
            _send_fin,
            "the host sends the FIN of connection {conn}",
        ),
    )


def _receiving(conn: Parameter, length: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "HostReceives",
            "peer",
            (conn, length),
            _may_receive,
            _receive,
            "{length} bytes reach the host on connection {conn}, and it delivers them",
        ),
        Action(
            "MiniportTcpOffloadReceiveReturn",
            "host",
            (conn,),
            _may_give_back,
            _give_back,
            "the host returns the target's receive buffers of connection {conn}",
        ),
    )
