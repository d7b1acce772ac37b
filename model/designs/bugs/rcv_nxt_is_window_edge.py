"""The hardware keeps the right edge of the receive window, and that is reported as RcvNxt."""

from __future__ import annotations

from ...interface import window
from ...logic import serial
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE
from ..steady import received_position


def _delegate(conn: Connection, base: int) -> Delegated:
    edge = received_position(conn) + window(conn)
    return update(delegate(conn, base), rcv_nxt=serial(conn.irn + edge))


DESIGN = REFERENCE.replacing(
    "rcv-nxt-is-window-edge",
    "FillTree",
    "Reports in RcvNxt the end of the window it offered, past data that never came.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
