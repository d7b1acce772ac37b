"""BytesTransferred is a difference of sequence numbers, and the last one acknowledged is the FIN's."""

from __future__ import annotations

from typing import Any

from ...interface import set_conn
from ...logic import And, If, modify
from ...records import update
from ...state import World
from ..reference import REFERENCE
from ..steady import complete_send


def _complete(s: World, p: Any) -> World:
    before = s.conns[p.conn]
    conn = complete_send(s, p).conns[p.conn]
    fin = And(before.own.first == conn.posted - 1, before.own.una > conn.total)
    bufs = modify(conn.bufs, before.own.first, lambda b: update(b, bytes=b.bytes + If(fin, 1, 0)))
    return set_conn(s, p.conn, update(conn, bufs=bufs))


DESIGN = REFERENCE.replacing(
    "fin-counted-as-data",
    "CompleteSend",
    "Counts the acknowledged FIN as a byte of the last send.",
    effect=_complete,
)
