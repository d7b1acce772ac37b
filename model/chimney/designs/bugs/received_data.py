"""Bugs in the receive side: data that is kept, dropped, repeated or acknowledged wrongly, and RcvNxt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, If, Max, Min, Not, Value, serial
from ....records import update
from ...state import Connection, Delegated, World
from ..charge import own, received, window


@bug("ack.delayed-sent", 5, "send_delayed_ack")
def ack_forgotten(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Stops the delayed-ACK timer without sending the ACK."""
    # Stopping the delayed-ACK timer is taken for dealing with the ACK.
    return []


@bug("sack.dropped", 5, "drained")
def sack_kept(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Counts data that was only SACKed as received, and hands it over."""
    # Data received behind a hole is given to the host with the rest, so that the peer need not send it again.
    mine = s.conns[c].own
    upto = If(mine.sack_from < mine.sack_to, Max(mine.rcv_nxt, mine.sack_to), mine.rcv_nxt)
    merged = s.change(c, own=update(mine, rcv_nxt=upto))
    return [*reference.drained(merged, c, when), own(c, when, rcv_nxt=upto)]


@bug("segments.not-processed", 3, "DataArrives")
def late_data_processed(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Keeps and acknowledges data that arrives while the connection is being terminated."""
    # The receive path does not look whether the connection is being terminated.
    conn = s.conns[p.conn]
    upto = Max(conn.own.rcv_nxt, conn.peer.arrived + p.length)  # the peer may send the same again
    return [*reference.DataArrives(s, p), own(p.conn, s.ending(conn), rcv_nxt=upto)]


@bug("snd.una", 8, "AckArrives")
def late_ack_processed(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Moves SND.UNA on an acknowledgement that arrives while the connection is being terminated."""
    # An acknowledgement looks harmless, so it is processed even while the connection is being terminated.
    conn = s.conns[p.conn]
    late, mine = And(s.ending(conn), Not(s.lost(conn))), conn.own
    moved = own(p.conn, late, una=Max(mine.una, p.upto), nxt=Max(mine.nxt, p.upto))
    return [*reference.AckArrives(s, p), moved]


@bug("receive.kept", 5, "delegated")
def buffered_dropped(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over no BufferedData, whatever the application has not yet taken."""
    # The receive buffer is freed with the connection, and what is in it is forgotten.
    given: Delegated = reference.delegated(conn, base)
    return update(given, buffered_from=given.buffered_to)


@bug("receive.kept@optional", 6, "delegated")
def buffered_cut(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over no more BufferedData than the first receive request had room for."""
    # The buffer handed up is sized like a posted receive request, although more data may be waiting.
    given: Delegated = reference.delegated(conn, base)
    size = If(conn.requested > 0, conn.requests[0].size, conn.capacity)
    return update(given, buffered_to=Min(given.buffered_to, given.buffered_from + size))


@bug("receive.once", 7, "delegated")
def partial_indication_repeated(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over again the bytes that the application took from a receive indication."""
    # An indicated buffer is handed over whole, although the application took its first bytes.
    taken = conn.own.consumed
    partial = And(conn.indicated_from < taken, taken < conn.indicated_to)
    return update(reference.delegated(conn, base), buffered_from=If(partial, conn.indicated_from, taken))


@bug("guarantee.receive-in-order", 5, "CompleteReceive")
def filled_while_indicating(reference: Any, s: World, p: Any) -> Choice:
    """Fills a receive request with data that it is just indicating."""
    # A receive request that is posted during an indication is filled from the same data at once.
    filled: Choice = reference.CompleteReceive(s.change(p.conn, indication=False), p)
    return filled


@bug("rcv.nxt", 4, "delegated")
def rcv_nxt_is_window_edge(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports in RcvNxt the end of the window it offered, past data that never came."""
    # The hardware keeps the right edge of the receive window, and that is reported as RcvNxt.
    edge = serial(conn.irn + received(conn) + window(conn))
    return update(reference.delegated(conn, base), rcv_nxt=edge)


@bug("receive.up-to-rcv-nxt", 5, "delegated")
def rcv_nxt_is_consumed(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports in RcvNxt where the application has read to, before the data it hands over."""
    # RcvNxt is taken from the application's read position; the data in between is buffered, after all.
    return update(reference.delegated(conn, base), rcv_nxt=serial(conn.irn + conn.own.consumed))


@bug("guarantee.receive-kept", 6, "delegated")
def peer_fin_not_counted(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports RcvNxt without the peer's FIN, so that the host waits for it forever."""
    # RcvNxt counts bytes, and a FIN is no byte; but it was acknowledged, and does not come again.
    return update(reference.delegated(conn, base), rcv_nxt=serial(conn.irn + conn.own.rcv_nxt))
