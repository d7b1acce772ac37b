"""What it takes to find each bug of the manifest by search alone: no stored finding, no directed scenario.

Played by one worker until the very property breaks that the bug is said to break. The seconds are processor
seconds of all processes, from the start of the program: the driver is compiled (or taken from the cache),
loaded, searched, and what was found is played again twice; it is not made small. The monitor in C is there.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cells import children_spent

from chimneysweep.targets.campaign.campaign import Campaign, Options
from chimneysweep.targets.campaign.sources import PROCESSORS, SEARCH
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import launch

SEEDS = 3
RUNS = 8000
"""Scenarios of a search at the most: what two workers play in some 20 seconds."""
SECONDS, WORTH = 20.0, 1.75
"""By when every bug is to be found by two workers; how many times the rate of one they have."""
FORMS = {"python": "seeded/", "c": "miniports/"}
LAST = 20
"""Searches that are told one by one: those that took longest."""
Rows = list[list[str]]
HEAD = ["bug", "form", "seed", "property", "scenarios", "seconds", "noticed after", "by"]


@dataclasses.dataclass(frozen=True)
class BugAlone:
    """Scenarios until a bug was ``caught`` by its own property, and ``noticed`` by any; 0: never."""

    name: str
    form: str
    seed: int
    breaks: str
    caught: int
    noticed: int
    by: str
    seconds: float

    @property
    def soon(self) -> bool:
        """Whether it is found within the time that two workers may take."""
        return bool(self.noticed) and self.seconds <= SECONDS * WORTH

    def row(self) -> list[str]:
        """For the table."""
        caught, noticed = (str(n or "-") for n in (self.caught, self.noticed))
        seconds = f"{self.seconds:.1f}"
        return [self.name, self.form, str(self.seed), self.breaks, caught, seconds, noticed, self.by]


class _Until(Campaign):
    """Ends where the property is broken; ``noticed``: the run in which any was first, and which."""

    breaks = by = ""
    noticed = 0

    def _visit(self, *told: Any) -> None:
        super()._visit(*told)
        if self.broken.found and not self.noticed:
            self.noticed, self.by = self.runs, min(self.broken.found)
        if self.breaks in self.broken.found:
            raise KeyboardInterrupt


def _play(found: BugAlone, at_once: bool, into: Any) -> None:
    kinds = (PROCESSORS, SEARCH) if at_once else (SEARCH,)
    options = Options(runs=RUNS, seed=found.seed, shrink=False, all=True, sources=kinds)
    spec = FORMS[found.form] + found.name
    with launch(spec, options.how, options.timeout) as runner:
        campaign = _Until(spec, runner, options, lambda text: None, ())
        campaign.breaks = found.breaks
        runs = campaign.run().runs
    caught = runs if found.breaks in campaign.broken.found else 0
    into.send((caught, campaign.noticed, campaign.by))


def searched(seeds: Sequence[int], names: Sequence[str] = ()) -> Iterator[BugAlone]:
    """Every bug in both forms that can be played, or those with the *names*, with each seed."""
    Compiled(Maker(JUDGED), make=True).load()
    begun, context = time.process_time(), multiprocessing.get_context("fork")
    for seed in seeds:
        for bug in seeded_bugs().values():
            for form in FORMS if not names or bug.name in names else ():
                if known := getattr(bug, form):
                    before, (ours, theirs) = children_spent(), context.Pipe()
                    found = BugAlone(bug.name, form, seed, known.breaks, 0, 0, "", 0.0)
                    child = context.Process(target=_play, args=(found, bug.at_once, theirs))
                    child.start()
                    theirs.close()
                    caught, noticed, by = ours.recv()
                    child.join()
                    seconds = round(children_spent() - before + begun, 2)
                    yield dataclasses.replace(found, caught=caught, noticed=noticed, by=by, seconds=seconds)


def measured(say: Callable[[str], None], first: int) -> tuple[list[Rows], dict[str, Any]]:
    """A table of the seeds and forms, one of the bugs that took longest; and all that was found, as data."""
    every, seeds = list[BugAlone](), range(first, first + SEEDS)
    for found in searched(seeds):
        say(f"  {' '.join(found.row())}")
        every.append(found)
    rows = [["form", "seed", "found", "by its property", "in time", "median s", "longest s", "scenarios"]]
    for seed in seeds:
        for form in FORMS:
            rows.append([form, str(seed), *_row([f for f in every if (f.form, f.seed) == (form, seed)])])
    last = sorted(every, key=lambda f: (f.soon, -f.seconds))[:LAST]
    return [rows, [HEAD, *(f.row() for f in last)]], {"rows": [dataclasses.asdict(f) for f in every]}


def _row(found: Sequence[BugAlone]) -> Iterator[str]:
    for how in ("noticed", "caught", "soon"):
        yield f"{sum(bool(getattr(f, how)) for f in found)} of {len(found)}"
    yield f"{statistics.median(f.seconds for f in found):.1f}"
    yield f"{max(f.seconds for f in found):.1f}"
    yield f"{statistics.median(f.caught or RUNS for f in found):.0f}"
