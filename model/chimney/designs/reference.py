"""The reference design: it keeps every clause in its default reading, and every guarantee.

Its choices are here; the steps and reactions that make them come with the parts of the subject.
"""

from __future__ import annotations

from ...design import Design
from . import charge, ending

REFERENCE = Design(
    "reference",
    "Waits for indications, drains calls, chains unacknowledged sends in order, reports the true window.",
    choices={choice.__name__: choice for choice in (*charge.CHOICES, *ending.CHOICES)},
)
