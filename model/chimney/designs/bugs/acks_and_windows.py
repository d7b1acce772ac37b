"""Bugs in what the peer is told, and in RcvWnd: acknowledgements and the offered window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, If, Max, Min, Not, Value
from ....records import update
from ....tcp.windows import news
from ...answers import SendAck
from ...state import Connection, Delegated, World
from ..charge import received, window


def _told(s: World, c: int, when: Value, upto: Value, room: Value) -> Deed:
    """A segment that says so, if that is anything new and there is somebody to hear it."""
    conn = s.conns[c]
    heard = And(when, Not(s.lost(conn)), Not(conn.peer.rst), news(conn, upto, room))
    return SendAck(heard, conn=c, upto=upto, window=room)


@bug("wire.ack-true", 3, "acknowledges")
def acks_early_data(reference: Any, s: World, c: int, when: Value = True) -> Deed:
    """Acknowledges data that came too early as if there were no hole before it."""
    # The highest byte received is taken for the next one expected.
    conn = s.conns[c]
    mine = conn.own
    upto = If(mine.sack_from < mine.sack_to, Max(mine.sack_to, received(conn)), received(conn))
    return _told(s, c, when, upto, window(conn))


@bug("wire.ack-true", 4, "send_delayed_ack")
def last_ack_as_read(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Acknowledges at the end only what the application has read, less than it acknowledged before."""
    # The last acknowledgement is built from the position of the data that is handed over.
    conn = s.conns[c]
    return [_told(s, c, when, conn.own.consumed, window(conn))]


@bug("wire.within-window", 2, "Transmit")
def window_ignored(reference: Any, s: World, p: Any) -> Choice:
    """Sends what is posted, whatever window the peer offers."""
    # The window bounds the hardware's own queue only, and what is posted goes straight to the wire.
    conn, nxt = s.conns[p.conn], s.conns[p.conn].own.nxt + p.length
    may = And(reference.in_charge(s, conn), Not(conn.peer.rst), p.length >= 1, nxt <= conn.total)
    return may, reference.Transmit(s, p)[1]


@bug("wire.window-true", 2, "acknowledges")
def window_never_shrinks(reference: Any, s: World, c: int, when: Value = True) -> Deed:
    """Offers the whole receive buffer, however much of it is full."""
    # The window that was offloaded is copied into every segment.
    conn = s.conns[c]
    return _told(s, c, when, received(conn), conn.capacity)


@bug("wire.window-kept", 2, "send_delayed_ack")
def window_shut_at_end(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Shuts the window that it had offered when the connection is being terminated."""
    # The peer is to be quiet while the connection moves; what it may send already it must not lose.
    return [_told(s, c, when, received(s.conns[c]), 0)]


@bug("snd.wl1", 6, "window_from")
def window_update_as_offloaded(reference: Any, conn: Connection) -> Value:
    """Hands over the SendWL1 that it was given, whatever segment brought a window since."""
    # Only SndWnd is kept by the hardware; the rest of the structure goes back as it came.
    return conn.irn


@bug("rcv.wnd", 4, "delegated")
def receive_window_forgotten(reference: Any, conn: Connection, base: int) -> Delegated:
    """Leaves RcvWnd 0, although the peer was offered room."""
    # The new owner is thought to offer a window of its own; what the peer was offered before is forgotten.
    return update(reference.delegated(conn, base), rcv_wnd=0)


@bug("guarantee.window-kept", 6, "delegated")
def receive_window_in_segments(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over RcvWnd in segments instead of bytes: the host refuses what the peer may send."""
    # The hardware counts its receive window in segments, and so do its registers.
    return update(reference.delegated(conn, base), rcv_wnd=Min(window(conn), 1))


@bug("rcv.wnd", 5, "delegated")
def receive_window_with_held(reference: Any, conn: Connection, base: int) -> Delegated:
    """Adds the data that it holds to RcvWnd instead of taking it off."""
    # The sign is wrong: the window grows with what is not read.
    return update(
        reference.delegated(conn, base), rcv_wnd=conn.capacity + conn.own.rcv_nxt - conn.own.consumed
    )
