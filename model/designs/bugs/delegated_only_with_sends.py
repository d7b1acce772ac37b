"""The delegated structure is taken for the description of the chain, and skipped where there is none."""

from __future__ import annotations

from ...logic import If
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    result: Delegated = If(conn.own.first < conn.posted, delegate(conn, base), conn.given)
    return result


DESIGN = REFERENCE.replacing(
    "delegated-only-with-sends",
    "FillTree",
    "Fills the delegated structure in only where send data is outstanding.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
