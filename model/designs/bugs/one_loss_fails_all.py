"""One status is kept for the whole request and copied into every block."""

from __future__ import annotations

from ...logic import And, If, Value, any_of
from ...records import update
from ...state import BLOCK_FAILURE, BLOCK_SUCCESS, PLACEHOLDER, Block, World
from ..ending import fill_tree
from ..reference import REFERENCE


def _statuses(s: World, reached: list[Value]) -> tuple[Block, ...]:
    any_lost = any_of(block.lost for block in s.blocks)
    written = []
    for block, here in zip(s.blocks, reached, strict=True):
        status = If(And(any_lost, block.kind != PLACEHOLDER), BLOCK_FAILURE, BLOCK_SUCCESS)
        written.append(update(block, status=If(here, status, block.status)))
    return tuple(written)


DESIGN = REFERENCE.replacing(
    "one-loss-fails-all",
    "FillTree",
    "Reports FAILURE for every state object as soon as one of them is lost.",
    effect=lambda s, p: fill_tree(s, status=_statuses),
)
