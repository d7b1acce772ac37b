"""Only sends count as outstanding; posted receive requests are left where they are."""

from __future__ import annotations

from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    return update(drain_conn(world, conn), requests=conn.requests)


DESIGN = REFERENCE.replacing(
    "receives-forgotten",
    "Drain",
    "Does not complete the receive requests that are outstanding.",
    effect=lambda s, p: drain(s, _drain),
)
