"""The most general target: it may do anything at its interface, restrained by nothing.

Host, peer and what follows the hand-off are the model's own; the target's actions are
those of :mod:`..interface`, with every value that it passes left open. The clauses alone
restrain it: that is how the specification itself is asked questions.

It has no memory of its own. ``own`` follows what a careful target would hold: the wire reads
from it how much room the peer was left, and traces are drawn from it. No property reads it.

Known limitations: the bytes that it puts on the wire, and those that it passes to the
application, are the right ones for the positions that it names; what it names it has
received (or could have, once a segment came late). A receive request, a disconnect or a
call is completed while it is outstanding, since a second time there is nothing to complete.
"""

from __future__ import annotations

from typing import Any

from ..designs.design import Design
from ..host import change, conn_parameter
from ..interface import ack_sent, delivered, return_send, set_conn, transmitted
from ..kernel import Action, Parameter, System
from ..logic import And, If, Not, Value, modify, put
from ..records import between, update
from ..state import (
    COMPLETED,
    NONE,
    OTHER,
    PENDING,
    STATE_CALLS,
    SUCCESS,
    Bounds,
    World,
)
from ..world import build
from .handover import actions as handing_back
from .handover import held
from .wire import actions as wire_actions

STATUS = Parameter("status", between(SUCCESS, OTHER))


def _transmit(s: World, p: Any) -> World:
    conn = transmitted(s.conns[p.conn], p.upto)
    own = update(conn.own, nxt=p.upto, max=conn.peer.sent)
    return set_conn(s, p.conn, update(conn, own=own))


