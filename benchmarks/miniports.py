"""How long a buggy C driver takes to be found out, from a cold start: nothing compiled, nothing cached.

Each bug is played twice: as `chimneysweep conform` does, and without the findings that come along,
some of which were made with these very bugs. As a program it does one bug: NAME [--unaided].
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time

SEED = 1


@dataclasses.dataclass(frozen=True)
class Found:
    """A bug: seconds from the start of the process to the finished report, and what was reported.

    ``unaided``: without the findings that come along. ``caught``: by the property that it breaks.
    """

    name: str
    unaided: bool
    seconds: float
    runs: int
    caught: bool


def cold(name: str, unaided: bool) -> Found:
    """Find one bug in a process of its own, with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, __file__, name, *(["--unaided"] if unaided else [])]
        begun = time.perf_counter()
        environment = {**os.environ, "CHIMNEYSWEEP_CACHE": cache}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - begun
    counted = json.loads(done.stdout.splitlines()[-1])
    return Found(name, unaided, round(seconds, 2), counted["runs"], counted["caught"])


def _play(name: str, unaided: bool) -> dict[str, object]:
    from chimneysweep.targets.campaign.campaign import Campaign, Options
    from chimneysweep.targets.campaign.sources import CORPUS, sources
    from chimneysweep.targets.chimney.built_in import miniports
    from chimneysweep.targets.running.launch import launch

    options = Options(seed=SEED)
    first = list(sources(None, without=CORPUS if unaided else ""))
    spec = f"miniports/{name}"
    with launch(spec, options.how, options.timeout) as runner:
        report = Campaign(spec, runner, options, lambda text: None, first).run()
    broken = [trace.violation.property for trace in report.findings if trace.violation]
    breaks = next(entry.breaks for entry in miniports() if entry.name == spec)
    caught = set(breaks) <= {*broken, *report.also_broken}
    return {"runs": report.runs, "caught": caught}


if __name__ == "__main__":
    print(json.dumps(_play(sys.argv[1], "--unaided" in sys.argv[2:])))
