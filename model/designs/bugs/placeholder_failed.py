"""A block without a state object of its own is taken for one whose object is gone."""

from __future__ import annotations

from ...logic import If, Or, Value
from ...records import update
from ...state import BLOCK_FAILURE, BLOCK_SUCCESS, PLACEHOLDER, Block, World
from ..ending import fill_tree
from ..reference import REFERENCE


def _statuses(s: World, reached: list[Value]) -> tuple[Block, ...]:
    written = []
    for block, here in zip(s.blocks, reached, strict=True):
        status = If(Or(block.lost, block.kind == PLACEHOLDER), BLOCK_FAILURE, BLOCK_SUCCESS)
        written.append(update(block, status=If(here, status, block.status)))
    return tuple(written)


DESIGN = REFERENCE.replacing(
    "placeholder-failed",
    "FillTree",
    "Completes placeholders with FAILURE, since there is no state to hand over.",
    effect=lambda s, p: fill_tree(s, status=_statuses),
)
