"""How fast ``conform --explore`` searches the states of the C reference, beside SPIN and a bare loop.

A *driver call* is a call of an entry point, or one that the driver makes of NDIS or the wire. The bare loop
makes the calls that a search made of the library, with nobody judging and no states told apart.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tape import Bare, Recorder, TapedCall, listen
from throughput import REFERENCE

from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.alphabet import ALL, Within, alphabet
from chimneysweep.targets.campaign.explore import Exploration
from chimneysweep.targets.chimney.built_in import MINIPORTS
from chimneysweep.targets.chimney.miniports.patched import patches
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.driver_library import DriverLibrary
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.native.native_target import LOADED
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.machine.toolchain import find_compiler
from chimneysweep.targets.running.branching import Branch, Edge, Expand, Expanded, Moves, expand
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.explorer import Explorer
from chimneysweep.targets.running.launch import How, launch
from chimneysweep.targets.running.quick.maker import prepared
from chimneysweep.targets.running.sweep import Counts, Sweep, Swept, Ways

RECORDED = 2
"""Moves of the runs whose calls are made again by the bare loop."""
FEWER, AGAIN, SEEDED = 6, 4, 2
"""Moves of runs whose host and wire are in Python, of those that are played up to each state again, and of
those that look for bugs in buggy drivers."""
ROUNDS = 5
"""Of the bare loop, of which the best counts."""
MODEL = Path(__file__).with_name("handoff.pml")
NO_CALLS = ("keep", "put_back", "remembered", "numbered", "asked", "abandon", "build", "forget")
"""Functions of the library that call no driver."""
BESIDES = ("chs_remembered", "chs_numbered", "chs_asked")
"""Those that a bare loop leaves out: what they tell is for the search alone."""


@dataclasses.dataclass
class SearchRow:
    """One search: how it was made, what was visited, in how many seconds, with how many driver calls."""

    says: str
    states: int
    transitions: int
    seconds: float
    calls: int = 0

    def cells(self) -> list[str]:
        """The row of a table; a number that is not known is a dash."""
        rate = f"{self.calls / self.seconds:,.0f}" if self.calls else "-"
        counts = (f"{n:,}" for n in (self.states, self.transitions))
        return [self.says, *counts, f"{self.seconds:.2f}", f"{self.states / self.seconds:,.0f}", rate]


@dataclasses.dataclass
class SearchesCompared:
    """The searches, the calls a second of the bare loop, and the ratio to it; why there is no row of SPIN.

    Of so many ``seeded`` drivers in C those that were ``missed``: short runs with every move break nothing.
    """

    moves: int
    rows: list[SearchRow]
    bare: float
    ratio: float
    lacks: str = ""
    seeded: int = 0
    missed: tuple[str, ...] = ()


class _Counting(DriverLibrary):
    """Counts what the driver calls."""

    heard = 0

    def _told(self, event: int, words: Any, count: int, data: Any, size: int) -> int:
        self.heard += 1
        return super()._told(event, words, count, data, size)


class _Runner:
    """Expands states in this process, as the process of a target does."""

    def __init__(self, made: Any) -> None:
        self.explorer = Explorer(made, SubjectRef())

    def expand(self, request: Expand) -> Expanded:
        """All ways on from a state."""
        return expand(request, functools.partial(self.explorer._branch, request, lambda said: None))

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept:
        """All ways on from many states."""
        quick = self.explorer._quick(sweep.request(ways))
        found = quick.sweep(ways, sweep, lambda: None) if quick else None
        if found is None or None in found.told():
            raise RuntimeError("the reference is not played at the speed of C")
        return found


def _searched(
    runners: list[Any], moves: int, clock: Callable[[], float], says: str, quick: bool = False
) -> SearchRow:
    within = Within.of({"moves": moves})
    calls = 0

    def hears(before: Moves, edge: Edge) -> None:
        nonlocal calls
        calls += edge.calls

    def counts(many: Counts) -> None:
        nonlocal calls
        calls += many.calls + many.made

    tells = counts if quick else None
    search = Exploration(runners, within, alphabet(within), 5.0, hears, lambda text: None, tells)
    start = clock()
    search.run()
    seconds = clock() - start
    if search.broken or search.apart or search.explored.stopped:
        raise RuntimeError(f"the reference was not explored: {search.explored}, {search.broken}")
    return SearchRow(says, search.explored.states, search.explored.transitions, seconds, calls)


def _driver_calls(calls: list[TapedCall]) -> int:
    """Calls of entry points, and calls that the driver makes meanwhile."""
    found = 0
    for call in calls:
        found += call.name.removeprefix("chs_") not in NO_CALLS
        for event in call.heard:
            found += 1 + _driver_calls(event.calls)
    return found


@contextmanager
def _played_again() -> Iterator[None]:
    """Nothing is put back in this block: each run is played from the start."""
    keeper = Branch._keeper
    Branch._keeper = lambda branch: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        Branch._keeper = keeper  # type: ignore[method-assign]


def inside(library: Path, moves: int) -> dict[str, Any]:
    """The searches in this process and the bare loop, in processor seconds."""
    made: Any = factory(library, opens=functools.partial(_Counting, keeps=True))
    made.library.heard = 0
    clock = time.process_time
    make_ready()
    fast = _searched([_Runner(made)], moves, clock, "at the speed of C, in one process", quick=True)
    made.library.heard = 0
    fewer = min(moves, FEWER)
    back = _searched([_Runner(made)], fewer, clock, f"host and wire in Python, {fewer} moves")
    back.calls += made.library.heard
    with _played_again():
        made.library.heard = 0
        most = min(moves, AGAIN)
        says = f"playing up to each state again, {most} moves"
        again = _searched([_Runner(made)], most, clock, says)
    again.calls += made.library.heard
    lib = made.library.lib
    with Recorder(made.library) as recorder:
        _begins_with(made.library, lib, recorder._callback)
        _searched([_Runner(made)], RECORDED, clock, "")
    made_calls = _driver_calls(recorder.calls)
    bare = Bare(made.library, [call for call in recorder.calls if call.name not in BESIDES])
    _begins_with(made.library, lib, bare.callback)
    seconds = min(_seconds(bare, clock) for _ in range(ROUNDS))
    return {"rows": [dataclasses.asdict(row) for row in (fast, back, again)], "bare": made_calls / seconds}


def _seconds(bare: Bare, clock: Callable[[], float]) -> float:
    start = clock()
    bare.run()
    return clock() - start


def make_ready() -> None:
    """Compile what judges, and what plays at the speed of C."""
    compiled, within = Compiled(Maker(JUDGED), make=True), Within()
    monitor = compiled.monitor(within.empty(), within.bounds())
    if monitor is None or not prepared(monitor.library):
        raise RuntimeError("no C compiler")


def _begins_with(library: DriverLibrary, lib: Any, callback: Any) -> None:
    """Every run begins with the driver as it was loaded, and with this one to listen to it."""
    lib.chs_put_back(LOADED)
    listen(library, callback)
    lib.chs_keep(LOADED)


def processes(moves: int, count: int) -> SearchRow:
    """The search as a user has it, in so many processes of the target: seconds by the clock."""
    with ExitStack() as stack:
        runners = [stack.enter_context(launch(str(REFERENCE), How(sanitize=False))) for _ in range(count)]
        one = "one process" if count == 1 else f"{count} processes"
        row = _searched(runners, moves, time.perf_counter, f"as a user has it, {one}", quick=True)
        return dataclasses.replace(row, calls=0)  # of what it calls in those processes nobody knows here


def missed(names: Sequence[str]) -> Iterator[str]:
    """The buggy drivers of which no short run breaks anything, whatever moves it has."""
    within = Within.of({"moves": SEEDED, "alphabet": [ALL]})
    for name in names:
        broken = list[tuple[str, ...]]()

        def hears(before: Moves, edge: Edge, broken: list[tuple[str, ...]] = broken) -> None:
            broken.append(edge.breaches)

        with launch(f"{MINIPORTS}{name}", How(sanitize=False)) as runner:
            Exploration([runner], within, alphabet(within), 5.0, hears, lambda text: None).run()
        if not any(broken):
            yield name


def spin() -> SearchRow | str:
    """What SPIN reaches on a model of comparable size; or why it cannot be asked."""
    if not shutil.which("spin"):
        return "spin is not installed (apt-get install spin)"
    with tempfile.TemporaryDirectory() as folder:
        commands = (
            ["spin", "-a", str(MODEL)],
            [*find_compiler().command, "-O2", "-w", "-DSAFETY", "-o", "pan", "pan.c"],
            ["./pan", "-m100000"],
        )
        start = 0.0
        for command in commands:
            start = time.perf_counter()
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                return f"{command[0]} fails: {(done.stderr or done.stdout).strip()[:200]}"
        seconds = time.perf_counter() - start
    states, transitions = (
        re.search(rf"(\d+) {what}", done.stdout) for what in ("states, stored", "transitions")
    )
    if not states or not transitions or "errors: 0" not in done.stdout:
        return f"SPIN says something else: {done.stdout.strip()[:200]}"
    return SearchRow("SPIN on benchmarks/handoff.pml", int(states[1]), int(transitions[1]), seconds)


def loops(moves: int) -> tuple[list[SearchRow], float]:
    """The searches of one process, and the bare loop's calls a second; in a process of its own."""
    library = factory(REFERENCE, BuildOptions(sanitize=False))
    assert library.built
    command = [sys.executable, __file__, str(library.built.library), str(moves)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)
    return [SearchRow(**row) for row in found["rows"]], found["bare"]


def searched(moves: int) -> tuple[list[list[str]], dict[str, float]]:
    """What the search loop makes beside a bare loop of the calls of a search, as lines of two and as data."""
    searches, bare = loops(moves)
    rate = searches[0].calls / searches[0].seconds
    lines = [
        [
            f"search loop ({searches[0].states:,} states): driver calls a second, all clauses judged",
            f"{rate:,.0f}",
        ],
        ["search loop: driver calls a second, bare loop of the calls of a search", f"{bare:,.0f}"],
        ["search loop: ratio", f"{bare / rate:.1f}"],
    ]
    return lines, {"search": rate, "bare": bare}


def compared(moves: int) -> SearchesCompared:
    """All of it."""
    rows, bare = loops(moves)
    rate = rows[0].calls / rows[0].seconds
    rows += [processes(moves, count) for count in (1, 2)]
    yardstick = spin()
    lacks = yardstick if isinstance(yardstick, str) else ""
    rows += [] if isinstance(yardstick, str) else [yardstick]
    seeded = patches()
    return SearchesCompared(moves, rows, bare, bare / rate, lacks, len(seeded), tuple(missed(seeded)))


if __name__ == "__main__":
    print(json.dumps(inside(Path(sys.argv[1]), int(sys.argv[2]))))
