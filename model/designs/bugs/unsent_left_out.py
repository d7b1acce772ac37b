"""Outstanding is read as sent and not acknowledged; data that was never sent is no one's business."""

from __future__ import annotations

from ...logic import If, Value
from ...state import NULL, Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    head, bufs = link(conn, base)
    return If(conn.own.una < conn.own.max, head, NULL), bufs


DESIGN = REFERENCE.replacing(
    "unsent-left-out",
    "FillTree",
    "Passes no chain when nothing is in flight, although sends wait to be transmitted.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
