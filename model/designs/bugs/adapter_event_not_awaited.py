"""Calls under way are counted for each connection, and an event of the whole adapter is in no count."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...records import update
from ...state import TERMINATING, World
from ..ending import returned
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    others = returned(update(s, event_indication=False))
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), others)


DESIGN = REFERENCE.replacing(
    "adapter-event-not-awaited",
    "FillTree",
    "Does not wait until its call of NdisMOffloadEventIndicate has returned.",
    guard=_may_fill,
)
