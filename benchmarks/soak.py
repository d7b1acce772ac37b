"""A long run of the reference miniport in C: nothing lost, nothing leaked, no memory that grows.

Random scenarios, one after the other, in a child process under the sanitizers, judged by all
clauses, as `chimneysweep conform` plays them.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections import Counter
from pathlib import Path
from random import Random

from throughput import REFERENCE

from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.judging.misbehaviour import LEAKED
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import launch

SETTLED = 0.1
"""The part of the calls after which memory should not grow any more."""


@dataclasses.dataclass
class Soaked:
    """Calls of entry points, runs, what broke in how many runs, deaths, bytes that were never freed.

    Memory of the worker in MiB: the most there was, after a tenth of the calls, at the end.
    ``processes`` counts the workers: one, if nothing ended or spoilt it.
    """

    played: str
    seed: int
    calls: int = 0
    runs: int = 0
    findings: dict[str, int] = dataclasses.field(default_factory=dict)
    deaths: int = 0
    leaked: int = 0
    reached: int = 0
    processes: int = 0
    peak: float = 0.0
    settled: float = 0.0
    final: float = 0.0
    seconds: float = 0.0

    def rows(self) -> dict[str, str]:
        """What a person reads of it."""
        return {
            "calls of entry points": f"{self.calls:,} in {self.runs:,} runs",
            "findings": ", ".join(f"{name} ({n} runs)" for name, n in self.findings.items()) or "none",
            "workers that died": f"{self.deaths}; {self.processes} process played all"
            if self.processes == 1
            else f"{self.deaths}; {self.processes} processes",
            "leaked bytes": f"{self.leaked}",
            "properties that had something to say": f"{self.reached}",
            "memory of the worker": f"{self.peak:.0f} MiB at most; {self.settled:.0f} MiB after a tenth, "
            f"{self.final:.0f} MiB at the end",
            "duration": f"{self.seconds:.0f} s, {self.calls / self.seconds:,.0f} of these calls a second",
        }


def soak(calls: int, seed: int = 1) -> Soaked:
    """Play until the reference was called so often."""
    Compiled(Maker(JUDGED), make=True).load()
    with launch(str(REFERENCE)) as runner:
        result = Soaked(runner.says, seed)
        _play(runner, calls, result)
    return result


def _play(runner: Isolated, calls: int, result: Soaked) -> None:
    start = time.monotonic()
    findings: Counter[str] = Counter()
    reached: set[str] = set()
    workers: set[int] = set()
    while result.calls < calls:
        outcome = runner.play(scenario(Random(f"{result.seed} {result.runs}")))
        result.runs += 1
        result.calls += outcome.calls
        result.deaths += outcome.death is not None
        findings.update(outcome.breaches.keys())
        if LEAKED in outcome.breaches:
            result.leaked += _bytes(outcome.breaches[LEAKED].violation.broken[0].where)
        reached |= outcome.reached
        workers.add(runner.child.worker)
        if not result.settled and result.calls >= SETTLED * calls:
            result.settled = _memory(runner.child.worker, "VmRSS")
    result.seconds = time.monotonic() - start
    result.findings = dict(findings)
    result.reached, result.processes = len(reached), len(workers)
    result.final = _memory(runner.child.worker, "VmRSS")
    result.peak = _memory(runner.child.worker, "VmHWM")


def _bytes(sentence: str) -> int:
    """The size that a sentence about a leak tells."""
    found = re.search(r"(\d+) bytes", sentence)
    return int(found[1]) if found else 0


def _memory(pid: int, field: str) -> float:
    """A field of a process's status, in MiB; 0 where there is none."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
