"""A comparison is off by one, and the FIN counts as acknowledged when the last byte before it is."""

from __future__ import annotations

from typing import Any

from ...logic import And, Value
from ...state import PENDING, World
from ..reference import REFERENCE
from ..steady import in_charge


def _may_complete(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    all_done = And(conn.own.first == conn.posted, conn.own.una >= conn.total)
    return And(in_charge(s, conn), conn.disconnect == PENDING, all_done)


DESIGN = REFERENCE.replacing(
    "disconnect-before-fin-acked",
    "CompleteDisconnect",
    "Completes a disconnect as SUCCESS before its FIN is acknowledged.",
    guard=_may_complete,
)
