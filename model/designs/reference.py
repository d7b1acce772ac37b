"""The reference design: it keeps every clause in its default reading, and every guarantee."""

from __future__ import annotations

from ..kernel import Action
from ..state import Bounds
from . import ending, steady, wire
from .design import Design


def _actions(bounds: Bounds) -> tuple[Action, ...]:
    return (*wire.actions(bounds), *steady.actions(bounds), *ending.actions(bounds))


REFERENCE = Design(
    "reference",
    "Waits for indications, drains calls, chains unacknowledged sends in order, reports the true window.",
    _actions,
)
