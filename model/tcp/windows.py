"""What an endpoint tells its peer: how far it has received, and how much room it offers.

Known limitation: beside the peer's FIN the offer is of no account, since nothing follows.
Source: RFC 9293 sections 3.4 and 3.8.6.
"""

from __future__ import annotations

from typing import Any

from ..logic import And, If, Max, Min, Or, Value
from ..records import update
from .numbers import NULL, first_fault


def overrun(conn: Any, upto: Value) -> Value:
    """How many new bytes lie beyond the peer's window where positions up to *upto* are sent.

    One byte may always: it probes a window that is shut. A FIN takes no room.
    """
    end, limit = Min(upto, conn.total), conn.peer.acked + Max(conn.peer.wnd, 1)
    return If(And(end > conn.peer.sent, end > limit), end - limit, 0)


def edge(conn: Any) -> Value:
    """The position up to which the peer may send: the right edge of the widest window it was offered."""
    return conn.capacity + conn.peer.offered


def offer(conn: Any, upto: Value, window: Value) -> Value:
    """What ``offered`` would be by a segment that acknowledges up to *upto*, with *window*.

    NULL: the window is not known, and taken to be all the room there is.
    """
    room = Max(conn.peer.offered, conn.peer.app_got)
    said = If(window == NULL, room, upto + window - conn.capacity)
    return If(conn.peer.fin, conn.peer.offered, said)


def news(conn: Any, upto: Value, window: Value) -> Value:
    """Whether a segment that says so tells the peer anything that it had not been told before."""
    return Or(upto != conn.peer.acked_to, offer(conn, upto, window) != conn.peer.offered)


def acknowledged(conn: Any, upto: Value, window: Value) -> Any:
    """The connection after its peer was told so."""
    peer, offered = conn.peer, offer(conn, upto, window)
    unsaid = If(upto < peer.acked_to, peer.acked_to - upto, 0)
    withdrawn = If(offered < peer.offered, peer.offered - offered, 0)
    after = update(
        peer,
        acked_to=Max(peer.acked_to, upto),
        offered=Max(peer.offered, offered),
        unsaid=first_fault(peer.unsaid, unsaid),
        withdrawn=first_fault(peer.withdrawn, withdrawn),
    )
    return update(conn, peer=after)
