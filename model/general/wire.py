"""The wire and the hardware around the most general target: those of the designs, without their reactions.

The peer is honest: it acknowledges only what it got, and sends only into the room that it
was left. What a design does of itself when a segment arrives is not done here: after an RST
nothing is aborted, and whether data beyond a hole is kept during the termination is open.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..designs import wire
from ..interface import set_conn
from ..kernel import Action, Guard
from ..logic import If, Value
from ..records import update
from ..state import Bounds, Connection, World


def _rst(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    seen = update(conn, peer=update(conn.peer, rst=True))
    return set_conn(s, p.conn, If(s.live(conn), seen, update(conn, late=True)))


def _without_hole(conn: Connection) -> Connection:
    return update(conn, own=update(conn.own, sack_from=0, sack_to=0))


def _hole_or_not(guard: Guard) -> Guard:
    """The same guard; once the termination has begun, as if the target had dropped its SACK-only data."""

    def relaxed(s: World, p: Any) -> Value:
        conn = s.conns[p.conn]
        return guard(set_conn(s, p.conn, If(s.ending(conn), _without_hole(conn), conn)), p)

    return relaxed


def _general(action: Action) -> Action:
    if action.name == "RstArrives":
        return dataclasses.replace(action, effect=_rst)
    if action.name in ("DataArrives", "FinArrives"):
        return dataclasses.replace(action, guard=_hole_or_not(action.guard))
    return action


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """Segments in both directions, and the loss of a state object."""
    return tuple(_general(action) for action in wire.actions(bounds))
