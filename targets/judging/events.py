"""What can happen in a run of a target, as actions on the model's world.

The host's actions are the model's own. The target's and the wire's are observations:
each says what was seen, by the functions of :mod:`...model.interface`. None has a guard,
since a target may do anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...model import after, host
from ...model.host import change
from ...model.interface import ack_sent, delivered, peer_receives, return_send, set_conn, transmitted
from ...model.kernel import Action
from ...model.logic import And, If, Max, Value, modify, put
from ...model.records import update
from ...model.state import NULL, PENDING, REQUEST_STATUS, SUCCESS, Bounds, Connection, Own, World

REQUEST_CODES = {name: code for code, name in enumerate(REQUEST_STATUS.labels) if code >= SUCCESS}
"""The statuses of completed requests, by name."""

Effect = Callable[[World, Any], World]


def _on_conn(effect: Callable[[Connection, Any], Connection]) -> Effect:
    return lambda s, p: set_conn(s, p.conn, effect(s.conns[p.conn], p))


def _unless_late(effect: Callable[[Connection, Any], Connection]) -> Effect:
    """While the connection is terminated a segment is the host's: it only counts as late."""

    def arrives(s: World, p: Any) -> World:
        conn = s.conns[p.conn]
        return set_conn(s, p.conn, If(s.live(conn), effect(conn, p), update(conn, late=True)))

    return arrives


def _peer(**changes: Callable[[Connection, Any], Any]) -> Callable[[Connection, Any], Connection]:
    def effect(conn: Connection, p: Any) -> Connection:
        values = {name: value(conn, p) for name, value in changes.items()}
        return update(conn, peer=update(conn.peer, **values))

    return effect


def _transmit(conn: Connection, p: Any) -> Connection:
    return update(transmitted(conn, p.upto), own=update(conn.own, nxt=p.upto))


def _peer_gets(conn: Connection, p: Any) -> Connection:
    """*shift* is what the bytes on the wire showed; *fin* where the peer saw the FIN."""
    conn = peer_receives(conn, p.upto)
    peer = conn.peer
    fin_at = If(And(p.fin != NULL, p.upto > p.fin), p.fin, NULL)
    return update(conn, peer=update(peer, shift=_first(peer.shift, p.shift), fin_at=fin_at))


def _first(seen: Value, now: Value) -> Value:
    """What sticks: the first value that is not 0."""
    return If(seen != 0, seen, now)


def _code(status: Any) -> Value:
    """A request's status in the model's numbers; the compiled monitor has it so already."""
    return REQUEST_CODES[status] if isinstance(status, str) else status


def _send_complete(conn: Connection, p: Any) -> Connection:
    def back(buf: Any) -> Any:
        return update(return_send(buf, _code(p.status), p.bytes), start=buf.begin + p.advanced)

    return update(conn, bufs=modify(conn.bufs, p.buffer, back))


def _receive_complete(conn: Connection, p: Any) -> Connection:
    status = _code(p.status)
    filled = modify(conn.requests, p.request, lambda r: update(r, status=status, bytes=p.bytes))
    return _application_gets(update(conn, requests=filled), p.start, p.start + p.bytes, p.wrong)


def _application_gets(conn: Connection, start: Value, end: Value, wrong: Value) -> Connection:
    conn = delivered(conn, start, end)
    gap = _first(conn.peer.app_gap, If(And(wrong, start < end), 1, 0))
    return update(conn, peer=update(conn.peer, app_gap=gap))


def _indicate(conn: Connection, p: Any) -> Connection:
    return update(conn, indication=True, indicated_from=p.start, indicated_to=p.end)


def _out_of_order(conn: Connection, p: Any) -> Connection:
    start = conn.peer.arrived + p.gap
    own = update(conn.own, sack_from=start, sack_to=start + p.length)
    return update(conn, own=own, peer=update(conn.peer, sacked_to=start + p.length))


def _fails(s: World, p: Any) -> World:
    return update(s, blocks=modify(s.blocks, p.block, lambda b: update(b, lost=True)))


def _wrong_delivery(conn: Connection, p: Any) -> Connection:
    return update(conn, peer=update(conn.peer, app_gap=_first(conn.peer.app_gap, 1)))


def _seen(name: str, actor: str, effect: Effect, says: str) -> Action:
    return Action(name, actor, (), lambda s, p: True, effect, says)


def _nothing(s: World, p: Any) -> World:
    return s


WIRE = (
    _seen(
        "PeerReceives",
        "peer",
        _on_conn(_peer_gets),
        "the peer has received connection {conn} in order up to position {upto}",
    ),
    _seen(
        "AckArrives",
        "peer",
        _unless_late(_peer(acked=lambda c, p: p.upto, wnd=lambda c, p: p.window)),
        "an acknowledgement up to position {upto} arrives on connection {conn}, window {window}",
    ),
    _seen(
        "DataArrives",
        "peer",
        _unless_late(_peer(arrived=lambda c, p: c.peer.arrived + p.length)),
        "a segment with {length} bytes arrives in order on connection {conn}",
    ),
    _seen(
        "DataArrivesOutOfOrder",
        "peer",
        _on_conn(_out_of_order),
        "{length} bytes arrive on connection {conn}, {gap} bytes too early",
    ),
    _seen(
        "FinArrives",
        "peer",
        _unless_late(_peer(fin=lambda c, p: True)),
        "the peer's FIN arrives on connection {conn}",
    ),
    _seen(
        "RstArrives",
        "peer",
        _unless_late(_peer(rst=lambda c, p: True)),
        "an acceptable RST arrives on connection {conn}",
    ),
    _seen("HardwareFails", "hardware", _fails, "the hardware loses the state object of block {block}"),
    _seen(
        "RetransmitTimeout",
        "hardware",
        _on_conn(lambda c, p: update(c, own=update(c.own, nxt=c.peer.acked))),
        "the retransmit timer of connection {conn} expires",
    ),
    _seen(
        "AckTimeout", "hardware", _nothing, "the delayed acknowledgement timer of connection {conn} expires"
    ),
)

