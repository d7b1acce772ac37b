"""How long each seeded design takes to be refuted by the property that it should break.

Beside another checkout it is `chimneysweep check -d DESIGN -p PROPERTY`, here and there in turns, in
processor seconds; what is compared holds encoding and replay, too. Designs are matched by their names.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import subprocess
import sys
from pathlib import Path

from proofs import ENDED, HERE, CommandCost, spent

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


SLOWER = 1.1
"""What is slower by so much is measured once more: one measurement may be off."""
ENOUGH = 1.5
"""The other checkout has so many times as long; then it is ended, being slower for sure."""


@dataclasses.dataclass(frozen=True)
class DesignCompared:
    """What refuting one design costs here and in another checkout."""

    design: str
    breaks: str
    here: CommandCost
    there: CommandCost

    @property
    def ratio(self) -> float:
        """Processor seconds here to those there; of what was ended there, of the time of both."""
        done = self.there.code != ENDED
        return self.here.cpu / self.there.cpu if done else self.here.wall / self.there.wall

    def row(self) -> dict[str, object]:
        """For the table, and for a program."""
        came = f"{self.here.code}, {'ended' if self.there.code == ENDED else self.there.code}"
        costs = {"here": self.here.cpu, "there": self.there.cpu, "ratio": self.ratio}
        return {"design": self.design, "property": self.breaks, **costs, "exit codes": came}


def _seeded(checkout: Path) -> dict[str, str]:
    command = [str(checkout / ".venv" / "bin" / "chimneysweep"), "list", "designs", "--json"]
    found = json.loads(subprocess.run(command, cwd=checkout, check=True, capture_output=True).stdout)
    return {entry["name"]: entry["breaks"] for entry in found["entries"] if entry["breaks"]}


def in_both(against: Path) -> list[dict[str, object]]:
    """Every seeded design of both checkouts, the relatively slowest first. Raises FileNotFoundError."""
    theirs = _seeded(against)
    shared = [name for name, breaks in _seeded(HERE).items() if theirs.get(name) == breaks]
    found = []
    for design in shared:
        one = _compared(design, theirs[design], against)
        found.append(one if one.ratio <= SLOWER else _compared(design, theirs[design], against))
    return [one.row() for one in sorted(found, key=lambda one: -one.ratio)]


def _compared(design: str, breaks: str, against: Path) -> DesignCompared:
    asked = ("-d", design, "-p", breaks)
    here = spent(HERE, asked)
    found = DesignCompared(design, breaks, here, spent(against, asked, here.wall * ENOUGH))
    print(f"  {design}: {found.ratio:.2f}", file=sys.stderr, flush=True)
    return found
