"""The receive path does not look whether the connection is being terminated."""

from __future__ import annotations

from typing import Any

from ...interface import set_conn
from ...logic import If
from ...records import update
from ...state import World
from ..reference import REFERENCE
from ..wire import data


def _data(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    usual = data(s, p).conns[p.conn]
    kept = update(usual.own, rcv_nxt=conn.own.rcv_nxt + p.length)
    return set_conn(s, p.conn, update(usual, own=If(s.ending(conn), kept, usual.own)))


DESIGN = REFERENCE.replacing(
    "late-data-processed",
    "DataArrives",
    "Keeps and acknowledges data that arrives while the connection is being terminated.",
    effect=_data,
)
