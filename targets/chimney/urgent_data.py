"""Segments whose URG bit is set: the target asks for the connection to be taken back, if they are valid.

It acknowledges nothing of them. They arrive where the NIC tells them apart; not on a half-closed connection,
for which a target must ask, and must not. After such a segment the peer sends nothing more, but that again:
what would be queued and what dropped is the target's affair, also where it asks in its own time.
Source: pages/handling-the-reception-of-urgent-data.md.

Known limitation: nothing in BufferedData says that it is urgent, so none of what is offloaded is.
"""

from __future__ import annotations

from typing import Any

from ...model.chimney import only_seen
from ...model.logic import serial
from ...model.tcp.windows import edge
from ..judging.misbehaviour import UPLOADS
from .agreed_options import stamped
from .amounts import LENGTH, up_to
from .interface import Segment
from .move_kinds import Happens, Move, move
from .peer_segments import FAR, end_of, in_stream, segment, whole
from .stage import NdisStage
from .uploads import half_closed

OLD, AHEAD, UNSENT = range(3)


def _may_come(stage: NdisStage, move: Move) -> bool:
    return stage.listens("urgent_arrives") and whole(stage, move) and not half_closed(stage.conn(move.conn))


def _comes(stage: NdisStage, c: int, urgent: Segment) -> None:
    stage.call("urgent_arrives", stage.handed.context(c), stamped(stage, c, urgent))


def _sent(stage: NdisStage, c: int, start: int, end: int, **fields: Any) -> Segment:
    line = stage.lines[c]
    line.peer_sent = max(line.peer_sent, end)
    return segment(stage.conn(c), start, payload=line.inbound(start, end), **fields)


@move("urgent", only_seen.UrgentDataArrives, n=LENGTH, alone=False, lanes=("nic",))
def urgent(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} bytes arrive in order, and are urgent"""
    conn = stage.conn(move.conn)
    start, end = conn.peer.arrived, conn.peer.arrived + max(1, move.n)
    room = end <= edge(conn) and in_stream(end) and conn.peer.sacked_to <= start
    if _may_come(stage, move) and room and happens():
        stage.ndis.urgent[move.conn] = (start, end)
        _comes(stage, move.conn, _sent(stage, move.conn, start, end))


@move("stray urgent", only_seen.StrayUrgentArrives, n=LENGTH, m=up_to(UNSENT), alone=False, lanes=("nic",))
def stray_urgent(stage: NdisStage, move: Move, happens: Happens) -> None:
    """an urgent byte arrives that nobody takes: {n} positions before the last one acknowledged (m=0), far
    ahead (1), or in order with an acknowledgement of {n} positions more than were ever sent (2)"""
    conn, kind = stage.conn(move.conn), max(0, move.m) % (UNSENT + 1)
    n = min(max(0, move.n), FAR)
    at = (conn.peer.acked_to - 1 - n, end_of(conn) + FAR, end_of(conn))[kind]
    ack = serial(conn.isn + (conn.peer.sent + 1 + n if kind == UNSENT else conn.peer.acked))
    if _may_come(stage, move) and happens():
        _comes(stage, move.conn, segment(conn, at, payload=b"!", ack=ack))


def _is_due(stage: NdisStage, c: int) -> bool:
    """Whether urgent data of connection *c* is all that has come since, and nobody was asked."""
    conn = stage.conn(c)
    return c in stage.ndis.urgent and stage.ndis.urgent[c][0] == conn.peer.arrived and not conn.retrieves_told


def comes_again(stage: NdisStage, c: int) -> None:
    """Urgent data that is not acknowledged is sent again: the target may have dropped it."""
    if _is_due(stage, c):
        _comes(stage, c, _sent(stage, c, *stage.ndis.urgent[c]))


def check_asked(stage: NdisStage, c: int) -> None:
    """Complain of urgent data for which nobody was asked, in all the time that there is."""
    if _is_due(stage, c):
        stage.ndis.urgent.pop(c)
        what = f"urgent data arrived on connection {c}, and the target never asks for it to be taken back"
        stage.judge.misbehaves(UPLOADS, what)
