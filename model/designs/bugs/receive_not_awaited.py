"""A receive indication under way counts as delivered; how much the application takes is not awaited."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value
from ...records import update
from ...state import TERMINATING, World
from ..ending import returned
from ..reference import REFERENCE


def _may_fill(s: World, p: Any) -> Value:
    others = returned(update(s, conns=tuple(update(conn, indication=False) for conn in s.conns)))
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), others)


DESIGN = REFERENCE.replacing(
    "receive-not-awaited",
    "FillTree",
    "Does not wait until its calls of NdisTcpOffloadReceiveHandler have returned.",
    guard=_may_fill,
)