def _may_transmit(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    posted = conn.total + If(conn.disconnect == NONE, 0, 1)
    return And(conn.peer.sent < p.upto, p.upto <= posted)


def _complete_send(s: World, p: Any) -> World:
    def back(buf: Any) -> Any:
        return update(return_send(buf, p.status, p.bytes), start=buf.begin + p.advanced)

    conn = s.conns[p.conn]
    return set_conn(s, p.conn, update(conn, bufs=modify(conn.bufs, p.buffer, back)))


def _may_complete_send(s: World, p: Any) -> Value:
    return s.conns[p.conn].bufs[p.buffer].status != NONE


def _complete_receive(s: World, p: Any) -> World:
    def filled(request: Any) -> Any:
        return update(request, status=p.status, bytes=p.bytes)

    conn = s.conns[p.conn]
    conn = delivered(conn, p.start, p.start + p.bytes)
    own = update(conn.own, consumed=conn.peer.app_got)
    return set_conn(s, p.conn, update(conn, requests=modify(conn.requests, p.request, filled), own=own))


def _may_complete_receive(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    request = conn.requests[p.request]
    fits = And(p.bytes >= 0, p.bytes <= request.size)
    return And(request.status == PENDING, fits, held(conn, p.start, p.start + p.bytes))


def _may_indicate(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(Not(conn.indication), p.start < p.end, held(conn, p.start, p.end))


def _acknowledge(s: World, p: Any) -> World:
    return set_conn(s, p.conn, ack_sent(s.conns[p.conn], p.upto))


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """Everything that a target, the wire around it and its hardware may do."""
    conn = conn_parameter(bounds)
    return (
        *wire_actions(bounds),
        *_sending(conn, bounds),
        *_receiving(conn, bounds),
        *_calls(conn),
        *_indicating(conn),
        *handing_back(bounds),
        *_afterwards(conn),
    )


def _sending(conn: Parameter, bounds: Bounds) -> tuple[Action, ...]:
    buffer = Parameter("buffer", between(0, bounds.buffers - 1), enumerate=True)
    done, advanced = Parameter("bytes", between(0)), Parameter("advanced", between(0))
    return (
        Action(
            "Transmit",
            "target",
            (conn, Parameter("upto", between(1))),
            _may_transmit,
            _transmit,
            "the target transmits what it has not yet of connection {conn}, up to position {upto}",
        ),
        Action(
            "NdisTcpOffloadSendComplete",
            "target",
            (conn, buffer, STATUS, done, advanced),
            _may_complete_send,
            _complete_send,
            "the target completes send buffer {buffer} of connection {conn}: {bytes} bytes transferred, its "
            "data advanced by {advanced}",
        ),
        Action(
            "NdisTcpOffloadDisconnectComplete",
            "target",
            (conn, STATUS),
            lambda s, p: s.conns[p.conn].disconnect == PENDING,
            lambda s, p: change(s, p.conn, disconnect=p.status),
            "the target completes the disconnect of connection {conn}",
        ),
    )


def _receiving(conn: Parameter, bounds: Bounds) -> tuple[Action, ...]:
    request = Parameter("request", between(0, bounds.requests - 1), enumerate=True)
    start = Parameter("start", between(0))
    return (
        Action(
            "NdisTcpOffloadReceiveComplete",
            "target",
            (conn, request, STATUS, start, Parameter("bytes", between(0))),
            _may_complete_receive,
            _complete_receive,
            "the target completes receive request {request} of connection {conn} with {bytes} bytes from "
            "position {start} on",
        ),
        Action(
            "NdisTcpOffloadReceiveHandler",
            "target",
            (conn, start, Parameter("end", between(1))),
            _may_indicate,
            lambda s, p: change(s, p.conn, indication=True, indicated_from=p.start, indicated_to=p.end),
            "the target indicates the data [{start}, {end}) of connection {conn}",
        ),
        Action(
            "SendAck",
            "target",
            (conn, Parameter("upto", between(1))),
            lambda s, p: s.conns[p.conn].peer.acked_to < p.upto,
            _acknowledge,
            "the target acknowledges connection {conn} up to position {upto}",
        ),
    )


def _calls(conn: Parameter) -> tuple[Action, ...]:
    call = Parameter("call", between(0, len(STATE_CALLS) - 1), enumerate=True)
    return (
        Action(
            "NdisTcpOffloadForwardComplete",
            "target",
            (conn,),
            lambda s, p: s.conns[p.conn].forward,
            lambda s, p: change(s, p.conn, forward=False),
            "the target completes the forward request on connection {conn}",
        ),
        Action(
            "CompleteStateCall",
            "target",
            (call,),
            lambda s, p: s.calls[p.call],
            lambda s, p: update(s, calls=put(s.calls, p.call, False)),
            "the target completes call {call} (0 invalidate, 1 query, 2 update)",
        ),
    )


def _indicating(conn: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "NdisTcpOffloadEventHandler",
            "target",
            (conn,),
            lambda s, p: Not(s.conns[p.conn].event),
            lambda s, p: change(s, p.conn, event=True),
            "the target calls NdisTcpOffloadEventHandler on connection {conn}",
        ),
        Action(
            "NdisMIndicateStatusEx",
            "target",
            (),
            lambda s, p: Not(s.status_indication),
            lambda s, p: update(s, status_indication=True),
            "the target calls NdisMIndicateStatusEx",
        ),
        Action(
            "NdisMOffloadEventIndicate",
            "target",
            (),
            lambda s, p: Not(s.event_indication),
            lambda s, p: update(s, event_indication=True),
            "the target calls NdisMOffloadEventIndicate",
        ),
    )


def _afterwards(conn: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "Free",
            "target",
            (conn,),
            lambda s, p: Not(s.conns[p.conn].freed),
            lambda s, p: change(s, p.conn, freed=True),
            "the target frees what it holds for connection {conn}",
        ),
        Action(
            "WriteAfterHandBack",
            "target",
            (),
            lambda s, p: And(s.phase == COMPLETED, Not(s.untidy)),
            lambda s, p: update(s, untidy=True),
            "the target writes to a block that it has handed back",
        ),
    )


GENERAL = Design("general", "Does anything at its interface; the clauses alone restrain it.", actions)


def most_general(bounds: Bounds) -> System:
    """The most general target in a world of the given size."""
    return build(GENERAL, bounds)
