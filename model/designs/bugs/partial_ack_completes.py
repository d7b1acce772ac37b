"""Any acknowledgement that falls into a send is taken as one of the whole send."""

from __future__ import annotations

from typing import Any

from ...logic import And, Value, pick
from ...state import World
from ..reference import REFERENCE
from ..steady import in_charge


def _may_complete(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    head = pick(conn.bufs, conn.own.first)
    return And(in_charge(s, conn), conn.own.first < conn.posted, head.begin < conn.own.una)


DESIGN = REFERENCE.replacing(
    "partial-ack-completes",
    "CompleteSend",
    "Completes a send as SUCCESS when its first byte is acknowledged.",
    guard=_may_complete,
)
