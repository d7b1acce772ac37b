"""An indicated buffer is handed over whole, although the application took its first bytes."""

from __future__ import annotations

from ...logic import And, If
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    taken = conn.own.consumed
    partial = And(conn.indicated_from < taken, taken < conn.indicated_to)
    return update(delegate(conn, base), buffered_from=If(partial, conn.indicated_from, taken))


DESIGN = REFERENCE.replacing(
    "partial-indication-repeated",
    "FillTree",
    "Hands over again the bytes that the application took from a receive indication.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
