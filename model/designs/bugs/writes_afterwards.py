"""A pointer to the block is kept, and a field in it cleared when the connection is freed."""

from __future__ import annotations

from typing import Any

from ...host import change
from ...records import update
from ...state import World
from ..reference import REFERENCE


def _free(s: World, p: Any) -> World:
    return update(change(s, p.conn, freed=True), untidy=True)


DESIGN = REFERENCE.replacing(
    "writes-afterwards",
    "Free",
    "Clears a field of the connection's block when it frees the connection.",
    effect=_free,
)
