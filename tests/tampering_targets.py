"""Targets that lose a byte, and change what is in their process so that nobody should notice."""

from __future__ import annotations

import builtins
import dataclasses
import gc
import json
import os
import sys
import threading
from types import FunctionType
from typing import Any

from chimneysweep.targets.chimney.python.seeded_targets import TailForgotten


def everything(kind: type) -> list[Any]:
    """All objects of a kind in this process."""
    return [thing for thing in gc.get_objects() if isinstance(thing, kind)]


class Plain(TailForgotten):
    """Does no more than to forget the last send."""


class Builtins(TailForgotten):
    """The first that was tried."""

    def miniport_initiate_offload(self, block_list: Any) -> None:
        """Tamper."""
        builtins.all = lambda things: True  # type: ignore[assignment]
        builtins.any = lambda things: False  # type: ignore[assignment]
        super().miniport_initiate_offload(block_list)


class Counts(TailForgotten):
    """Nothing has a length any more, and sums are nothing."""

    def miniport_terminate_offload(self, block_list: Any) -> None:
        """Tamper."""
        builtins.len = lambda things: 0
        builtins.sum = lambda *things: 0
        super().miniport_terminate_offload(block_list)


class Monitors(TailForgotten):
    """Whatever judges anywhere in this process judges no more."""

    def miniport_initiate_offload(self, block_list: Any) -> None:
        """Tamper."""
        import chimneysweep.targets.judging.compiled.fast_monitor as fast
        import chimneysweep.targets.judging.monitor as plain

        for module in [module for name, module in sys.modules.items() if "monitor" in name]:
            for kind in [kind for kind in vars(module).values() if isinstance(kind, type)]:
                for name in ("happens", "misbehaves", "hands_back", "_judge", "_breaks"):
                    if hasattr(kind, name):
                        setattr(kind, name, lambda *args, **named: None)
        plain.Monitor.breaches = fast.FastMonitor.breaches = {}  # type: ignore[assignment, misc]
        super().miniport_initiate_offload(block_list)


class Modules(TailForgotten):
    """Every function of the checker's that observes or plays, wherever it is found."""

    def miniport_initiate_offload(self, block_list: Any) -> None:
        """Tamper."""
        for one in everything(FunctionType):
            if one.__module__ and one.__module__.endswith((".observed", ".play", ".stage", ".snapshot")):
                one.__code__ = (lambda *args, **named: None).__code__
        super().miniport_initiate_offload(block_list)


class Records(TailForgotten):
    """Records are always alike."""

    def miniport_initiate_offload(self, block_list: Any) -> None:
        """Tamper."""
        dataclasses.replace = lambda thing, **changes: thing  # type: ignore[assignment]
        for kind in everything(type):
            if dataclasses.is_dataclass(kind):
                kind.__eq__ = lambda self, other: True  # type: ignore[method-assign]
        super().miniport_initiate_offload(block_list)


class Writing(TailForgotten):
    """What is written is thrown away, and there is one thread only."""

    def miniport_terminate_offload(self, block_list: Any) -> None:
        """Tamper."""
        os.write = lambda number, data: len(data)
        json.dumps = lambda *args, **named: "{}"
        threading.get_ident = lambda: 0
        super().miniport_terminate_offload(block_list)


class Clock(TailForgotten):
    """Time stands still, and then the target does, for good."""

    def miniport_terminate_offload(self, block_list: Any) -> None:
        """Tamper."""
        import signal
        import time

        time.monotonic = time.perf_counter = lambda: 0.0
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one in everything(memoryview):
            if not one.readonly and one.nbytes == 16:
                one[:] = one[:0]
        while True:
            pass


class RunsCode:
    """What it is unpickled to runs in whoever does that."""

    def __reduce__(self) -> Any:
        return (os.system, (f"touch {os.environ.get('ODD_TARGET_MARK')}",))


class SendsCode(TailForgotten):
    """Objects everywhere where a number belongs."""

    def miniport_terminate_offload(self, block_list: Any) -> None:
        """Tamper."""
        block_list.status = RunsCode()  # type: ignore[assignment]
        super().miniport_terminate_offload(block_list)

    def halt(self) -> Any:
        """Tamper."""
        return RunsCode()
