"""Sends are flushed to the host, and nobody takes them off the list that is chained afterwards."""

from __future__ import annotations

from ...interface import acknowledged_part, return_send
from ...logic import And, If, Not
from ...records import update
from ...state import PENDING, UPLOAD_IN_PROGRESS, Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _flush(world: World, conn: Connection) -> Connection:
    drained = drain_conn(world, conn)
    bufs = tuple(
        If(
            And(buf.status == PENDING, Not(world.lost(conn))),
            return_send(buf, UPLOAD_IN_PROGRESS, acknowledged_part(buf, conn.own.una)),
            buf,
        )
        for buf in drained.bufs
    )
    return update(drained, bufs=bufs)


DESIGN = REFERENCE.replacing(
    "completed-and-chained",
    "Drain",
    "Completes the outstanding sends as UPLOAD_IN_PROGRESS and hands them over in the chain as well.",
    effect=lambda s, p: drain(s, _flush),
)
