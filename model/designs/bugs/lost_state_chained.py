"""The chain is built from the driver's own list before anybody asks whether the connection is lost."""

from __future__ import annotations

from typing import Any

from ...logic import If, modify
from ...records import update
from ...state import World
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _fill(s: World, p: Any) -> World:
    filled = fill_tree(s)
    blocks = filled.blocks
    for c, conn in enumerate(s.conns):
        head, _ = link(conn, c * len(conn.bufs))
        lost = s.lost(conn)
        blocks = modify(
            blocks, conn.block, lambda b, lost=lost, head=head: update(b, chain=If(lost, head, b.chain))
        )
    return update(filled, blocks=blocks)


DESIGN = REFERENCE.replacing(
    "lost-state-chained",
    "FillTree",
    "Aborts the sends of a lost connection and hands them over in a chain all the same.",
    effect=_fill,
)
