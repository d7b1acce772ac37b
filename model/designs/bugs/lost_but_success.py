"""Status is set to SUCCESS when the walk begins, and nobody looks at the hardware's error flag afterwards."""

from __future__ import annotations

from ...logic import If, Value
from ...records import update
from ...state import BLOCK_SUCCESS, Block, World
from ..ending import fill_tree
from ..reference import REFERENCE


def _statuses(s: World, reached: list[Value]) -> tuple[Block, ...]:
    return tuple(
        update(block, status=If(here, BLOCK_SUCCESS, block.status))
        for block, here in zip(s.blocks, reached, strict=True)
    )


DESIGN = REFERENCE.replacing(
    "lost-but-success",
    "FillTree",
    "Reports SUCCESS for state objects that the hardware has lost.",
    effect=lambda s, p: fill_tree(s, status=_statuses),
)
