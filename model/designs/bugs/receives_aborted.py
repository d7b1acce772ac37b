"""One status for every failure: receive requests that termination ends come back as aborted."""

from __future__ import annotations

from ...logic import If
from ...records import update
from ...state import PENDING, REQUEST_ABORTED, Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    drained = drain_conn(world, conn)
    requests = tuple(
        If(old.status == PENDING, update(old, status=REQUEST_ABORTED), new)
        for old, new in zip(conn.requests, drained.requests, strict=True)
    )
    return update(drained, requests=requests)


DESIGN = REFERENCE.replacing(
    "receives-aborted",
    "Drain",
    "Completes outstanding receive requests as aborted, though nothing was reset.",
    effect=lambda s, p: drain(s, _drain),
)
