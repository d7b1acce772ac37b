"""What it takes to find each bug of the manifest by search alone: no stored finding, no directed scenario.

Played by one worker until the very property breaks that the bug is said to break. The seconds are processor
seconds of all processes, from the start of the program: the driver is compiled (or taken from the cache),
loaded, searched, and what was found is played again twice; it is not made small. The monitor in C is there.

    python benchmarks/alone.py [--journal FILE] [--seeds N ...] [--forms FORM ...] [--bugs NAME ...]

plays the table or a part of it. A journal goes on where it was ended, as long as the checker is the same.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cells import children_spent

from chimneysweep.targets.campaign.campaign import Campaign, Options
from chimneysweep.targets.campaign.sources import PROCESSORS, SEARCH
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.machine.cache import digest
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


@dataclasses.dataclass(frozen=True)
class TablePart:
    """Of the table: these seeds, forms and bugs; no names are all of them."""

    seeds: Sequence[int]
    forms: Sequence[str] = tuple(FORMS)
    names: Sequence[str] = ()

    @staticmethod
    def whole(first: int) -> TablePart:
        """All of it, from that seed on."""
        return TablePart(range(first, first + SEEDS))

    def searches(self) -> list[BugAlone]:
        """What is to be played, with nothing found yet."""
        return [
            BugAlone(bug.name, form, seed, known.breaks, 0, 0, "", 0.0)
            for seed, bug, form in itertools.product(self.seeds, seeded_bugs().values(), self.forms)
            if (known := getattr(bug, form)) and (not self.names or bug.name in self.names)
        ]


class AloneJournal:
    """The searches that were played, one a line; those of another checker do not count."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.checker = path, _checker()
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        rows = [json.loads(line) for line in lines]
        found = [BugAlone(**row["found"]) for row in rows if row["checker"] == self.checker]
        self.known = {(one.name, one.form, one.seed): one for one in found}

    def add(self, found: BugAlone) -> None:
        """One more."""
        row = {"checker": self.checker, "found": dataclasses.asdict(found)}
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def _checker() -> str:
    """What tells this checker, its targets among it, from any other."""
    root = Path(__file__).resolve().parents[1]
    files = (file for room in ("model", "properties", "targets") for file in sorted((root / room).rglob("*")))
    return digest(*(file.read_bytes() for file in files if file.suffix in (".py", ".c", ".h", ".patch")))


def searched(part: TablePart, journal: AloneJournal) -> Iterator[BugAlone]:
    """What came of every search; what the journal has is not played."""
    Compiled(Maker(JUDGED), make=True).load()
    begun = time.process_time()
    for search in part.searches():
        found = journal.known.get((search.name, search.form, search.seed))
        if not found:
            found = _searched(search, begun)
            journal.add(found)
        yield found


def _searched(search: BugAlone, begun: float) -> BugAlone:
    """*begun*: the seconds that it takes to begin, which a fork has not to take."""
    context = multiprocessing.get_context("fork")
    before, (ours, theirs) = children_spent(), context.Pipe()
    at_once = seeded_bugs()[search.name].at_once
    child = context.Process(target=_play, args=(search, at_once, theirs))
    child.start()
    theirs.close()
    caught, noticed, by = ours.recv()
    child.join()
    seconds = round(children_spent() - before + begun, 2)
    return dataclasses.replace(search, caught=caught, noticed=noticed, by=by, seconds=seconds)


def measured(
    say: Callable[[str], None], part: TablePart, journal: Path | None = None
) -> tuple[list[Rows], dict[str, Any]]:
    """A table of the seeds and forms, one of the bugs that took longest; and all that was found, as data."""
    every, count = list[BugAlone](), len(part.searches())
    for found in searched(part, AloneJournal(journal)):
        every.append(found)
        say(f"  {len(every)} of {count}: {' '.join(found.row())}")
    rows = [["form", "seed", "found", "by its property", "in time", "median s", "longest s", "scenarios"]]
    for seed, form in itertools.product(part.seeds, part.forms):
        if own := [f for f in every if (f.form, f.seed) == (form, seed)]:
            rows.append([form, str(seed), *_row(own)])
    last = sorted(every, key=lambda f: (f.soon, -f.seconds))[:LAST]
    return [rows, [HEAD, *(f.row() for f in last)]], {"rows": [dataclasses.asdict(f) for f in every]}


def _row(found: Sequence[BugAlone]) -> Iterator[str]:
    for how in ("noticed", "caught", "soon"):
        yield f"{sum(bool(getattr(f, how)) for f in found)} of {len(found)}"
    yield f"{statistics.median(f.seconds for f in found):.1f}"
    yield f"{max(f.seconds for f in found):.1f}"
    yield f"{statistics.median(f.caught or RUNS for f in found):.0f}"


def main() -> None:
    """Play a part of the table, and print it."""
    usual, parser = TablePart.whole(1), argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=usual.seeds)
    parser.add_argument("--forms", nargs="+", choices=usual.forms, default=usual.forms)
    parser.add_argument("--bugs", nargs="+", choices=sorted(seeded_bugs()), default=(), metavar="NAME")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="go on where it was ended")
    given = parser.parse_args()
    part = TablePart(given.seeds, given.forms, given.bugs)
    try:
        tables, _ = measured(lambda text: print(text, file=sys.stderr, flush=True), part, given.journal)
    except KeyboardInterrupt:
        kept = (
            f"{given.journal} has what was played: the same command goes on"
            if given.journal
            else "nothing is kept"
        )
        sys.exit(f"PARTIAL: ended before the table was whole; {kept}")
    for line in itertools.chain.from_iterable((*table, [""]) for table in tables):
        print(" | ".join(line))


if __name__ == "__main__":
    main()
