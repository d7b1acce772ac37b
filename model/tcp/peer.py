"""The peer and the wire: what arrives at either end of a connection.

A world that has this part has connections (``s.conns``) with a :class:`Peer`, the position after
the last byte posted (``total``) and a receive buffer (``capacity``); it says whether the target is
in charge of one (``live``), whether a segment reaches this machine at all (``reachable``), whether the
application has closed its side (``closed``) and whether the target lost it (``lost``). A segment
that comes when the target is not in charge goes to the host, and is only marked ``late``.

The peer is honest: it acknowledges only what it got, and sends only into the room that it was offered.
Source: RFC 9293 section 3.10.7.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..event import Event, Happening, Index, event
from ..logic import And, If, Max, Not, Or, Value
from ..records import BOOL, INT, update, var
from .numbers import FROM_0, FROM_1, MAX_WINDOW, NULL, WINDOW, first_fault, place
from .windows import edge

CONN = Index("connections")


@dataclasses.dataclass(frozen=True)
class Peer:
    """The remote host and the wire, as seen from outside."""

    sent: Value = var(INT, says="connection {0} has transmitted up to position")
    got: Value = var(INT, says="the peer has connection {0} in order up to position")  # data and FIN
    # 0 while each byte it has is the byte sent at that position
    shift: Value = var(INT, says="the peer of connection {0} got a wrong byte: off by")
    fin_at: Value = var(INT, NULL, "the peer of connection {0} saw the FIN at position", place)
    # 0 while all that was new lay in the window that had reached the target:
    overrun: Value = var(INT, says="connection {0} sent new data beyond the peer's window (bytes)")
    # 0 while each segment had the bytes posted at its positions:
    altered: Value = var(INT, says="connection {0} sent wrong bytes: off by")
    fin_sent: Value = var(INT, NULL, "connection {0} sent its FIN at position", place)
    reset: Value = var(BOOL, says="connection {0} sent an RST to its peer")
    after_reset: Value = var(BOOL, says="connection {0} sent a segment after an RST had ended it")
    abandoned: Value = var(BOOL, says="the application of connection {0} has aborted it")
    # What was lost on the way, when the target had all the time to send it again:
    missing: Value = var(BOOL, says="bytes of connection {0} were lost on the way and never sent again")
    # The next seven are of what reached the target before termination.
    acked: Value = var(INT, says="highest acknowledgement that reached connection {0}, position")
    wnd: Value = var(WINDOW, says="SND.WND of connection {0} (bytes)")
    wnd_at: Value = var(INT, says="SND.WND of connection {0} was changed at the peer's position")
    arrived: Value = var(INT, says="data that reached connection {0} in order, up to position")
    fin: Value = var(BOOL, says="the peer's FIN reached connection {0}")
    fin_after: Value = var(BOOL, says="the peer's FIN reached connection {0} after its own was sent")
    rst: Value = var(BOOL, says="the peer's RST reached connection {0}")
    sacked_from: Value = var(INT, says="data that reached connection {0} out of order begins at position")
    sacked_to: Value = var(INT, says="data that reached connection {0} out of order ends before position")
    acked_to: Value = var(INT, says="connection {0} has acknowledged to the peer up to position")
    # So far behind its first place, which is the end of the receive buffer, and the first time it went back:
    offered: Value = var(INT, says="the window that connection {0} offers its peer has moved on by (bytes)")
    withdrawn: Value = var(INT, says="connection {0} took back room that it had offered (bytes)")
    unsaid: Value = var(INT, says="connection {0} took back what it had acknowledged (bytes)")
    app_got: Value = var(INT, says="the application has connection {0} up to position")
    # 0 while it got each byte once and in order
    app_gap: Value = var(
        INT, says="the application of connection {0} got a gap (+) or a repetition (-) of bytes"
    )


def is_over(conn: Any) -> Value:
    """Whether the peer has reset the connection, or its own application has aborted it."""
    return Or(conn.peer.rst, conn.peer.abandoned)


def delivered(conn: Any, start: Value, end: Value, wrong: Value = False) -> Any:
    """The application got the peer's bytes [start, end); the first gap, repetition or wrong byte sticks."""
    peer = conn.peer
    some = start < end
    gap = If(some, first_fault(peer.app_gap, start - peer.app_got), peer.app_gap)
    gap = first_fault(gap, If(And(wrong, some), 1, 0))
    return update(conn, peer=update(peer, app_gap=gap, app_got=If(some, end, peer.app_got)))


def held(conn: Any, start: Value, end: Value) -> Value:
    """Whether the target can have the peer's bytes [start, end) at hand: they came in time, or late."""
    late = If(conn.late, MAX_WINDOW, 0)
    return And(start >= 0, end <= Max(conn.peer.arrived, conn.peer.sacked_to) + late)


def _seen(s: Any, c: Value, **changes: Value) -> Any:
    """The peer's side changes while the target is in charge; later a segment is the host's.

    Of a connection that its application has aborted, nobody looks at it any more.
    """
    return If(s.conns[c].peer.abandoned, s, _taken(s, c, **changes))


