"""The tree is filled by another thread while an event handler is still running on a connection."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...records import update
from ...state import TERMINATING, World
from ..ending import returned
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    others = returned(update(s, conns=tuple(update(conn, event=False) for conn in s.conns)))
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), others)


DESIGN = REFERENCE.replacing(
    "tcp-event-not-awaited",
    "FillTree",
    "Does not wait until its calls of NdisTcpOffloadEventHandler have returned.",
    guard=_may_fill,
)
