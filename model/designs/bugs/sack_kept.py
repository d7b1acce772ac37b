"""Data received behind a hole is given to the host with the rest, so that the peer need not send it again."""

from __future__ import annotations

from ...logic import If, Max
from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    own = conn.own
    some = own.sack_from < own.sack_to
    merged = update(own, rcv_nxt=If(some, Max(own.rcv_nxt, own.sack_to), own.rcv_nxt))
    return drain_conn(world, update(conn, own=merged))


DESIGN = REFERENCE.replacing(
    "sack-kept",
    "Drain",
    "Counts data that was only SACKed as received, and hands it over.",
    effect=lambda s, p: drain(s, _drain),
)
