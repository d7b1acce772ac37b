"""How long a buggy C driver takes to be found out, from a cold start: nothing compiled, nothing cached.

Each bug is played in several ways: as `chimneysweep conform` does; without the findings that come along, some
of which were made with these very bugs; and by search alone, with no stored or directed scenario, from
several seeds. As a program it does one bug in one way: NAME WAY SEED.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

AS_PLAYED, UNAIDED, ALONE = "as conform plays them", "without the findings that come along", "by search alone"
WAYS = ((AS_PLAYED, 1), (UNAIDED, 1), (ALONE, 1), (ALONE, 2), (ALONE, 3))
"""How the bugs are played, and the seed."""


@dataclasses.dataclass(frozen=True)
class Found:
    """A bug: seconds from the start of the process to the finished report, and what was reported.

    ``caught``: by the property that it breaks; ``noticed``: by any.
    """

    name: str
    seconds: float
    runs: int
    caught: bool
    noticed: bool


def cold(name: str, way: str, seed: int) -> Found:
    """Find one bug in a process of its own, with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        begun = time.perf_counter()
        environment = {**os.environ, "CHIMNEYSWEEP_CACHE": cache}
        command = [sys.executable, __file__, name, way, str(seed)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - begun
    told = json.loads(done.stdout.splitlines()[-1])
    return Found(name, round(seconds, 2), **told)


def _play(name: str, way: str, seed: int) -> dict[str, Any]:
    from chimneysweep.targets.campaign.campaign import Campaign, Options
    from chimneysweep.targets.campaign.sources import CORPUS, PROCESSORS, SEARCH, sources
    from chimneysweep.targets.chimney.built_in import miniports
    from chimneysweep.targets.running.launch import launch

    options = Options(seed=seed)
    first = list(sources(None, without=CORPUS if way == UNAIDED else ""))
    if way == ALONE:
        options, first = dataclasses.replace(options, sources=(PROCESSORS, SEARCH)), []
    spec = f"miniports/{name}"
    with launch(spec, options.how, options.timeout) as runner:
        report = Campaign(spec, runner, options, lambda text: None, first).run()
    broken = {trace.violation.property for trace in report.findings if trace.violation} | {
        *report.also_broken
    }
    breaks = next(entry.breaks for entry in miniports() if entry.name == spec)
    return {"runs": report.runs, "caught": set(breaks) <= broken, "noticed": bool(broken)}


if __name__ == "__main__":
    print(json.dumps(_play(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
