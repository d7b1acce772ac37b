"""Bugs in what the host hears of the peer's FIN and RST."""

from __future__ import annotations

from typing import Any

from ....design import Choice, bug
from ....logic import And, Value
from ...answers import NdisTcpOffloadEventHandler
from ...state import ABORT, RETRIEVE, Connection, World


@bug("event.end-due", 3, "end_reached")
def end_told_too_early(reference: Any, s: World, conn: Connection) -> Value:
    """Tells the end of the stream when the FIN comes, though data that came before it still waits."""
    # The FIN is handled where it is parsed, and the data before it is still in a queue.
    return And(conn.peer.fin, conn.ends_told == 0)


@bug("event.end-told", 3, "end_reached")
def end_never_told(reference: Any, s: World, conn: Connection) -> Value:
    """Acknowledges the peer's FIN, and never tells the application."""
    # The FIN is counted in RCV.NXT, and no flag remembers that somebody has to hear of it.
    return False


@bug("event.end-once", 4, "end_reached")
def end_told_again(reference: Any, s: World, conn: Connection) -> Value:
    """Tells the end of the stream whenever there is nothing left to deliver."""
    # What is looked at is whether the stream has ended, not whether it was said before.
    return And(conn.peer.fin, conn.own.consumed == conn.own.rcv_nxt)


@bug("event.abort-due", 2, "TellEnd")
def abort_told_for_fin(reference: Any, s: World, p: Any) -> Choice:
    """Tells of a reset when the peer has closed."""
    # Two event types that look alike: the one of the RST is indicated for the FIN.
    may, _ = reference.TellEnd(s, p)
    return And(may, s.conns[p.conn].aborts_told == 0), [NdisTcpOffloadEventHandler(conn=p.conn, event=ABORT)]


@bug("event.abort-told", 6, "TellReset")
def asks_instead(reference: Any, s: World, p: Any) -> Choice:
    """Asks for the upload, over and over, where a reset is still to be told of."""
    # What waits behind an event is remembered as one flag, and that is taken for the usual request.
    may, _ = reference.TellReset(s, p)
    return may, [NdisTcpOffloadEventHandler(conn=p.conn, event=RETRIEVE)]


@bug("event.abort-told", 2, "tells_reset")
def reset_not_told(reference: Any, s: World, conn: Connection) -> Value:
    """Aborts the requests after an RST, and does not say why."""
    # The requests come back as aborted, which is taken to be news enough.
    return False
