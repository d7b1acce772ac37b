"""The chain is built from the driver's own list before anybody asks whether the connection is lost."""

from __future__ import annotations

from typing import Any

from ...logic import And, If
from ...records import update
from ...state import World
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _fill(s: World, p: Any) -> World:
    filled = fill_tree(s)
    blocks = filled.blocks
    for c, conn in enumerate(s.conns):
        head, _ = link(conn, c * len(conn.bufs))
        blocks = tuple(
            update(block, chain=If(And(conn.block == b, s.lost(conn)), head, block.chain))
            for b, block in enumerate(blocks)
        )
    return update(filled, blocks=blocks)


DESIGN = REFERENCE.replacing(
    "lost-state-chained",
    "FillTree",
    "Aborts the sends of a lost connection and hands them over in a chain all the same.",
    effect=_fill,
)
