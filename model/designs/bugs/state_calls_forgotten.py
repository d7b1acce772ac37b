"""Draining goes over the connections; a call on the neighbor and path objects above them is overlooked."""

from __future__ import annotations

from typing import Any

from ...records import update
from ...state import World
from ..ending import drain
from ..reference import REFERENCE


def _drain(s: World, p: Any) -> World:
    return update(drain(s), calls=s.calls)


DESIGN = REFERENCE.replacing(
    "state-calls-forgotten",
    "Drain",
    "Completes no call that invalidates, queries or updates a neighbor or path object.",
    effect=_drain,
)
