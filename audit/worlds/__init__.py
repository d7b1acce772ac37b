"""Small worlds for sentences about what the world of the hand-off has no room for: timers, upload requests.

Each is a system of a few variables with the sentences as properties, so that they can be
asked like those of the hand-off, and their situations replay like any other run.
"""

from __future__ import annotations

from ..spec import Spec
from . import blocks, returned, timers, upload


def specs() -> tuple[Spec, ...]:
    """The small worlds of the specification of the hand-off."""
    return upload.spec(), timers.spec(), returned.spec(), blocks.spec()
