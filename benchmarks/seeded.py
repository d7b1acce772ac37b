"""How long each seeded design takes to be refuted by the property that it should break."""

from __future__ import annotations

import dataclasses
import statistics

from chimneysweep.engines.worker import Job, work
from chimneysweep.model.bounds import Bounds
from chimneysweep.properties.chimney.chimney import CHIMNEY


@dataclasses.dataclass(frozen=True)
class Seeded:
    """Seconds by design (encoding included), and the designs that were not refuted."""

    bounds: Bounds
    seconds: dict[str, float]
    missed: list[str]

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds.values())


def refuted(bounds: Bounds, limit: float) -> Seeded:
    """Refute every seeded design in this process, one after the other; *limit* in seconds per query."""
    seconds: dict[str, float] = {}
    missed: list[str] = []
    for bug in CHIMNEY.bugs.values():
        answer = work(Job("refute", bug.name, bounds, limit, bug.breaks, depth=bug.steps))
        seconds[bug.name] = answer.seconds
        if answer.trace is None:
            missed.append(bug.name)
    return Seeded(bounds, seconds, missed)
