"""The host stack up to the hand-off: what it and NDIS may call, and when.

Sources: ddi/nc-ndischimney-w_terminate_offload_handler.md, Remarks (when it may
terminate); pages/handling-send-requests-during-a-terminate-offload-operation.md (no
new requests then); ddi/nc-ndischimney-ndis_tcp_offload_receive_indicate.md (what a
receive indication returns).

The rule that the host waits for invalidate, query and update requests concerns the
connection's own; those modelled here are on neighbor and path objects, and may be open
when it terminates.
"""

from __future__ import annotations

from typing import Any

from .interface import delivered, post_receive, post_send, set_conn
from .kernel import Action, Parameter
from .logic import And, Not, Or, Value, all_of, put
from .records import between, update
from .state import (
    COMPLETED,
    NONE,
    NULL,
    OFFLOADED,
    PENDING,
    STATE_CALLS,
    TERMINATING,
    Bounds,
    Connection,
    World,
)


def conn_parameter(bounds: Bounds) -> Parameter:
    """The connection that an action concerns."""
    return Parameter("conn", between(0, bounds.connections - 1), enumerate=True)


def _post_send(s: World, p: Any) -> World:
    return set_conn(s, p.conn, post_send(s.conns[p.conn], p.length))


def _may_post_send(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(_usable(s, conn), conn.disconnect == NONE, conn.posted < len(conn.bufs), p.length >= 1)


def _usable(s: World, conn: Connection) -> Value:
    return And(s.live(conn), Not(conn.peer.rst))


def _may_post_receive(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(_usable(s, conn), conn.requested < len(conn.requests), p.size >= 0)


def _post_receive(s: World, p: Any) -> World:
    return set_conn(s, p.conn, post_receive(s.conns[p.conn], p.size))


def change(s: World, c: int, **changes: Any) -> World:
    """The world with some fields of connection *c* replaced."""
    return set_conn(s, c, update(s.conns[c], **changes))


def _return_receive(s: World, p: Any) -> World:
    """NdisTcpOffloadReceiveHandler returns with BytesConsumed = *bytes*."""
    conn = s.conns[p.conn]
    upto = conn.indicated_from + p.bytes
    conn = delivered(conn, conn.indicated_from, upto)
    own = update(conn.own, consumed=upto)
    lent = Or(conn.lent, upto == conn.indicated_to)
    return set_conn(s, p.conn, update(conn, indication=False, own=own, lent=lent))


def _may_return_receive(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(conn.indication, p.bytes >= 0, p.bytes <= conn.indicated_to - conn.indicated_from)


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """Everything the host stack and NDIS may do."""
    conn = conn_parameter(bounds)
    call = Parameter("call", between(0, len(STATE_CALLS) - 1), enumerate=True)
    return (*_requests(conn), *_terminating(call), *_returns(conn, Parameter("bytes", between(0))))


def _requests(conn: Parameter) -> tuple[Action, ...]:
    length = Parameter("length", between(1))
    size = Parameter("size", between(0))
    return (
        Action(
            "MiniportTcpOffloadSend",
            "host",
            (conn, length),
            _may_post_send,
            _post_send,
            "the host posts {length} bytes to send on connection {conn}",
        ),
        Action(
            "MiniportTcpOffloadReceive",
            "host",
            (conn, size),
            _may_post_receive,
            _post_receive,
            "the host posts a receive request of {size} bytes on connection {conn}",
        ),
        Action(
            "MiniportTcpOffloadDisconnect",
            "host",
            (conn,),
            lambda s, p: And(_usable(s, s.conns[p.conn]), s.conns[p.conn].disconnect == NONE),
            lambda s, p: change(s, p.conn, disconnect=PENDING),
            "the host asks for a graceful disconnect of connection {conn}",
        ),
        Action(
            "MiniportTcpOffloadForward",
            "host",
            (conn,),
            lambda s, p: And(_usable(s, s.conns[p.conn]), Not(s.conns[p.conn].forward)),
            lambda s, p: change(s, p.conn, forward=True),
            "the host forwards a segment on connection {conn}",
        ),
    )


def _terminating(call: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "StateCall",
            "host",
            (call,),
            lambda s, p: And(s.phase == OFFLOADED, Not(s.calls[p.call])),
            lambda s, p: update(s, calls=put(s.calls, p.call, True)),
            "the host makes call {call} (0 invalidate, 1 query, 2 update) on a neighbor or path object",
        ),
        Action(
            "MiniportTerminateOffload",
            "host",
            (),
            lambda s, p: s.phase == OFFLOADED,
            lambda s, p: update(s, phase=TERMINATING),
            "the host terminates the offload of every state object in the tree",
        ),
    )


def _returns(conn: Parameter, taken: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "ReturnStatusIndication",
            "host",
            (),
            lambda s, p: s.status_indication,
            lambda s, p: update(s, status_indication=False),
            "NdisMIndicateStatusEx returns",
        ),
        Action(
            "ReturnOffloadEvent",
            "host",
            (),
            lambda s, p: s.event_indication,
            lambda s, p: update(s, event_indication=False),
            "NdisMOffloadEventIndicate returns",
        ),
        Action(
            "ReturnTcpEvent",
            "host",
            (conn,),
            lambda s, p: s.conns[p.conn].event,
            lambda s, p: change(s, p.conn, event=False),
            "NdisTcpOffloadEventHandler returns on connection {conn}",
        ),
        Action(
            "ReturnReceiveIndication",
            "host",
            (conn, taken),
            _may_return_receive,
            _return_receive,
            "NdisTcpOffloadReceiveHandler returns on connection {conn}: the application took {bytes} bytes",
        ),
    )


def settled(world: World) -> Value:
    """Whether the host has nothing left to do for the termination."""
    idle = [world.phase != OFFLOADED, Not(world.status_indication), Not(world.event_indication)]
    for conn in world.conns:
        idle += [Not(conn.event), Not(conn.indication), Not(conn.lent), Not(conn.host.reading)]
        idle.append(Or(world.phase != COMPLETED, conn.block == NULL, conn.host.resumed))
    return all_of(idle)