def _taken(s: Any, c: Value, **changes: Value) -> Any:
    conn = s.conns[c]
    peer = update(conn.peer, **changes)
    return s.with_conn(c, If(s.live(conn), update(conn, peer=peer), update(conn, late=True)))


def _without_hole(s: Any, conn: Any) -> Value:
    """Nothing is held out of order, or it is the host's to hear of again."""
    return Or(s.ending(conn), conn.peer.sacked_from == conn.peer.sacked_to)


@event("peer", conn=CONN, upto=FROM_0, seen={"shift": 0, "fin": lambda s, p: s.conns[p.conn].total})
def PeerReceives(s: Any, p: Any) -> Happening:
    """the peer has received connection {conn} in order up to position {upto}"""
    peer = s.conns[p.conn].peer
    sees_fin = And(peer.fin_at == NULL, p.fin != NULL, p.upto > p.fin)
    changes = {"got": Max(peer.got, p.upto), "fin_at": If(sees_fin, p.fin, peer.fin_at)}
    after = update(peer, shift=first_fault(peer.shift, p.shift), **changes)
    return And(peer.got < p.upto, p.upto <= peer.sent), s.change(p.conn, peer=after)


@event("peer", conn=CONN, upto=FROM_0, window=WINDOW)
def AckArrives(s: Any, p: Any) -> Happening:
    """an acknowledgement up to position {upto} arrives on connection {conn}, window {window}"""
    conn = s.conns[p.conn]
    fresh = And(conn.peer.acked <= p.upto, p.upto <= conn.peer.got)
    here = conn.peer.arrived + If(conn.peer.fin, 1, 0)
    since = If(p.window == conn.peer.wnd, conn.peer.wnd_at, here)
    taken = _seen(s, p.conn, acked=p.upto, wnd=p.window, wnd_at=since)
    return And(s.reachable(conn), fresh), If(And(s.lost(conn), s.live(conn)), s, taken)


@event("peer", conn=CONN, length=FROM_1)
def DataArrives(s: Any, p: Any) -> Happening:
    """a segment with {length} bytes arrives in order on connection {conn}"""
    conn, peer = s.conns[p.conn], s.conns[p.conn].peer
    upto = peer.arrived + p.length
    filled = upto >= peer.sacked_to  # all of it comes again: who dropped what came too early has it now
    hole = Or(_without_hole(s, conn), upto < peer.sacked_from, filled)
    fits = And(upto <= edge(conn), upto <= peer.acked_to + MAX_WINDOW)
    may = And(s.reachable(conn), Not(s.lost(conn)), Not(peer.fin), p.length >= 1, fits, hole)
    early = {name: If(filled, 0, getattr(peer, name)) for name in ("sacked_from", "sacked_to")}
    return may, _seen(s, p.conn, arrived=upto, **early)


@event(
    "peer",
    conn=CONN,
    gap=FROM_1,
    length=FROM_1,
    observed_says="{length} bytes arrive on connection {conn}, {gap} bytes too early",
)
def DataArrivesOutOfOrder(s: Any, p: Any) -> Happening:
    """{length} bytes arrive on connection {conn}, {gap} bytes too early; the target answers with SACK"""
    conn, peer = s.conns[p.conn], s.conns[p.conn].peer
    start = peer.arrived + p.gap
    steady = And(s.live(conn), Not(s.lost(conn)), Not(peer.fin), Not(is_over(conn)))
    fits = And(peer.sacked_from == peer.sacked_to, p.gap >= 1, p.length >= 1, start + p.length <= edge(conn))
    after = update(peer, sacked_from=start, sacked_to=start + p.length)
    return And(steady, fits), s.change(p.conn, peer=after)


@event("peer", conn=CONN)
def FinArrives(s: Any, p: Any) -> Happening:
    """the peer's FIN arrives on connection {conn}"""
    conn = s.conns[p.conn]
    may = And(s.reachable(conn), Not(s.lost(conn)), Not(conn.peer.fin), _without_hole(s, conn))
    return may, _seen(s, p.conn, fin=True, fin_after=conn.peer.sent > conn.total)


@event("peer", conn=CONN)
def RstArrives(s: Any, p: Any) -> Happening:
    """an acceptable RST arrives on connection {conn}"""
    return s.reachable(s.conns[p.conn]), _taken(s, p.conn, rst=True)


@event("target", conn=CONN)
def SendReset(s: Any, p: Any) -> Happening:
    """the target sends an RST to the peer of connection {conn}"""
    peer = s.conns[p.conn].peer
    return Not(peer.reset), s.change(p.conn, peer=update(peer, reset=True))


EVENTS: tuple[Event, ...] = (
    PeerReceives,
    AckArrives,
    DataArrives,
    DataArrivesOutOfOrder,
    FinArrives,
    RstArrives,
)
