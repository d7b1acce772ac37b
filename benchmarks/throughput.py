"""How many calls a driver in C is asked for and makes in a second, judged by all clauses, and by none.

A *driver call* is a call of one of the driver's entry points (MiniportInitializeEx and MiniportHaltEx
among them), or a call that the driver makes: of a function of NDIS, of the wire, of the pool
for what a state object is held in.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from tape import Bare, Recorder, listen

from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.moves import interrupted
from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.machine.watchdog import watch
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED

REFERENCE = Path(__file__).resolve().parent.parent / "targets" / "chimney" / "miniports" / "reference"
PARTS = {
    "compiled": "the compiled monitor (model and properties, in C)",
    "play": "host: moves, calls, watch",
    "observed": "what the driver's calls mean on the wire and in the tree",
    "native": "translation between Python and C, the driver and our NDIS",
    "other": "the rest (setting up scenarios, tables of the model)",
}
FILES = {
    "compiled": ("targets/judging/compiled",),
    "play": (
        "targets/chimney/play",
        "targets/chimney/stage",
        "targets/chimney/move",
        "targets/machine/watchdog",
        "targets/chimney/scenario",
        "signal.py",
    ),
    "observed": (
        "targets/chimney/observed",
        "targets/chimney/handed",
        "targets/chimney/snapshot",
        "targets/chimney/wire_bytes",
        "targets/chimney/interface",
        "targets/chimney/tree_shapes",
    ),
    "native": ("targets/chimney/native", "cffi/"),
}


@dataclasses.dataclass
class Measured:
    """Calls of entry points and callbacks in one round; the best seconds of a round; shares of the time."""

    scenarios: int
    entries: int
    callbacks: int
    judged: float
    bare: float
    shares: dict[str, float]
    reached: int

    @property
    def calls(self) -> int:
        """Driver calls of a round."""
        return self.entries + self.callbacks

    def data(self) -> dict[str, Any]:
        """The numbers for a program, rates and ratio included."""
        rates = {"calls_per_second": self.calls / self.judged, "bare_per_second": self.calls / self.bare}
        return {**dataclasses.asdict(self), **rates, "ratio": self.judged / self.bare}


class Sampler:
    """Where the processor's time goes, by the part of the program whose Python line is under way."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
        return self

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        self.counts[_part(frame)] += 1

    def shares(self) -> dict[str, float]:
        """Parts of the whole, by part."""
        whole = sum(self.counts.values()) or 1
        return {part: self.counts[part] / whole for part in PARTS}


def _part(frame: FrameType | None) -> str:
    name = frame.f_code.co_filename if frame else ""
    return next((part for part, files in FILES.items() if any(f in name for f in files)), "other")


class DriverBench:
    """A driver in this process, and the scenarios that it is played with."""

    def __init__(self, library: Path, runs: int) -> None:
        self.factory = factory(library)
        self.watch = watch(5.0)
        self.watch.__enter__()
        self.compiled = Compiled(Maker(JUDGED), make=True)
        drawn = [scenario(Random(f"throughput {k}")) for k in range(runs)]
        # a tape has one thread
        alone = (s for s in drawn if all(m.kind != interrupted.name for m in s.moves))
        self.scenarios = [s for s in alone if self.compiled.monitor(s)]

    def play(self, one: Scenario) -> tuple[Play, Any]:
        """One run."""
        monitor = self.compiled.monitor(one)
        play = Play(self.factory, one, JUDGED, judge=monitor, armed=self.watch)
        play.run()
        return play, monitor

    def round(self) -> tuple[int, int, set[str]]:
        """Play all; how many entry points and callbacks were called, and what was reached."""
        entries = callbacks = 0
        reached: set[str] = set()
        for one in self.scenarios:
            play, monitor = self.play(one)
            if monitor.breaches or monitor.beyond:
                raise RuntimeError(f"the reference breaks {', '.join(monitor.breaches)}")
            entries += play.calls
            callbacks += sum(play.ndis.counts.values())
            reached |= monitor.reached
        return entries, callbacks, reached

    def record(self) -> list[Any]:
        """The calls of a round."""
        library = self.library()
        with Recorder(library) as recorder:
            self.round()
        return recorder.calls

    def library(self) -> Any:
        """The loaded library of the driver."""
        play, _ = self.play(self.scenarios[0])
        return play.target.library


def measured(library: Path, runs: int, rounds: int) -> Measured:
    """Play and bare loop by turns; the best processor seconds of each."""
    bench = DriverBench(library, runs)
    loaded = bench.library()
    bare = Bare(loaded, bench.record())
    judged_best = bare_best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        entries, callbacks, reached = bench.round()
        judged_best = min(judged_best, time.process_time() - start)
        listen(loaded, bare.callback)
        start = time.process_time()
        bare.run()
        bare_best = min(bare_best, time.process_time() - start)
        listen(loaded, loaded.callback)
    with Sampler() as sampler:
        for _ in range(rounds):
            bench.round()
    return Measured(
        len(bench.scenarios), entries, callbacks, judged_best, bare_best, sampler.shares(), len(reached)
    )


def in_child(sanitize: bool, runs: int, rounds: int) -> Measured:
    """The same in a process of its own, which the sanitizers need."""
    built = build(REFERENCE, BuildOptions(sanitize=sanitize))
    command = [sys.executable, __file__, str(built.library), str(runs), str(rounds)]
    env = {**os.environ, **built.env}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Measured(**json.loads(done.stdout))


def main(arguments: Sequence[str]) -> None:
    """Measure in this process, and print the numbers as JSON."""
    library, runs, rounds = arguments
    found = measured(Path(library), int(runs), int(rounds))
    print(json.dumps(dataclasses.asdict(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
