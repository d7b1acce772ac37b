"""The reference design, part 1: segments that arrive, and hardware that fails.

The wire decides what arrives; the design decides what becomes of it. While a
connection is being terminated its segments go to the host untouched.
Sources: pages/handling-segments-received-during-a-terminate-offload-operation.md;
ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md, Indicating an Abortive Disconnect.
"""

from __future__ import annotations

from typing import Any

from ..host import change, conn_parameter
from ..interface import acknowledged_part, peer_receives, return_send, set_conn, window
from ..kernel import Action, Parameter
from ..logic import And, If, Max, Not, Or, Value, modify, pick
from ..records import between, update
from ..state import COMPLETED, MAX_WINDOW, PENDING, PLACEHOLDER, REQUEST_ABORTED, Bounds, Connection, World


def _reaches(s: World, conn: Connection) -> Value:
    """Whether a segment of the peer can arrive on this machine at all before the host resumes."""
    return And(Or(s.live(conn), s.ending(conn)), Not(conn.peer.rst))


def _late(s: World, c: int, taken: Connection) -> World:
    """*taken* if the target is in charge; while terminating the host gets the segment instead."""
    conn = s.conns[c]
    return set_conn(s, c, If(s.live(conn), taken, update(conn, late=True)))


def _may_ack(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    fresh = And(conn.peer.acked <= p.upto, p.upto <= conn.peer.got)
    return And(_reaches(s, conn), fresh, p.window >= 0, p.window <= MAX_WINDOW)


def acknowledge(conn: Connection, upto: Value, wnd: Value) -> Connection:
    """A cumulative acknowledgement of positions below *upto* is processed."""
    peer = update(conn.peer, acked=upto, wnd=wnd)
    own = update(conn.own, una=upto, nxt=Max(conn.own.nxt, upto))
    return update(conn, peer=peer, own=own)


def ack(s: World, p: Any) -> World:
    """An acknowledgement arrives."""
    return _late(s, p.conn, If(s.lost(s.conns[p.conn]), s.conns[p.conn], _acked(s, p)))


def _acked(s: World, p: Any) -> Connection:
    return acknowledge(s.conns[p.conn], p.upto, p.window)


def _may_data(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    own = conn.own
    hole = Or(own.sack_from == own.sack_to, own.rcv_nxt + p.length < own.sack_from)
    promised = own.rcv_nxt + p.length <= conn.peer.acked_to + MAX_WINDOW
    fits = And(p.length <= window(conn), promised)
    return And(_reaches(s, conn), Not(s.lost(conn)), Not(conn.peer.fin), p.length >= 1, fits, hole)


def take_data(conn: Connection, length: Value) -> Connection:
    """*length* bytes arrive in order and are kept."""
    peer = update(conn.peer, arrived=conn.peer.arrived + length)
    own = update(conn.own, rcv_nxt=conn.own.rcv_nxt + length)
    return update(conn, peer=peer, own=own)


def data(s: World, p: Any) -> World:
    """A segment with data arrives in order."""
    return _late(s, p.conn, take_data(s.conns[p.conn], p.length))


def _may_out_of_order(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    empty = conn.own.sack_from == conn.own.sack_to
    fits = p.gap + p.length <= window(conn)
    steady = And(s.live(conn), Not(s.lost(conn)), Not(conn.peer.fin), Not(conn.peer.rst))
    return And(steady, empty, p.gap >= 1, p.length >= 1, fits)


def _out_of_order(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    start = conn.own.rcv_nxt + p.gap
    own = update(conn.own, sack_from=start, sack_to=start + p.length)
    return change(s, p.conn, own=own, peer=update(conn.peer, sacked_to=start + p.length))


def _may_fin(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    in_order = conn.own.sack_from == conn.own.sack_to
    return And(_reaches(s, conn), Not(s.lost(conn)), Not(conn.peer.fin), in_order)


def _fin(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    return _late(s, p.conn, update(conn, peer=update(conn.peer, fin=True)))


def abort(conn: Connection, una: Value) -> Connection:
    """Every outstanding request comes back as NDIS_STATUS_REQUEST_ABORTED."""
    bufs = tuple(
        If(buf.status == PENDING, return_send(buf, REQUEST_ABORTED, acknowledged_part(buf, una)), buf)
        for buf in conn.bufs
    )
    requests = tuple(If(r.status == PENDING, update(r, status=REQUEST_ABORTED), r) for r in conn.requests)
    disconnect = If(conn.disconnect == PENDING, REQUEST_ABORTED, conn.disconnect)
    own = update(conn.own, first=conn.posted)
    return update(conn, bufs=bufs, requests=requests, disconnect=disconnect, own=own)


def reset(s: World, p: Any) -> World:
    """An acceptable RST arrives: mark the connection, abort its requests, indicate TcpIndicateAbort."""
    conn = s.conns[p.conn]
    aborted = abort(conn, conn.own.una)
    aborted = update(aborted, event=True, peer=update(conn.peer, rst=True))
    return _late(s, p.conn, aborted)


def _may_fail(s: World, p: Any) -> Value:
    block = pick(s.blocks, p.block)
    there = And(p.block >= 0, p.block < len(s.blocks), block.in_tree, block.kind != PLACEHOLDER)
    return And(there, Not(block.lost), s.phase != COMPLETED, Not(s.filled))


def _fail(s: World, p: Any) -> World:
    return update(s, blocks=modify(s.blocks, p.block, lambda block: update(block, lost=True)))


def _may_reach_peer(s: World, p: Any) -> Value:
    peer = s.conns[p.conn].peer
    return And(peer.got < p.upto, p.upto <= peer.sent)


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """What the wire and the hardware may do to the reference design."""
    conn = conn_parameter(bounds)
    block = Parameter("block", between(0, bounds.blocks - 1))
    return (*_acknowledging(conn), *_arriving(conn), *_failing(conn, block))


def _acknowledging(conn: Parameter) -> tuple[Action, ...]:
    upto = Parameter("upto", between(0))
    wnd = Parameter("window", between(0, MAX_WINDOW))
    return (
        Action(
            "PeerReceives",
            "peer",
            (conn, upto),
            _may_reach_peer,
            lambda s, p: set_conn(s, p.conn, peer_receives(s.conns[p.conn], p.upto)),
            "the peer has received connection {conn} in order up to position {upto}",
        ),
        Action(
            "AckArrives",
            "peer",
            (conn, upto, wnd),
            _may_ack,
            ack,
            "an acknowledgement up to position {upto} arrives on connection {conn}, window {window}",
        ),
    )


def _arriving(conn: Parameter) -> tuple[Action, ...]:
    length = Parameter("length", between(1))
    gap = Parameter("gap", between(1))
    return (
        Action(
            "DataArrives",
            "peer",
            (conn, length),
            _may_data,
            data,
            "a segment with {length} bytes arrives in order on connection {conn}",
        ),
        Action(
            "DataArrivesOutOfOrder",
            "peer",
            (conn, gap, length),
            _may_out_of_order,
            _out_of_order,
            "{length} bytes arrive on connection {conn}, {gap} bytes too early; the target answers with SACK",
        ),
        Action("FinArrives", "peer", (conn,), _may_fin, _fin, "the peer's FIN arrives on connection {conn}"),
    )


def _failing(conn: Parameter, block: Parameter) -> tuple[Action, ...]:
    return (
        Action(
            "RstArrives",
            "peer",
            (conn,),
            lambda s, p: _reaches(s, s.conns[p.conn]),
            reset,
            "an acceptable RST arrives on connection {conn}",
        ),
        Action(
            "HardwareFails",
            "hardware",
            (block,),
            _may_fail,
            _fail,
            "the hardware loses the state object of block {block}",
        ),
    )
