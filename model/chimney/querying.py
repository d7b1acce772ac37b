"""Queries of a connection: MiniportQueryOffload, and the state that the target tells of it.

What it tells is compared with what is so in that moment; the first thing that is not so is kept. Of a
connection that is reset or aborted nothing but the completion is asked.

Known limitation: a query is seen of executable targets, and is no event of a model. Of the state those
members are compared that say what a connection is at, and the two sizes that exist in a query only.
Sources: ddi/nf-ndischimney-ndismqueryoffloadstatecomplete.md, Remarks;
ddi/ns-ndischimney-_tcp_offload_state_delegated.md;
pages/returning-the-completion-status-of-a-query-offload-operation.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..event import Event, Happening, event
from ..logic import SEQUENCE_SPACE, And, If, Implies, Max, Min, Not, Or, Value, serial
from ..records import INT, between
from ..tcp.numbers import SEQUENCE
from ..tcp.peer import CONN, is_over
from ..tcp.states import connection_state, may_be
from ..tcp.windows import edge
from .calls import usable
from .state import (
    BLOCK_FAILURE,
    BLOCK_OTHER,
    BLOCK_STATUS,
    BLOCK_SUCCESS,
    QUERIED,
    UNWRITTEN,
    Connection,
    Query,
    World,
)

NOT_SUPPORTED = SEQUENCE_SPACE - 1
"""A backlog size that a target does not keep."""
_SIZE = between(0, NOT_SUPPORTED)


@event("host", observed=True, conn=CONN)
def MiniportQueryOffload(s: Any, p: Any) -> Happening:
    """the host queries the state of connection {conn}"""
    conn = s.conns[p.conn]
    may = And(usable(s, conn), Not(conn.query.asked))
    return may, s.change(p.conn, query=Query(asked=True))


def _untrue(s: World, conn: Connection, p: Any) -> Iterator[tuple[str, Value, Value]]:
    """Of each thing told: its name, whether it is true, and what would be."""
    peer = conn.peer
    lost = s.lost(conn)
    right = If(lost, BLOCK_FAILURE, BLOCK_SUCCESS)
    yield "Status", p.status == right, right
    told = p.status == BLOCK_SUCCESS

    def when_told(name: str, true: Value, would_be: Value) -> tuple[str, Value, Value]:
        return name, Implies(told, true), would_be

    una, upto = serial(conn.isn + peer.acked), serial(conn.isn + peer.sent)
    yield when_told("SndUna", p.snd_una == una, una)
    yield when_told("SndMax", p.snd_max == upto, upto)
    ahead = serial(p.snd_nxt - (conn.isn + peer.acked))
    yield when_told("SndNxt", ahead <= peer.sent - peer.acked, upto)
    yield when_told("SndWnd", p.snd_wnd == peer.wnd, peer.wnd)
    yield from (when_told(*row) for row in _received(conn, p))
    fin = And(peer.fin, p.rcv_nxt == serial(conn.irn + peer.arrived + 1))
    state = connection_state(conn, peer.acked, peer.sent, fin)
    yield when_told("State", may_be(conn, p.connection_state, s.closed(conn), fin), state)
    yield when_told("SendBacklogSize", p.send_backlog > 0, NOT_SUPPORTED)


def _received(conn: Connection, p: Any) -> Iterator[tuple[str, Value, Value]]:
    """The same of the receiving half. Data that is not acknowledged need not have been taken."""
    peer = conn.peer
    here = peer.arrived + If(peer.fin, 1, 0)
    ahead = serial(p.rcv_nxt - (conn.irn + peer.acked_to))
    yield "RcvNxt", ahead <= here - peer.acked_to, serial(conn.irn + here)
    kept = Or(peer.fin, peer.acked_to + ahead + p.rcv_wnd >= edge(conn))
    room = conn.capacity - (peer.arrived - peer.app_got)
    yield "RcvWnd", And(kept, p.rcv_wnd <= conn.capacity), room
    passed = If(conn.indication, Max(conn.indicated_to, peer.app_got), peer.app_got)
    early = peer.sacked_to - peer.sacked_from
    most, least = (
        peer.arrived - peer.app_got + early,
        Min(peer.acked_to, peer.arrived) - passed - conn.room_posted,
    )
    some = And(least <= p.receive_backlog, p.receive_backlog <= most)
    yield "ReceiveBacklogSize", Or(some, p.receive_backlog == NOT_SUPPORTED), peer.arrived - peer.app_got


_TOLD = {
    "Status": "status",
    "State": "connection_state",
    "SndUna": "snd_una",
    "SndNxt": "snd_nxt",
    "SndMax": "snd_max",
    "SndWnd": "snd_wnd",
    "RcvNxt": "rcv_nxt",
    "RcvWnd": "rcv_wnd",
    "SendBacklogSize": "send_backlog",
    "ReceiveBacklogSize": "receive_backlog",
}


@event(
    "target",
    observed=True,
    conn=CONN,
    status=BLOCK_STATUS,
    connection_state=INT,
    snd_una=SEQUENCE,
    snd_nxt=SEQUENCE,
    snd_max=SEQUENCE,
    snd_wnd=_SIZE,
    rcv_nxt=SEQUENCE,
    rcv_wnd=_SIZE,
    send_backlog=_SIZE,
    receive_backlog=_SIZE,
    observed_says="the target completes the query of connection {conn} with {status}",
)
def NdisMQueryOffloadStateComplete(s: World, p: Any) -> Happening:
    """the target tells the state of connection {conn}, with {status}: SndUna {snd_una}, SndNxt {snd_nxt},
    SndMax {snd_max}, SndWnd {snd_wnd}, RcvNxt {rcv_nxt}, RcvWnd {rcv_wnd}, backlogs {send_backlog} and
    {receive_backlog}"""
    conn = s.conns[p.conn]
    wrong: Value = 0
    told: Value = 0
    true: Value = 0
    for name, is_true, would_be in _untrue(s, conn, p):
        here = Not(Or(is_over(conn), is_true))
        wrong = If(here, QUERIED.labels.index(name), wrong)
        told, true = If(here, getattr(p, _TOLD[name]), told), If(here, would_be, true)
    answer = Query(status=If(p.status == UNWRITTEN, BLOCK_OTHER, p.status), wrong=wrong, told=told, true=true)
    return conn.query.asked, s.change(p.conn, query=answer)


EVENTS: tuple[Event, ...] = (MiniportQueryOffload, NdisMQueryOffloadStateComplete)
