"""What is measured: one engine on one instance of the real model, in a process of its own.

Times are processor seconds of the engine (building its formulas included, the encoding
of the system and the translation to bit-vectors not).
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import resource
import sys
import threading
import time
from typing import Any, Literal

LIMIT_SLACK = 120.0
"""Seconds for starting up and encoding, on a busy machine."""

Engine = Literal["bmc", "induction", "spacer"]


@dataclasses.dataclass(frozen=True)
class CellTime:
    """One measurement.

    ``sends`` is how many sends a run must complete (bounded search); ``one_by_one`` decides
    each claim by itself at each step (induction).
    """

    engine: Engine
    buffers: int
    bits: bool = False
    sends: int = 1
    pruning: bool = True
    preprocessing: bool = True
    blocks: int = 3
    connections: int = 1
    requests: int = 1
    one_by_one: bool = False


@dataclasses.dataclass(frozen=True)
class Reading:
    """What came of a cell: the seconds (None: the limit ran out) and the engine's answer."""

    seconds: float | None
    answer: str = ""

    def show(self, limit: float) -> str:
        return f"> {limit:g} s" if self.seconds is None else f"{self.seconds:.2f} s"


def children_spent() -> float:
    """Processor seconds of all that this process started and that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(cell: CellTime, limit: float) -> Reading:
    """Run a cell in a fresh process, for at most *limit* processor seconds."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(cell, limit, there), daemon=True)
    process.start()
    there.close()
    try:
        if here.poll(10 * limit + LIMIT_SLACK):
            seconds, answer = here.recv()
            return Reading(seconds, answer)
        return Reading(None, "stopped")
    except EOFError:
        process.join()
        return Reading(None, f"died (exit code {process.exitcode})")
    finally:
        process.kill()
        process.join()


def _child(cell: CellTime, limit: float, pipe: Any) -> None:
    sys.setrecursionlimit(20_000)
    stopwatch = Stopwatch()
    threading.Thread(target=_watch, args=(stopwatch, limit, pipe), daemon=True).start()
    from engines_measured import ENGINES

    try:
        answer = ENGINES[cell.engine](cell, stopwatch)
    except Exception as error:  # noqa: BLE001 - shown in the table
        pipe.send((None, f"{type(error).__name__}: {error}"))
    else:
        pipe.send((stopwatch.seconds(), answer))


class Stopwatch:
    """Processor seconds while it runs; used as a context."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = time.process_time()

    def __exit__(self, *error: object) -> None:
        self._spent, self._since = self.seconds(), None

    def seconds(self) -> float:
        """What was spent so far."""
        since = self._since
        return self._spent + (time.process_time() - since if since is not None else 0.0)


def _watch(stopwatch: Stopwatch, limit: float, pipe: Any) -> None:
    """Ends the process when the limit has run out: Z3 does not always look at its clock."""
    while stopwatch.seconds() <= limit:
        time.sleep(0.1)
    pipe.send((None, "out of time"))
    os._exit(0)
