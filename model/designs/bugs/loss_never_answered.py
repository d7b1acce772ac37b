"""The path that handles a hardware failure returns before it gets to completing the request."""

from __future__ import annotations

from typing import Any

from ...logic import And, Not, Value, any_of
from ...state import World
from ..ending import may_complete
from ..reference import REFERENCE


def _may_complete(s: World, p: Any) -> Value:
    return And(may_complete(s, p), Not(any_of(block.lost for block in s.blocks)))


DESIGN = REFERENCE.replacing(
    "loss-never-answered",
    "NdisMTerminateOffloadComplete",
    "Never completes a terminate request if the hardware has lost a state object.",
    guard=_may_complete,
)
