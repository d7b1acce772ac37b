"""A run is judged where the target is, and what is judged goes out of its process as it happens.

It goes through a pipe, from which nothing can be taken back; the checker judges it once more, out of the
target's reach. What passes are rows of words: how many numbers follow, the number of an event (WRITES: none),
and its parameters; or, of what was written into the world, which words of it and what is in them now.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable
from typing import Any

from ....model.chimney.state import World
from ..hand_back import HandBack
from .fast_monitor import FastMonitor
from .monitor_library import MonitorLibrary

WRITES = -1


class TellingMonitor(FastMonitor):
    """Tells what it judges, into *pipe*. ``untold``: the pipe took no more of it."""

    def __init__(self, library: MonitorLibrary, run: Any, blocks: int, conns: int, pipe: int) -> None:
        super().__init__(library, run, blocks, conns)
        self.pipe = pipe
        self.untold = False
        self._before: bytes | None = None  # the world, before something was written into it
        self._happens = self._tells

    def begins(self, first: World, blocks: int) -> None:
        """The run begins in another world."""
        self._is_written()
        super().begins(first, blocks)

    def goes_on(self, cycle: int, begins: Callable[[World], World], blocks: int) -> None:
        """The next cycle begins, in the world that *begins* makes of this one."""
        self._is_written()
        super().goes_on(cycle, begins, blocks)

    def hands_back(self, written: HandBack) -> None:
        """NdisMTerminateOffloadComplete, the first time."""
        self._is_written()
        super().hands_back(written)

    def _is_written(self) -> None:
        self._before = self._before or self.state()

    def _tells(self, run: Any, number: int, *parameters: int) -> None:
        row = array("q", (len(parameters), number, *parameters))
        if self._before:
            old, new = array("q", self._before), array("q", self.state())
            words = [word for k in range(len(new)) if old[k] != new[k] for word in (k, new[k])]
            row, self._before = array("q", (len(words), WRITES, *words)) + row, None
        try:
            self.untold |= os.write(self.pipe, row) < len(row) * row.itemsize
        except OSError:
            self.untold = True
        self.library.happens(run, number, *parameters)


def judged_again(judge: FastMonitor, told: bytes) -> list[str]:
    """Have a monitor that stands where the run began judge what was told; the names of what happened.

    Raises ValueError, LookupError, TypeError or OverflowError for what no monitor tells.
    """
    library, run, names, at = judge.library, judge.run, list[str](), 0
    rows, named = array("q", told), library.named
    while at < len(rows):
        count, number = rows[at : at + 2]
        row, at = rows[at + 2 : at + 2 + max(0, count)], at + 2 + count
        if len(row) != count:
            raise ValueError(f"there are no {count} numbers")
        if number == WRITES:
            world = library.words(run)
            for k, word in zip(row[::2], row[1::2], strict=True):
                world[k] = word
            run.judged = False  # now everything is
        elif 0 <= number < len(named):
            library.happens(run, number, *row)
            names.append(named[number])
        else:
            raise ValueError(f"there is no event {number}")
    return names
