"""The loop that links the sends runs one time too few, so the last one hangs in the air."""

from __future__ import annotations

from ...logic import If, Value
from ...records import update
from ...state import NULL, Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    head, bufs = link(conn, base)
    last = base + conn.posted - 1
    return head, tuple(update(buf, next=If(buf.next == last, NULL, buf.next)) for buf in bufs)


DESIGN = REFERENCE.replacing(
    "tail-forgotten",
    "FillTree",
    "Links the outstanding sends one short: the last of several is in no chain.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
