"""The pointer to the block is moved on before the chain is stored through it."""

from __future__ import annotations

from ...logic import Value
from ...state import World
from ..ending import fill_tree
from ..reference import REFERENCE


def _next_block(s: World, c: int) -> Value:
    return s.conns[(c + 1) % len(s.conns)].block


DESIGN = REFERENCE.replacing(
    "chain-on-sibling",
    "FillTree",
    "Stores each connection's chain in the block of another connection.",
    effect=lambda s, p: fill_tree(s, block_of=_next_block),
)
