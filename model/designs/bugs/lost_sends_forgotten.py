"""A lost connection is skipped as a whole, its sends included."""

from __future__ import annotations

from typing import Any

from ...logic import If
from ...records import update
from ...state import World
from ..ending import fill_tree
from ..reference import REFERENCE


def _fill(s: World, p: Any) -> World:
    filled = fill_tree(s)
    conns = tuple(If(s.lost(old), old, new) for old, new in zip(s.conns, filled.conns, strict=True))
    return update(filled, conns=conns)


DESIGN = REFERENCE.replacing(
    "lost-sends-forgotten",
    "FillTree",
    "Neither aborts nor hands over the sends of a lost connection.",
    effect=_fill,
)
