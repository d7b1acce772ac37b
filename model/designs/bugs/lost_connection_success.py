"""Losses are looked up in the tables of neighbors and paths; connections have a table of their own."""

from __future__ import annotations

from ...logic import And, If, Value
from ...records import update
from ...state import BLOCK_FAILURE, BLOCK_SUCCESS, TCP, Block, World
from ..ending import fill_tree
from ..reference import REFERENCE


def _statuses(s: World, reached: list[Value]) -> tuple[Block, ...]:
    written = []
    for block, here in zip(s.blocks, reached, strict=True):
        status = If(And(block.lost, block.layer != TCP), BLOCK_FAILURE, BLOCK_SUCCESS)
        written.append(update(block, status=If(here, status, block.status)))
    return tuple(written)


DESIGN = REFERENCE.replacing(
    "lost-connection-success",
    "FillTree",
    "Hands a lost connection back as if it were whole, and the host resumes it.",
    effect=lambda s, p: fill_tree(s, status=_statuses),
)
