"""A status indication concerns the adapter and no connection, so the termination does not wait for it."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...records import update
from ...state import TERMINATING, World
from ..ending import returned
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    others = returned(update(s, status_indication=False))
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), others)


DESIGN = REFERENCE.replacing(
    "status-not-awaited",
    "FillTree",
    "Does not wait until its call of NdisMIndicateStatusEx has returned.",
    guard=_may_fill,
)
