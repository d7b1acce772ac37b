"""A connection that both sides have closed looks finished, so it is freed without waiting for the host."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Or, Value
from ...state import SUCCESS, World
from ..ending import may_free
from ..reference import REFERENCE


def _may_free(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    closed = And(conn.disconnect == SUCCESS, s.live(conn), Not(conn.freed), Not(conn.lent))
    return Or(may_free(s, p), closed)


DESIGN = REFERENCE.replacing(
    "freed-on-disconnect",
    "Free",
    "Frees a connection as soon as its disconnect is completed, while it is still offloaded.",
    guard=_may_free,
)
