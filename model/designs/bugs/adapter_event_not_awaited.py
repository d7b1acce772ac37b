"""Indications are counted for each connection, and those that concern the whole adapter are in no count."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value, all_of
from ...state import NULL, TERMINATING, World
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    quiet = [Not(And(conn.block != NULL, conn.event)) for conn in s.conns]
    quiet += [Not(And(conn.block != NULL, conn.indication)) for conn in s.conns]
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), all_of(quiet))


DESIGN = REFERENCE.replacing(
    "adapter-event-not-awaited",
    "FillTree",
    "Waits for the indications of its connections, not for those of the adapter.",
    guard=_may_fill,
)
