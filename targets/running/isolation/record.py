"""What is judged beside a target, on its way out: a pipe into which its process writes, read from here."""

from __future__ import annotations

import contextlib
import os
import sys

ROOM = 2**20
"""Bytes that a pipe is to hold, where the system lets it be so large: a run has less, and nobody reads until
it is over."""


class Record:
    """The reading end, with the other one in ``written`` until it is :meth:`given`."""

    def __init__(self) -> None:
        self.end, self.written = os.pipe()
        for end in (self.end, self.written):
            os.set_blocking(end, False)
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):
                fcntl.fcntl(self.end, fcntl.F_SETPIPE_SZ, ROOM)

    def given(self) -> None:
        """Another process has the writing end."""
        os.close(self.written)

    def read(self) -> bytes:
        """All that has come, or, from who does not stop, more than ROOM."""
        came = b""
        with contextlib.suppress(BlockingIOError):
            while len(came) <= ROOM and (more := os.read(self.end, ROOM)):
                came += more
        return came

    def close(self) -> None:
        """Close it."""
        os.close(self.end)
