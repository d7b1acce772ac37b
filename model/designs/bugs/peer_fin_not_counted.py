"""RcvNxt counts bytes, and a FIN is no byte; but it was acknowledged, and does not come again."""

from __future__ import annotations

from ...logic import serial
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    return update(delegate(conn, base), rcv_nxt=serial(conn.irn + conn.own.rcv_nxt))


DESIGN = REFERENCE.replacing(
    "peer-fin-not-counted",
    "FillTree",
    "Reports RcvNxt without the peer's FIN, so that the host waits for it forever.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
