"""A part of one's own: the host may pause a connection for some seconds, and the target answers.

    chimneysweep conform examples/pauses.py:Lawful --subject examples/pauses.py
    chimneysweep conform examples/pauses.py:Hasty --subject examples/pauses.py

The chimney knows no such request; docs/targets.md leads through this file.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from chimneysweep import BOOL, INT, And, Not, Part, between, clause, conjunct, event, var
from chimneysweep.chimney import CHIMNEY, CONN, Connection, each_connection
from chimneysweep.targets.reference import Reference


@dataclasses.dataclass(frozen=True)
class Pausing:
    """What a connection has in addition."""

    pausing: bool = var(BOOL)  # a pause was asked for and not answered
    asked: int = var(INT)  # seconds


@event("host", conn=CONN, seconds=between(0, 9), calls="miniport_pause")
def MiniportPause(s: Any, p: Any) -> Any:
    """the host pauses connection {conn} for {seconds} seconds"""
    conn = s.conns[p.conn]
    may = And(s.live(conn), Not(conn.peer.rst), Not(s.lost(conn)), Not(conn.pausing))
    return may, s.change(p.conn, pausing=True, asked=p.seconds)


@event("target", conn=CONN, seconds=between(0, 99))
def NdisMPauseComplete(s: Any, p: Any) -> Any:
    """the target says that it paused connection {conn} for {seconds} seconds"""
    return s.conns[p.conn].pausing, s.change(p.conn, pausing=False, asked=s.conns[p.conn].asked - p.seconds)


@clause("pauses.answered", "pauses.md", "Remarks", each=each_connection)
def answered(world: Any, conn: Any) -> Any:
    """A pause is answered, with the seconds that were asked for."""
    return Not(conn.pausing), conjunct("it paused as long as it was to", conn.asked == 0, left=conn.asked)


WIDER = CHIMNEY.with_parts(
    Part(
        "pauses",
        fields={Connection: Pausing},
        events=(MiniportPause, NdisMPauseComplete),
        properties=(answered,),
    )
)


class Lawful(Reference):
    """It pauses for as long as it is asked to."""

    def miniport_pause(self, context: Any, seconds: int) -> None:
        """Pause, and say so."""
        self.ndis.m_pause_complete(context.handle, seconds)


class Hasty(Reference):
    """It never pauses for more than five seconds."""

    def miniport_pause(self, context: Any, seconds: int) -> None:
        """Pause, and say so."""
        self.ndis.m_pause_complete(context.handle, min(seconds, 5))
