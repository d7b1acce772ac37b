"""NetBufferListChain is set to the front of the queue without asking whether anything waits there."""

from __future__ import annotations

from ...logic import Value
from ...state import Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    _, bufs = link(conn, base)
    return base + conn.own.first, bufs


DESIGN = REFERENCE.replacing(
    "list-anchor-chained",
    "FillTree",
    "Hands over the front of its send queue as the chain even when no send is outstanding.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
