"""What it costs to find out a buggy C driver, in runs and in processor seconds of all processes.

Each bug is played in two ways, from a cold start, with nothing compiled and nothing cached: as `chimneysweep
conform` does; and without the findings that come along, some of which were made with these very bugs. What a
search alone takes is another table (alone.py). As a program it does one bug in one way: NAME WAY.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cells import children_spent

AS_PLAYED, UNAIDED = "as conform plays them", "without the findings that come along"
WAYS = (AS_PLAYED, UNAIDED)
"""How the bugs are played."""
COLUMNS = ["", "found", "by its property", "median s", "longest s", "which", "median runs", "not so"]


@dataclasses.dataclass(frozen=True)
class BugReport:
    """A bug: processor seconds from the start of the process to the finished report, and what was reported.

    ``caught``: by the property that it breaks; ``noticed``: by any.
    """

    name: str
    seconds: float
    runs: int
    caught: bool
    noticed: bool


def cold(name: str, way: str) -> BugReport:
    """Find one bug in a process of its own, with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        before = children_spent()
        environment = {**os.environ, "CHIMNEYSWEEP_CACHE": cache}
        command = [sys.executable, __file__, name, way]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds = children_spent() - before
    told = json.loads(done.stdout.splitlines()[-1])
    return BugReport(name, round(seconds, 2), **told)


def measured(say: Callable[[str], None]) -> tuple[list[list[str]], dict[str, Any]]:
    """Every bug in every way: the rows of a table, and what was found."""
    from chimneysweep.targets.chimney.miniports.patched import patches

    rows, data = [COLUMNS], dict[str, Any]()
    for way in WAYS:
        say(f"  every buggy miniport, {way}")
        found = [cold(name, way) for name in patches()]
        rows.append([way, *_row(found)])
        data[way] = [dataclasses.asdict(f) for f in found]
    return rows, data


def _row(found: Sequence[BugReport]) -> Iterator[str]:
    for how in ("noticed", "caught"):
        yield f"{sum(getattr(f, how) for f in found)} of {len(found)}"
    yield f"{statistics.median(f.seconds for f in found):.1f}"
    last = max(found, key=lambda f: f.seconds)
    yield from (f"{last.seconds:.1f}", last.name)
    yield f"{statistics.median(f.runs for f in found):.0f}"
    yield ", ".join(f.name for f in found if not f.caught) or "-"


def _play(name: str, way: str) -> dict[str, Any]:
    from chimneysweep.targets.campaign.campaign import Campaign, Options
    from chimneysweep.targets.campaign.sources import CORPUS, sources
    from chimneysweep.targets.chimney.built_in import miniports
    from chimneysweep.targets.running.launch import launch

    spec, options = f"miniports/{name}", Options()
    breaks = set(next(entry.breaks for entry in miniports() if entry.name == spec))
    first = tuple(sources(None, without=CORPUS if way == UNAIDED else ""))
    with launch(spec, options.how, options.timeout) as runner:
        report = Campaign(spec, runner, options, lambda text: None, first).run()
    broken = {trace.violation.property for trace in report.findings if trace.violation} | {
        *report.also_broken
    }
    return {"runs": report.runs, "caught": breaks <= broken, "noticed": bool(broken)}


if __name__ == "__main__":
    print(json.dumps(_play(*sys.argv[1:])))
