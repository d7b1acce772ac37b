"""A call that does not return: stopping it, wherever it runs.

In the main thread of a POSIX system an alarm interrupts even a sleeping call. Elsewhere a
second thread has an exception raised in the first, which works once Python code runs.

Known limitation: neither interrupts a C extension that never comes back to Python.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator
from types import FrameType

AGAIN = 0.05
"""Seconds until a target that swallowed the exception gets the next one."""


class Hung(BaseException):
    """Raised in a call that takes too long; no ``except Exception`` catches it."""


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise :class:`Hung` in the block once it has run for *seconds*, and again until it ends."""
    in_main = threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if in_main and hasattr(signal, "setitimer") else _second_thread(seconds):
        yield


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    armed = [True]

    def ring(number: int, frame: FrameType | None) -> None:
        if armed:
            raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        armed.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _second_thread(seconds: float) -> Iterator[None]:
    done, lock = threading.Event(), threading.Lock()
    caller = ctypes.c_ulong(threading.get_ident())
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def wait() -> None:
        pause = seconds
        while not done.wait(pause):
            with lock:
                if not done.is_set():
                    interrupt(caller, ctypes.py_object(Hung))
            pause = AGAIN

    threading.Thread(target=wait, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            done.set()
            interrupt(caller, None)
