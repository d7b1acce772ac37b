"""The receive buffers go with the connection, although the host has not returned them."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...state import World
from ..reference import REFERENCE


def _may_free(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(s.handed_back(conn), Not(conn.freed), Not(conn.lent))


DESIGN = REFERENCE.replacing(
    "freed-while-read",
    "Free",
    "Frees BufferedData while the host may still read it.",
    guard=_may_free,
)
