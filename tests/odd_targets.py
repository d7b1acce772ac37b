"""Targets that do to their process what no target may; each does it when a segment arrives."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chimneysweep.targets.chimney.python.reference_target import Reference


class Exits(Reference):
    """Ends the process, and says something before."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        print("I am leaving \x1b[31m", flush=True)
        os._exit(3)


class Faults(Reference):
    """Reads at address 0."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        ctypes.string_at(0)


class Aborts(Reference):
    """Calls abort()."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        os.abort()


class Recurses(Reference):
    """Uses all of the stack, where Python does not count."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        sys.setrecursionlimit(10**9)
        deep: list[Any] = []
        for _ in range(10**6):
            deep = [deep]
        repr(deep)


class Loops(Reference):
    """Loops in Python."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        while True:
            pass


class LoopsInC(Reference):
    """Loops in C, where no exception of Python's can be raised."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        sum(itertools.repeat(1))


class Closes(Reference):
    """Closes every file of the process."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        os.closerange(0, 200)


class Scribbles(Reference):
    """Writes into every file of the process."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        for number in range(3, 200):
            try:
                os.write(number, b"mine " * 20)
            except OSError:
                continue


class KillsParent(Reference):
    """Kills the process that it was forked from."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)


class Interrupts(Reference):
    """Raises what Ctrl-C does."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        raise KeyboardInterrupt


class Forks(Reference):
    """Forks, and both go on."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Does what is right, twice."""
        os.fork()
        super().segment_arrives(context, segment)


class DiesOnce(Reference):
    """Dies if it never did before; a file remembers."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave, the first time."""
        mark = Path(os.environ["ODD_TARGET_MARK"])
        if not mark.exists():
            mark.touch()
            os._exit(3)
        super().segment_arrives(context, segment)


class DiesInAnotherWay(Reference):
    """Dies, and of something else where it did so ten times before; a file counts."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        mark = Path(os.environ["ODD_TARGET_MARK"])
        with mark.open("a", encoding="ascii") as file:
            file.write("x")
        if mark.stat().st_size > 10:
            os.abort()
        os._exit(3)


class Speechless(Reference):
    """Raises what cannot be told."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        raise WithoutWords


class WithoutWords(Exception):
    """Its message raises, too."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class HangsOpenly(Reference):
    """Loops in C, and a file says that it does."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        Path(os.environ["ODD_TARGET_MARK"]).touch()
        sum(itertools.repeat(1))


class Prints(Reference):
    """Breaks a clause, and prints."""

    def _finish(self, tree: Any) -> None:
        print("handing back")
        print("to stderr", file=sys.stderr)


class Remembers(Reference):
    """Counts the runs of its process, and breaks a clause in every third."""

    runs = 0

    def _finish(self, tree: Any) -> None:
        Remembers.runs += 1
        print(f"run {Remembers.runs} of this process", flush=True)
        if Remembers.runs < 3:
            super()._finish(tree)


class Eats(Reference):
    """Takes more and more memory."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        held: list[bytes] = []
        while True:
            held.append(b"x" * 2**20)
            time.sleep(0.001)


class OpensFiles(Reference):
    """Opens files until there are no more, and keeps them."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        self.held = []
        try:
            while True:
                self.held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            super().segment_arrives(context, segment)


class Stops(Reference):
    """Stops the process, which then neither runs nor ends."""

    def segment_arrives(self, context: Any, segment: Any) -> None:
        """Misbehave."""
        os.kill(os.getpid(), signal.SIGSTOP)


class Leaves(Reference):
    """Starts a process that leads a session of its own, stops it, and breaks a clause."""

    def _finish(self, tree: Any) -> None:
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        other = subprocess.Popen(command, start_new_session=True)
        os.kill(other.pid, signal.SIGSTOP)
        print(other.pid)
