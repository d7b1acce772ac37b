"""The buffer handed up is sized like a posted receive request, although more data may be waiting."""

from __future__ import annotations

from ...logic import If, Min
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    size = If(conn.requested > 0, conn.requests[0].size, conn.capacity)
    return update(given, buffered_to=Min(given.buffered_to, given.buffered_from + size))


DESIGN = REFERENCE.replacing(
    "buffered-cut",
    "FillTree",
    "Hands over no more BufferedData than the first receive request had room for.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
