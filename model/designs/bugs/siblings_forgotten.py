"""The tree is taken for a list of dependents: nobody follows NextBlock."""

from __future__ import annotations

from ...tree import walk_dependents
from ..ending import fill_tree
from ..reference import REFERENCE

DESIGN = REFERENCE.replacing(
    "siblings-forgotten",
    "FillTree",
    "Follows DependentBlockList alone, and leaves the Status of siblings unwritten.",
    effect=lambda s, p: fill_tree(s, walked=walk_dependents),
)
