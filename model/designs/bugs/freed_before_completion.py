"""The tree holds all that the host needs, so the connection is freed as soon as that is filled."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...state import NULL, World
from ..reference import REFERENCE


def _may_free(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    return And(s.filled, conn.block != NULL, Not(conn.freed), Not(conn.lent), Not(conn.host.reading))


DESIGN = REFERENCE.replacing(
    "freed-before-completion",
    "Free",
    "Frees a connection once the tree is filled, before it has completed the request.",
    guard=_may_free,
)
