"""A send of which nothing was transmitted has not failed, so it is returned as SUCCESS with no bytes."""

from __future__ import annotations

from ...interface import acknowledged_part, return_send
from ...logic import And, If, Not
from ...records import update
from ...state import PENDING, SUCCESS, UPLOAD_IN_PROGRESS, Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    drained = drain_conn(world, conn)
    bufs = []
    for buf in drained.bufs:
        status = If(conn.own.max <= buf.begin, SUCCESS, UPLOAD_IN_PROGRESS)
        back = return_send(buf, status, acknowledged_part(buf, conn.own.una))
        bufs.append(If(And(buf.status == PENDING, Not(world.lost(conn))), back, buf))
    own = update(drained.own, first=If(world.lost(conn), drained.own.first, conn.posted))
    return update(drained, bufs=tuple(bufs), own=own)


DESIGN = REFERENCE.replacing(
    "unsent-is-success",
    "Drain",
    "Returns the sends instead of chaining them, those not transmitted yet as SUCCESS with no bytes.",
    effect=lambda s, p: drain(s, _drain),
)
