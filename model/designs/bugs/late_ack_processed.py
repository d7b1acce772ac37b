"""An acknowledgement looks harmless, so it is processed even while the connection is being terminated."""

from __future__ import annotations

from typing import Any

from ...interface import set_conn
from ...logic import And, If, Max, Not
from ...records import update
from ...state import World
from ..reference import REFERENCE
from ..wire import ack


def _ack(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    usual = ack(s, p).conns[p.conn]
    moved = update(usual.own, una=Max(conn.own.una, p.upto), nxt=Max(conn.own.nxt, p.upto))
    late = And(s.ending(conn), Not(s.lost(conn)))
    return set_conn(s, p.conn, update(usual, own=If(late, moved, usual.own)))


DESIGN = REFERENCE.replacing(
    "late-ack-processed",
    "AckArrives",
    "Moves SND.UNA on an acknowledgement that arrives while the connection is being terminated.",
    effect=_ack,
)
