"""The receive buffer is freed with the connection, and what is in it is forgotten."""

from __future__ import annotations

from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    return update(given, buffered_from=given.buffered_to)


DESIGN = REFERENCE.replacing(
    "buffered-dropped",
    "FillTree",
    "Hands over no BufferedData, whatever the application has not yet taken.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
