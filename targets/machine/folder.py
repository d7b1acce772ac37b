"""A temporary folder that lasts as long as the object that stands for it, and what a killed checker left.

Whoever made a folder holds a lock on a file in it, which the system lets go when that process ends, however
it ends. A folder without a holder belongs to nobody: the next checker deletes it, and ends the processes that
were started for it, which carry its path in their environment.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

PREFIX = "chimneysweep-"
HELD = ".held"
"""The file that is locked."""
YOUNG = 60.0
"""Seconds in which a new folder is left alone: its maker may not have locked it yet."""
MARK = "CHIMNEYSWEEP_FOLDER"
"""The environment variable of a process that was started for a folder: its path."""


class Folder:
    """A new folder at ``path``; it is deleted with this object, or when the process that made it ends."""

    def __init__(self) -> None:
        _sweep_once(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.delete = weakref.finalize(self, _remove, self.path, os.getpid(), held(self.path / HELD))
        """Delete it now."""

    def environment(self) -> dict[str, str]:
        """What marks a process as started for this folder."""
        return {MARK: str(self.path)}


def held(file: Path) -> int:
    """Hold the file; the descriptor that does, -1 if somebody else holds it, or where there are no locks."""
    number = -1
    try:
        import fcntl

        number = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        if number >= 0:
            os.close(number)
        return -1
    return number


def _remove(path: Path, maker: int, holds: int) -> None:
    if os.getpid() == maker:  # a forked child has a copy of the object, and the same folder
        end_processes(path)
        shutil.rmtree(path, ignore_errors=True)
    if holds >= 0:
        with contextlib.suppress(OSError):
            os.close(holds)


@functools.cache
def _sweep_once(place: Path) -> None:
    sweep(place)


def sweep(place: Path) -> None:
    """Delete the folders in *place* whose makers are no more, and end what was started for them."""
    for path in place.glob(f"{PREFIX}*"):
        if _is_abandoned(path / HELD):
            end_processes(path)
            shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(file: Path) -> bool:
    """Whether the lock is there, is this user's, and nobody holds it."""
    if not hasattr(os, "getuid") or not file.is_file() or file.stat().st_uid != os.getuid():
        return False
    if time.time() - file.stat().st_mtime < YOUNG:
        return False
    number = held(file)
    if number >= 0:
        os.close(number)
    return number >= 0


def end_processes(path: Path) -> None:
    """Kill every process that was started for the folder *path*, one that was stopped included."""
    wanted = f"{MARK}={path}".encode()
    for pid, environment in _environments():
        if wanted in environment and pid != os.getpid():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    """The processes of this user, each with its environment; none where the system does not tell."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(entry.name), (entry / "environ").read_bytes().split(b"\0")
