"""A call that does not return: stopping it, wherever it runs.

In the main thread of a POSIX system an alarm interrupts even a sleeping call. Elsewhere a
second thread has an exception raised in the first, which works once Python code runs.

Neither interrupts C code that never comes back to Python. That is seen from another process, by the
clock of that one.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from types import FrameType, TracebackType
from typing import Self

AGAIN = 0.05
"""Seconds until a target that swallowed the exception gets the next one."""


class Hung(BaseException):
    """Raised in a call that takes too long; no ``except Exception`` catches it."""


def starved(pid: int | str = "self") -> float:
    """Seconds that a process has been ready to run and waited for a processor; 0 where nobody counts them."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Patience:
    """How long a call may still take. The time in which its process waits for a processor does not count."""

    def __init__(self, seconds: float, pid: int | str = "self") -> None:
        self.seconds = seconds
        self.pid = pid
        self.since = 0.0
        self.waited = self.before = starved(pid)

    def left(self, since: float) -> float:
        """Seconds that the call that began at *since* still has; all of them if there is none (0)."""
        if since != self.since:
            self.since, self.before = since, self.waited
        self.waited = starved(self.pid)
        return since + self.seconds + (self.waited - self.before) - monotonic() if since else self.seconds


class Watch:
    """Watches over calls, one at a time: each may take *seconds*. Used in a ``with`` block, which arms it.

    ``since`` is when the call that is under way began (``time.monotonic``), 0 if there is none.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.since = 0.0
        self.patience = Patience(seconds)

    def enter(self) -> None:
        """A call begins."""
        self.since = monotonic()

    def leave(self) -> None:
        """The call is over."""
        self.since = 0.0

    def left(self) -> float:
        """Seconds until there could be a call that takes too long; negative if there is one."""
        return self.patience.left(self.since)

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError


def watch(seconds: float) -> Watch:
    """The watch that works in this thread, on this system."""
    in_main = threading.current_thread() is threading.main_thread()
    kind = _Alarm if in_main and hasattr(signal, "setitimer") else _SecondThread
    return kind(seconds)


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise :class:`Hung` in the block once it has run for *seconds*, and again until it ends."""
    with watch(seconds) as one:
        one.enter()
        try:
            yield
        finally:
            one.leave()


class _Alarm(Watch):
    def __enter__(self) -> Self:
        self.before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        left = self.left()
        signal.setitimer(signal.ITIMER_REAL, left if left > 0 else AGAIN)
        if left <= 0:
            raise Hung


class _SecondThread(Watch):
    def __enter__(self) -> Self:
        self.done, self.lock = threading.Event(), threading.Lock()
        self.caller = ctypes.c_ulong(threading.get_ident())
        threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done.set()
        self.leave()

    def leave(self) -> None:
        """The call is over, and an exception that was on its way to it is called back."""
        with self.lock:
            super().leave()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self.caller, None)

    def _wait(self) -> None:
        pause = self.seconds
        while not self.done.wait(pause):
            with self.lock:
                left = self.left()
                if left <= 0:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(self.caller, ctypes.py_object(Hung))
            pause = left if left > 0 else AGAIN
