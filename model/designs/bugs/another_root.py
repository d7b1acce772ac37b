"""The block that the walk ended on is handed back, not the one that it started from."""

from __future__ import annotations

from typing import Any

from ...interface import terminate_completed
from ...logic import If
from ...state import NULL, World
from ...tree import ROOT
from ..reference import REFERENCE


def _complete(s: World, p: Any) -> World:
    below = s.blocks[ROOT].dependent
    return terminate_completed(s, If(below == NULL, ROOT, below))


DESIGN = REFERENCE.replacing(
    "another-root",
    "NdisMTerminateOffloadComplete",
    "Hands back a dependent of the root as the block list.",
    effect=_complete,
)
