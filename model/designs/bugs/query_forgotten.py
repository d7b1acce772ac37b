"""Draining goes over the connections; calls on the neighbor and path objects above them are overlooked."""

from __future__ import annotations

from typing import Any

from ...records import update
from ...state import World
from ..ending import drain
from ..reference import REFERENCE


def _drain(s: World, p: Any) -> World:
    return update(drain(s), calls=s.calls)


DESIGN = REFERENCE.replacing(
    "query-forgotten",
    "Drain",
    "Does not complete invalidate, query and update calls on neighbor and path objects.",
    effect=_drain,
)
