"""A receive indication under way counts as delivered; how much of it the application takes is not awaited."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value, all_of
from ...state import NULL, TERMINATING, World
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    quiet = [Not(s.status_indication), Not(s.event_indication)]
    quiet += [Not(And(conn.block != NULL, conn.event)) for conn in s.conns]
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), all_of(quiet))


DESIGN = REFERENCE.replacing(
    "receive-not-awaited",
    "FillTree",
    "Does not wait until its calls of NdisTcpOffloadReceiveHandler have returned.",
    guard=_may_fill,
)
