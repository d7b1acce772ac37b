"""Forward requests wait in a queue of their own, which draining does not know of."""

from __future__ import annotations

from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    return update(drain_conn(world, conn), forward=conn.forward)


DESIGN = REFERENCE.replacing(
    "forward-forgotten",
    "Drain",
    "Does not complete an outstanding forward request.",
    effect=lambda s, p: drain(s, _drain),
)
