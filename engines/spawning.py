"""Worker processes that never run their user's script again.

A process that is spawned runs the main module of its parent once more, for whatever is defined there.
None of our jobs is, and a script that begins a check at its top level would begin it again in each worker.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from typing import Any

_STARTING = threading.Lock()
MAIN = "__main__"


@contextlib.contextmanager
def _main_set_aside() -> Iterator[None]:
    """As long as this lasts the main module is one without a file, as at a prompt."""
    with _STARTING:
        main = sys.modules[MAIN]
        sys.modules[MAIN] = types.ModuleType(MAIN)
        try:
            yield
        finally:
            sys.modules[MAIN] = main


class _Process(SpawnProcess):
    """A spawned process that knows nothing of its parent's main module."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the name that multiprocessing calls
        with _main_set_aside():
            return SpawnProcess._Popen(process_obj)


class WorkerContext(SpawnContext):
    """What worker processes are started with."""

    Process = _Process


def alone() -> bool:
    """Whether this process has one thread only, the solver's counted, so that a copy of it can work on."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


class _Copy(_Process):
    """A copy of this process where there can be one; else a spawned one."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the name that multiprocessing calls
        if alone():
            from multiprocessing.popen_fork import Popen

            return Popen(process_obj)
        return _Process._Popen(process_obj)


class CopyContext(WorkerContext):
    """What workers are started with that are to have what this process has loaded and built."""

    Process = _Copy
