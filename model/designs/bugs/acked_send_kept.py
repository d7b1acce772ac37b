"""Sends whose acknowledgement has just arrived are still on the list when termination begins, and stay."""

from __future__ import annotations

from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _keep(world: World, conn: Connection) -> Connection:
    drained = drain_conn(world, conn)
    return update(drained, bufs=conn.bufs, own=update(drained.own, first=conn.own.first))


DESIGN = REFERENCE.replacing(
    "acked-send-kept",
    "Drain",
    "Leaves sends that are acknowledged in full uncompleted, so that they are handed over as outstanding.",
    effect=lambda s, p: drain(s, _keep),
)
