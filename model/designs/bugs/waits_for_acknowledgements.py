"""Handing over is easier when nothing is in flight, so the driver waits; but no segment reaches it now."""

from __future__ import annotations

from typing import Any

from ...logic import And, Or, Value, all_of
from ...state import NULL, World
from ..ending import may_fill_tree
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    idle = all_of(Or(conn.block == NULL, conn.own.first == conn.posted) for conn in s.conns)
    return And(may_fill_tree(s, p), idle)


DESIGN = REFERENCE.replacing(
    "waits-for-acknowledgements",
    "FillTree",
    "Waits until every send is acknowledged, which no longer happens, and so never completes.",
    guard=_may_fill,
)
