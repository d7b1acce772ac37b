"""What a second worker is worth: the rate of a search by one and by two, in turns.

Random scenarios, the search that breeds them from what it learned, and an exploration. All workers were begun
before. ``asks``: processor seconds of the process that asks, for each second of two workers: of those it
takes its part where there are two cores.
"""

from __future__ import annotations

import contextlib
import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random

from exploration import REFERENCE, make_ready

from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.alphabet import Within, alphabet
from chimneysweep.targets.campaign.explore import Expands, Exploration
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.campaign.search import Search
from chimneysweep.targets.chimney.moves import MOVES
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import How, launch_several
from chimneysweep.targets.running.players import Players

RUNS, DEEP, ROUNDS = 400, 8, 5
"""Random scenarios of a round, of which there are five times as many where they are bred; moves of a run that
is explored; rounds, at the most, of which there are fewer where runs are bred."""
FEWER = 3
PLAIN = How(sanitize=False)
Plays = Callable[[], int]
"""Plays something; how many runs, or states, that were."""


@dataclasses.dataclass
class Rates:
    """Runs or states a second by one worker and by two, the best round of each.

    ``ratio``: what the second one was worth, the median of the rounds: where a machine does other work, too,
    the best are of different times.
    """

    says: str
    one: float
    two: float
    asks: float
    ratio: float


def measured(
    runs: int, rounds: int, moves: int = DEEP, say: Callable[[str], None] = lambda text: None
) -> Iterator[Rates]:
    """The Python reference and the C reference, without sanitizers."""
    rounds = min(rounds, ROUNDS)
    Compiled(Maker(JUDGED), make=True).load()
    make_ready()
    for target in ("reference", "miniports/reference"):
        with contextlib.ExitStack() as ends:
            crews = [_crew(ends, count, target) for count in (1, 2)]
            drawn, bred = [_drawn(crew, runs) for crew in crews], [_bred(crew, 5 * runs) for crew in crews]
            yield _rates(f"random scenarios, {target}", drawn, rounds, say)
            yield _rates(f"bred, {target}", bred, max(1, rounds // FEWER), say)
    with contextlib.ExitStack() as ends:
        ways = []
        for count in (1, 2):
            runners = [ends.enter_context(one) for one in launch_several(count, str(REFERENCE), PLAIN)]
            _explored(runners, 2)()  # they start
            ways.append(_explored(runners, moves))
        yield _rates("explored, miniports/reference", ways, rounds, say)


def _rates(says: str, ways: list[Plays], rounds: int, say: Callable[[str], None]) -> Rates:
    found = []
    for number in range(1, rounds + 1):
        found.append([_rate(plays) for plays in ways])
        one, two = (rate for rate, _ in found[-1])
        say(f"  {says}, round {number} of {rounds}: {one:.0f} and {two:.0f} a second")
    (one, _), (two, asks) = (max(of) for of in zip(*found, strict=True))
    ratio = statistics.median(second / first for (first, _), (second, _) in found)
    return Rates(says, one, two, asks, ratio)


def _rate(plays: Plays) -> tuple[float, float]:
    """What is played in a second, and the processor seconds of this process in it."""
    start, spent = time.perf_counter(), time.process_time()
    made = plays()
    seconds = time.perf_counter() - start
    return made / seconds, (time.process_time() - spent) / seconds


def _crew(ends: contextlib.ExitStack, count: int, target: str) -> Players:
    crew = Players(count, target, PLAIN, 5.0, SubjectRef())
    ends.callback(crew.close)
    begins = [scenario(Random(f"begins {k}")) for k in range(2 * count)]
    list(crew.play(begins, None, scout=True))  # they start, and load the target
    return crew


def _drawn(crew: Players, runs: int) -> Plays:
    played = [scenario(Random(f"workers {k}")) for k in range(runs)]
    return lambda: len(list(crew.play(played, None, scout=True)))


def _bred(crew: Players, runs: int) -> Plays:
    def plays() -> int:
        search = Search(1, MOVES)
        for generation in search.generations(runs):
            for one, outcome in zip(generation, crew.play(generation, None, scout=True), strict=True):
                search.learn(one, outcome)
        return runs

    return plays


def _explored(crew: Sequence[Expands], moves: int) -> Plays:
    within = Within.of({"moves": moves})

    def plays() -> int:
        quiet = (lambda before, edge: None), (lambda text: None), (lambda counts: None)
        search = Exploration(crew, within, alphabet(within), 5.0, *quiet)
        search.run()
        return search.explored.states

    return plays
