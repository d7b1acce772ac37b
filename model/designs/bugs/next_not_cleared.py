"""The Next pointer of the last send still leads to the next free slot of the send ring."""

from __future__ import annotations

from ...logic import If, Value
from ...records import update
from ...state import Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    head, linked = link(conn, base)
    bufs = [
        update(buf, next=If(k == conn.posted - 1, base + k + 1, buf.next)) for k, buf in enumerate(linked)
    ]
    return head, tuple(bufs)


DESIGN = REFERENCE.replacing(
    "next-not-cleared",
    "FillTree",
    "Does not end the chain with NULL: the last send leads on to a slot that was never posted.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
