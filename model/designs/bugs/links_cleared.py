"""Each block is taken off the tree as it is dealt with, the way one empties a work list."""

from __future__ import annotations

from typing import Any

from ...records import update
from ...state import NULL, World
from ..ending import fill_tree
from ..reference import REFERENCE


def _fill(s: World, p: Any) -> World:
    filled = fill_tree(s)
    return update(filled, blocks=tuple(update(block, next_back=NULL) for block in filled.blocks))


DESIGN = REFERENCE.replacing(
    "links-cleared",
    "FillTree",
    "Clears NextBlock in the blocks that it has dealt with.",
    effect=_fill,
)
