"""Freeing is the last step of a hand-over that went well; the path for a failure ends before it."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...state import World
from ..ending import may_free
from ..reference import REFERENCE


def _may_free(s: World, p: Any) -> Value:
    return And(may_free(s, p), Not(s.lost(s.conns[p.conn])))


DESIGN = REFERENCE.replacing(
    "lost-never-freed",
    "Free",
    "Never frees what it holds for a connection that the hardware lost.",
    guard=_may_free,
)
