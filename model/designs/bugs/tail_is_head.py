"""SendDataTail is set when the first send is linked, and not moved along with those that follow."""

from __future__ import annotations

from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    return update(given, tail=given.head)


DESIGN = REFERENCE.replacing(
    "tail-is-head",
    "FillTree",
    "Leaves SendDataTail at the first send of several.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
