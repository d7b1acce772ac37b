"""Bugs in what the target's segments carry: their bytes, the FIN, an RST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, If, Min, Not, Value, pick
from ....tcp.numbers import NULL
from ....tcp.peer import SendReset
from ....tcp.windows import news
from ...state import Connection, World
from ..charge import received, window


@bug("wire.bytes-true", 5, "source_shift")
def wrong_offset(reference: Any, conn: Connection) -> Value:
    """Counts the offset into the queued data from SND.UNA, which may lie behind the first byte queued."""
    # With whole buffers acknowledged the two are the same.
    first = pick(conn.bufs, conn.own.first)
    return If(conn.own.first < conn.posted, first.begin - conn.own.una, 0)


@bug("wire.fin-in-place", 5, "fin_place")
def fin_on_every_retransmission(reference: Any, conn: Connection, upto: Value) -> Value:
    """Sets FIN in every segment once it was sent, also where a segment ends before the data does."""
    # The flag is kept with the connection, not with the last byte.
    return If(conn.own.max > conn.total, Min(upto, conn.total), reference.fin_place(conn, upto))


@bug("wire.fin-in-place", 2, "fin_place")
def fin_when_queue_empties(reference: Any, conn: Connection, upto: Value) -> Value:
    """Sets FIN in the segment that empties the queue, whether a disconnect was asked for or not."""
    # Of a peer that reads to the end of the stream, one answer is all that it ever gets.
    return If(upto >= conn.total, conn.total, NULL)


@bug("wire.bytes-true", 2, "fin_place")
def fin_unmarked(reference: Any, conn: Connection, upto: Value) -> Value:
    """Counts the FIN as sent, in a segment that has none."""
    # The flags of the header come from a template, and this is the only segment with another one.
    return NULL


@bug("wire.silent-after-reset", 2, "DataArrives")
def acks_after_rst(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Acknowledges data that comes when the connection is aborted and its RST is sent."""
    # What is aborted is the sending half: nobody told the receiving one.
    late = And(s.live(s.conns[p.conn]), s.conns[p.conn].peer.reset)
    return [*reference.DataArrives(s, p), reference.acknowledges(s, p.conn, late)]


@bug("wire.silent-after-reset", 3, "SendAck")
def acks_when_reset(reference: Any, s: World, p: Any) -> Choice:
    """Acknowledges what came before the peer's RST when the timer for it expires."""
    # The reset ends the requests, and the timer that runs is forgotten.
    conn = s.conns[p.conn]
    due = news(conn, received(conn), window(conn))
    return And(reference.in_charge(s, conn), due), [reference.acknowledges(s, p.conn)]


@bug("wire.reset-with-reason", 2, "DataArrives")
def resets_at_hand_off(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Answers data that comes while the connection is being terminated with an RST."""
    # The hardware's entry is disabled already, and a segment for no entry is refused.
    conn = s.conns[p.conn]
    refused = And(s.ending(conn), Not(conn.peer.reset))
    return [*reference.DataArrives(s, p), SendReset(refused, conn=p.conn)]
