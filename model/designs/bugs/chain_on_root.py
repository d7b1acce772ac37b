"""The chain is stored through the pointer that came in, not through the one that walks the tree."""

from __future__ import annotations

from ...tree import ROOT
from ..ending import fill_tree
from ..reference import REFERENCE

DESIGN = REFERENCE.replacing(
    "chain-on-root",
    "FillTree",
    "Stores every chain in the root block, whatever object that is.",
    effect=lambda s, p: fill_tree(s, block_of=lambda world, c: ROOT),
)
