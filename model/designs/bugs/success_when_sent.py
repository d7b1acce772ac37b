"""The hardware's transmit-done interrupt is taken for the peer's acknowledgement."""

from __future__ import annotations

from typing import Any

from ...logic import And, Value, pick
from ...state import World
from ..reference import REFERENCE
from ..steady import in_charge


def _may_complete(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    head = pick(conn.bufs, conn.own.first)
    return And(in_charge(s, conn), conn.own.first < conn.posted, head.end <= conn.own.max)


DESIGN = REFERENCE.replacing(
    "success-when-sent",
    "CompleteSend",
    "Completes a send as SUCCESS once it is on the wire, acknowledged or not.",
    guard=_may_complete,
)
