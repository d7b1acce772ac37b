"""What it costs that a target is judged from outside: runs a second, beside the same runs in this process."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from random import Random
from typing import Any

from throughput import REFERENCE

from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.notes import Notes
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.machine.watchdog import watch
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import How, launch

RUNS = 200
"""Random scenarios of a round."""


@dataclasses.dataclass
class RunCost:
    """Runs a second of a target, the best round of each way: in this process, judged from outside, and as a
    long search plays, where a driver in C is judged beside it and the rest from outside.
    """

    target: str
    inside: float
    outside: float
    search: float

    @property
    def ratio(self) -> float:
        """How much of the rate is left."""
        return self.outside / self.inside


def measured(runs: int, rounds: int) -> list[RunCost]:
    """The Python reference and the C reference, without sanitizers; both ways by turns."""
    compiled = Compiled(Maker(JUDGED), make=True)
    played = [s for s in (scenario(Random(f"isolation {k}")) for k in range(runs)) if compiled.monitor(s)]
    makers = {
        "reference": Reference,
        "miniports/reference": factory(REFERENCE, BuildOptions(sanitize=False)),
    }
    return [_cost(name, make, played, compiled, rounds) for name, make in makers.items()]


def _cost(name: str, make: Any, played: list[Scenario], compiled: Compiled, rounds: int) -> RunCost:
    how = How(sanitize=False)
    with watch(5.0) as armed, launch(name, how) as runner, launch(name, how) as searches:
        searches.scout(played[0])  # loaded with what judges beside it

        def inside(one: Scenario) -> None:
            Play(make, one, JUDGED, judge=compiled.monitor(one), armed=armed, notes=Notes()).run()

        rates = [[_rate(way, played) for way in (inside, runner.play, searches.scout)] for _ in range(rounds)]
    return RunCost(name, *(max(ways) for ways in zip(*rates, strict=True)))


def _rate(way: Callable[[Scenario], object], played: list[Scenario]) -> float:
    start = time.perf_counter()
    for one in played:
        way(one)
    return len(played) / (time.perf_counter() - start)