TARGET = (
    _seen(
        "Transmit",
        "target",
        _on_conn(_transmit),
        "the target transmits positions [{start}, {upto}) of connection {conn}",
    ),
    _seen(
        "SendAck",
        "target",
        _on_conn(lambda c, p: ack_sent(c, p.upto)),
        "the target acknowledges connection {conn} up to position {upto}",
    ),
    _seen(
        "NdisTcpOffloadSendComplete",
        "target",
        _on_conn(_send_complete),
        "the target completes send buffer {buffer} of connection {conn} with {status}, {bytes} bytes "
        "transferred, its data advanced by {advanced}",
    ),
    _seen(
        "NdisTcpOffloadReceiveComplete",
        "target",
        _on_conn(_receive_complete),
        "the target completes receive request {request} of connection {conn} with {status}, {bytes} bytes",
    ),
    _seen(
        "NdisTcpOffloadDisconnectComplete",
        "target",
        _on_conn(lambda c, p: update(c, disconnect=_code(p.status))),
        "the target completes the disconnect of connection {conn} with {status}",
    ),
    _seen(
        "NdisTcpOffloadForwardComplete",
        "target",
        _on_conn(lambda c, p: update(c, forward=False)),
        "the target completes the forward request on connection {conn}",
    ),
    _seen(
        "CompleteStateCall",
        "target",
        lambda s, p: update(s, calls=put(s.calls, p.call, False)),
        "the target completes call {call} (0 invalidate, 1 query, 2 update)",
    ),
    _seen(
        "NdisTcpOffloadReceiveHandler",
        "target",
        _on_conn(_indicate),
        "the target indicates the data [{start}, {end}) of connection {conn}",
    ),
    _seen(
        "WrongBytes",
        "host",
        _on_conn(_wrong_delivery),
        "the application of connection {conn} gets bytes that the peer never sent",
    ),
    _seen(
        "NdisTcpOffloadEventHandler",
        "target",
        lambda s, p: change(s, p.conn, event=True),
        "the target indicates {event} on connection {conn}",
    ),
    _seen(
        "NdisMIndicateStatusEx",
        "target",
        lambda s, p: update(s, status_indication=True),
        "the target calls NdisMIndicateStatusEx",
    ),
    _seen(
        "NdisMOffloadEventIndicate",
        "target",
        lambda s, p: update(s, event_indication=True),
        "the target calls NdisMOffloadEventIndicate",
    ),
    _seen(
        "Free",
        "target",
        lambda s, p: change(s, p.conn, freed=True),
        "the target frees what it holds for connection {conn}",
    ),
    _seen(
        "WriteAfterHandBack",
        "target",
        lambda s, p: update(s, untidy=True),
        "the target writes to block {block}, which it has handed back",
    ),
    _seen(
        "NdisMTerminateOffloadComplete", "target", _nothing, "the target calls NdisMTerminateOffloadComplete"
    ),
    _seen("Misbehaves", "target", _nothing, "the target misbehaves"),
    _seen(
        "Quiet",
        "nobody",
        lambda s, p: update(s, quiet=True),
        "everybody has had all the time there is, and nothing more happens",
    ),
)


def actions(bounds: Bounds) -> dict[str, Action]:
    """Everything that can happen, by name."""
    return {a.name: a for a in (*host.actions(bounds), *after.actions(bounds), *WIRE, *TARGET)}


def mirror(world: World, before: World | None = None) -> World:
    """*world* with ``own`` as a target would have it that does everything right.

    A target's own memory cannot be seen, and no property reads it; this makes the
    drawings of a trace those of the model's. Connections that *before*, a mirrored world,
    has too are left alone.
    """
    if before is not None and world.conns is before.conns:
        return world
    known = before.conns if before is not None else (None,) * len(world.conns)
    conns = (c if c is old else update(c, own=_ideal(c)) for c, old in zip(world.conns, known, strict=True))
    return update(world, conns=tuple(conns))


def _ideal(conn: Connection) -> Own:
    peer = conn.peer
    first: Value = conn.posted
    for k in range(len(conn.bufs) - 1, -1, -1):
        first = If(And(k < conn.posted, conn.bufs[k].status == PENDING), k, first)
    return update(
        conn.own,
        una=peer.acked,
        nxt=Max(conn.own.nxt, peer.acked),
        max=peer.sent,
        first=first,
        rcv_nxt=peer.arrived,
        consumed=peer.app_got,
    )
