"""A disconnect in progress is left to be finished by whoever sees its FIN acknowledged."""

from __future__ import annotations

from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    return update(drain_conn(world, conn), disconnect=conn.disconnect)


DESIGN = REFERENCE.replacing(
    "disconnect-forgotten",
    "Drain",
    "Does not complete a disconnect request that is outstanding.",
    effect=lambda s, p: drain(s, _drain),
)
