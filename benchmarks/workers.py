"""What a second worker is worth: runs a second of a long search by one and by two, in turns."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from random import Random

from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import How
from chimneysweep.targets.running.players import Players

RUNS = 400
"""Random scenarios of a round."""


@dataclasses.dataclass
class Rates:
    """Runs a second of a target by one worker and by two; the best round of each."""

    target: str
    one: float
    two: float

    @property
    def ratio(self) -> float:
        """What the second one is worth."""
        return self.two / self.one


def measured(runs: int, rounds: int) -> list[Rates]:
    """The Python reference and the C reference, without sanitizers."""
    Compiled(Maker(JUDGED), make=True).load()
    played = [scenario(Random(f"workers {k}")) for k in range(runs)]
    return [_rates(name, played, rounds) for name in ("reference", "miniports/reference")]


def _rates(name: str, played: list[Scenario], rounds: int) -> Rates:
    with contextlib.ExitStack() as ends:
        crews = [Players(count, name, How(sanitize=False), 5.0, SubjectRef()) for count in (1, 2)]
        for crew in crews:
            ends.callback(crew.close)
            list(crew.play(played[: 2 * crew.count], None, scout=True))  # they start, and load the target
        rates = [[_rate(crew, played) for crew in crews] for _ in range(rounds)]
    return Rates(name, *(max(ways) for ways in zip(*rates, strict=True)))


def _rate(crew: Players, played: list[Scenario]) -> float:
    start = time.perf_counter()
    for _ in crew.play(played, None, scout=True):
        pass
    return len(played) / (time.perf_counter() - start)
