"""Two paths end a termination, the worker that filled the tree and a timer, and each completes it."""

from __future__ import annotations

from typing import Any

from ...logic import And, Value
from ...state import World
from ..reference import REFERENCE


def _may_complete(s: World, p: Any) -> Value:
    return And(s.filled, s.completions < 2)


DESIGN = REFERENCE.replacing(
    "completed-twice",
    "NdisMTerminateOffloadComplete",
    "Completes the terminate request a second time.",
    guard=_may_complete,
)
