"""Who is told of a run while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .monitor import Happened, Monitor


class Listener:
    """Hears of a run; this one takes no notice. Each method returns before the run goes on."""

    def begins(self, monitor: Monitor) -> None:
        """A run begins; *monitor* holds its first world."""

    def happened(self, event: Happened) -> None:
        """An event was noted, and its properties judged."""

    def inside(self, entry_points: Sequence[str]) -> None:
        """The entry points that have not returned, the outermost first, are others than before."""

    def interrupted(self) -> None:
        """Another processor comes in while the target is in a call."""
