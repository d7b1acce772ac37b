"""RcvNxt is taken from the application's read position; the data in between is buffered, after all."""

from __future__ import annotations

from ...logic import serial
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    return update(delegate(conn, base), rcv_nxt=serial(conn.irn + conn.own.consumed))


DESIGN = REFERENCE.replacing(
    "rcv-nxt-is-consumed",
    "FillTree",
    "Reports in RcvNxt where the application has read to, before the data it hands over.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
