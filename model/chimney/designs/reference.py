"""The reference design: it keeps every clause in its default reading, and every guarantee."""

from __future__ import annotations

from ...design import Design
from ..world import MEMORY
from . import charge, ending

REFERENCE = Design(
    "reference",
    "Waits for indications, drains calls, chains unacknowledged sends in order, reports the true window.",
    (*charge.STEPS, *ending.STEPS),
    charge.REACTIONS,
    {choice.__name__: choice for choice in (*charge.CHOICES, *ending.CHOICES)},
    MEMORY,
)
