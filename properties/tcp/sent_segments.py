"""The part of what an endpoint's segments carry: their bytes, the FIN and an RST."""

from __future__ import annotations

from typing import Any

from ...model.logic import And, Not, Or
from ...model.tcp import peer
from ...model.tcp.numbers import NULL
from ..property import Holding, collected, conjunct, rule
from ..subject import Part
from .wire import SKIPPED, each_connection

SENDING = ("RFC 9293", "section 3.4: sequence numbers; section 3.8.1: retransmission")
CLOSING = ("RFC 9293", "section 3.10.4: CLOSE; section 3.6: closing a connection")
RESETTING = (
    "RFC 9293",
    "section 3.5.2: reset generation; section 3.10.5: ABORT; section 3.10.7.4: second, RST",
)


@rule("wire.bytes-true", *SENDING, each=each_connection)
def bytes_true(s: Any, conn: Any) -> Holding:
    """A segment carries the bytes that were posted at its positions, each time that it is sent."""
    off = conn.peer.altered
    return True, conjunct("each byte is the one posted there", off == 0, **{SKIPPED: off})


@rule("wire.fin-in-place", *CLOSING, each=each_connection)
def fin_in_place(s: Any, conn: Any) -> Holding:
    """A FIN is sent when the application has closed its side, and stands behind the last byte each time."""
    at = conn.peer.fin_sent
    place = conjunct(
        "the FIN stands where the data ends", at == conn.total, FIN_at=at, data_ends_at=conn.total
    )
    asked = conjunct("the application has closed its side", s.closed(conn), closed=s.closed(conn))
    return at != NULL, place, asked


@rule("wire.reset-with-reason", *RESETTING, each=each_connection)
def reset_with_reason(s: Any, conn: Any) -> Holding:
    """An RST goes only to a peer whose connection is gone: it was reset or aborted, or its state was lost."""
    there = And(Not(peer.is_over(conn)), Not(s.lost(conn)))
    return there, conjunct("no RST is sent", Not(conn.peer.reset), sent=conn.peer.reset)


@rule("wire.silent-after-reset", *RESETTING, each=each_connection)
def silent_after_reset(s: Any, conn: Any) -> Holding:
    """After an RST nothing more is sent: its own on behalf of an application that aborts, or the peer's."""
    over = Or(And(conn.peer.abandoned, conn.peer.reset), conn.peer.rst)
    late = conn.peer.after_reset
    return And(over, Not(s.lost(conn))), conjunct(
        "nothing is sent after it", Not(late), **{"sent after it": late}
    )


SENT_SEGMENTS = Part(
    "segments",
    "the bytes, the FIN and the RST that an endpoint sends",
    needs=("wire",),
    events=(peer.SendReset,),
    properties=collected(globals()),
)
