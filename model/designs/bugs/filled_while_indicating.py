"""A receive request that is posted while an indication is under way is filled from the same data at once."""

from __future__ import annotations

from typing import Any

from ...interface import first_pending_request
from ...logic import And, Or, Value, pick
from ...state import World
from ..reference import REFERENCE
from ..steady import in_charge


def _may_fill(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    index = first_pending_request(conn)
    useful = Or(conn.own.consumed < conn.own.rcv_nxt, pick(conn.requests, index).size == 0)
    return And(in_charge(s, conn), index < conn.requested, useful)


DESIGN = REFERENCE.replacing(
    "filled-while-indicating",
    "CompleteReceive",
    "Fills a receive request with data that it is just indicating.",
    guard=_may_fill,
)
