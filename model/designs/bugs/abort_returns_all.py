"""After an RST every slot of the send list is returned, those that were completed before included."""

from __future__ import annotations

from typing import Any

from ...interface import acknowledged_part, return_send, set_conn
from ...logic import And, If
from ...records import update
from ...state import NONE, REQUEST_ABORTED, World
from ..reference import REFERENCE
from ..wire import reset


def _reset(s: World, p: Any) -> World:
    old = s.conns[p.conn]
    conn = reset(s, p).conns[p.conn]
    bufs = tuple(
        If(
            And(s.live(old), before.status != NONE),
            return_send(before, REQUEST_ABORTED, acknowledged_part(before, old.own.una)),
            buf,
        )
        for before, buf in zip(old.bufs, conn.bufs, strict=True)
    )
    return set_conn(s, p.conn, update(conn, bufs=bufs))


DESIGN = REFERENCE.replacing(
    "abort-returns-all",
    "RstArrives",
    "After an RST returns every send that was ever posted, completed ones a second time.",
    effect=_reset,
)
