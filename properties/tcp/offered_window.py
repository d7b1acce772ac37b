"""The part of what an endpoint tells its peer: how far it has received, and how much room it has."""

from __future__ import annotations

from typing import Any

from ...model.logic import And, Max, Min, Not
from ...model.tcp.windows import edge
from ..property import Holding, at_most, collected, conjunct, rule
from ..subject import Part
from .wire import each_connection, received

ACKNOWLEDGING = ("RFC 9293", "section 3.4: RCV.NXT; section 3.10.7.4: acknowledgements")
WINDOWS = ("RFC 9293", "section 3.8.6: managing the window; section 3.3.1: RCV.WND")


@rule("wire.ack-true", *ACKNOWLEDGING, each=each_connection)
def ack_true(s: Any, conn: Any) -> Holding:
    """An acknowledgement covers no more than what has arrived in order, and is never taken back."""
    arrived = at_most(
        "what is acknowledged has arrived",
        acknowledged_up_to=conn.peer.acked_to,
        received_up_to=received(conn),
    )
    kept = conjunct("no acknowledgement goes back", conn.peer.unsaid == 0, taken_back=conn.peer.unsaid)
    # A segment that came during termination is another clause's.
    return And(s.reachable(conn), Not(conn.late)), arrived, kept


@rule("wire.window-true", *WINDOWS, each=each_connection)
def window_true(s: Any, conn: Any) -> Holding:
    """The window that is offered is no larger than the room in the receive buffer.

    What may lie in a buffer that the application has posted takes no room there.
    """
    placed = Max(Min(conn.room_given, received(conn) - conn.peer.app_got), 0)
    return s.reachable(conn), at_most(
        "the peer is offered no room that is not there",
        the_window_ends_at=edge(conn),
        the_buffer_ends_at=conn.capacity + conn.peer.app_got + placed,
    )


@rule("wire.window-kept", *WINDOWS, each=each_connection)
def window_kept(s: Any, conn: Any) -> Holding:
    """Room that was offered is not taken back: the window's right edge never moves to the left."""
    back = conn.peer.withdrawn
    return s.reachable(conn), conjunct("no room is taken back", back == 0, bytes_taken_back=back)


@rule("wire.within-window", *WINDOWS, each=each_connection)
def within_window(s: Any, conn: Any) -> Holding:
    """New data stays in the window that the peer offered; one byte may probe a window that is shut."""
    beyond = conn.peer.overrun
    return s.reachable(conn), conjunct("no new data lies beyond the window", beyond == 0, bytes_beyond=beyond)


OFFERED_WINDOW = Part(
    "offered-window",
    "the acknowledgements and the windows that an endpoint sends",
    needs=("wire",),
    properties=collected(globals()),
)
