"""What it costs to find out a buggy C driver, in runs and in processor seconds of all processes.

Each bug is played in several ways: as `chimneysweep conform` does; without the findings that come along, some
of which were made with these very bugs; and by search alone, with no stored or directed scenario, from
several seeds. The first two are from a cold start: nothing compiled, nothing cached. A search goes on until
the very property breaks that the bug is said to break; before it the monitor in C is made, once for all.
As a program it does one bug in one way: NAME WAY SEED.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

AS_PLAYED, UNAIDED, ALONE = "as conform plays them", "without the findings that come along", "by search alone"
WAYS = ((AS_PLAYED, 1), (UNAIDED, 1), (ALONE, 1), (ALONE, 2), (ALONE, 3))
"""How the bugs are played, and the seed."""
SEARCHED = 4000
"""Runs of a search at the most: what two processors make in some 20 seconds."""


COLUMNS = ["", "seed", "found", "by its property", "median s", "longest s", "which", "median runs", "not so"]


@dataclasses.dataclass(frozen=True)
class Found:
    """A bug: processor seconds from the start of the process to the finished report, and what was reported.

    ``caught``: by the property that it breaks; ``noticed``: by any.
    """

    name: str
    seconds: float
    runs: int
    caught: bool
    noticed: bool


def cold(name: str, way: str, seed: int) -> Found:
    """Find one bug in a process of its own; with an empty cache, unless it is searched for."""
    with tempfile.TemporaryDirectory() as cache:
        before = _spent()
        environment = {**os.environ, **({} if way == ALONE else {"CHIMNEYSWEEP_CACHE": cache})}
        command = [sys.executable, __file__, name, way, str(seed)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds = _spent() - before
    told = json.loads(done.stdout.splitlines()[-1])
    return Found(name, round(seconds, 2), **told)


def measured(say: Callable[[str], None]) -> tuple[list[list[str]], dict[str, Any]]:
    """Every bug in every way: the rows of a table, and what was found."""
    from chimneysweep.targets.chimney.miniports.patched import patches
    from chimneysweep.targets.judging.compiled.monitor_maker import Maker
    from chimneysweep.targets.running.compiled_monitors import Compiled
    from chimneysweep.targets.running.direct import JUDGED

    Compiled(Maker(JUDGED), make=True).load()
    rows, data = [COLUMNS], dict[str, Any]()
    for way, seed in WAYS:
        say(f"  every buggy miniport, {way}, seed {seed}")
        found = [cold(name, way, seed) for name in patches()]
        rows.append([way, str(seed), *_row(found)])
        data[f"{way}, seed {seed}"] = [dataclasses.asdict(f) for f in found]
    return rows, data


def _row(found: Sequence[Found]) -> Iterator[str]:
    for how in ("noticed", "caught"):
        yield f"{sum(getattr(f, how) for f in found)} of {len(found)}"
    yield f"{statistics.median(f.seconds for f in found):.1f}"
    last = max(found, key=lambda f: f.seconds)
    yield from (f"{last.seconds:.1f}", last.name)
    yield f"{statistics.median(f.runs for f in found):.0f}"
    yield ", ".join(f.name for f in found if not f.caught) or "-"


def _spent() -> float:
    """Processor seconds of all that this process started and that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _play(name: str, way: str, seed: int) -> dict[str, Any]:
    from chimneysweep.targets.campaign.campaign import Campaign, Options
    from chimneysweep.targets.campaign.sources import CORPUS, PROCESSORS, SEARCH, sources
    from chimneysweep.targets.chimney.built_in import miniports
    from chimneysweep.targets.running.launch import launch

    spec = f"miniports/{name}"
    breaks = set(next(entry.breaks for entry in miniports() if entry.name == spec))

    class Until(Campaign):
        """Ends where all that the bug is said to break is broken."""

        def _visit(self, *told: Any) -> None:
            super()._visit(*told)
            if breaks <= self.broken.found.keys():
                raise KeyboardInterrupt

    options = Options(seed=seed)
    if way == ALONE:
        more: Any = {"runs": SEARCHED, "all": True, "shrink": False, "sources": (PROCESSORS, SEARCH)}
        options = dataclasses.replace(options, **more)
    first = () if way == ALONE else tuple(sources(None, without=CORPUS if way == UNAIDED else ""))
    with launch(spec, options.how, options.timeout) as runner:
        kind = Until if way == ALONE else Campaign
        report = kind(spec, runner, options, lambda text: None, first).run()
    broken = {trace.violation.property for trace in report.findings if trace.violation} | {
        *report.also_broken
    }
    return {"runs": report.runs, "caught": breaks <= broken, "noticed": bool(broken)}


if __name__ == "__main__":
    print(json.dumps(_play(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
