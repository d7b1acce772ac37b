"""The built library, loaded: its functions, and what it tells while they run.

What Python raises while the driver is being listened to does not travel through C: the
library is told to leave the driver where it stands, and the exception is raised again when
the call into C has returned.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import cffi

from ...machine.refusal import BadTarget
from .compiler import NDIS

Hearer = Callable[[list[int], bytes], int | None]
"""Takes the words and bytes of an event, and returns what the event asks for."""

ABANDON = -1
MOST_PLACES = 2**16
"""Places of a driver's code that are told apart in one run."""
CALLBACK = "int64_t(int32_t, const int64_t *, int32_t, const char *, int64_t)"


class DriverLibrary:
    """One driver in this process. ``lib`` has the functions and constants of ndis/src/api.h.

    ``keeps``: all that the driver and our NDIS hold can be kept, and put back.
    """

    tells_layouts = True
    """Whether it can be asked how the host's data lies in memory."""

    def __init__(self, path: Path, keeps: bool = False) -> None:
        _check_runtime(path)
        self.path = path
        self.ffi = cffi.FFI()
        self.ffi.cdef((NDIS / "src" / "api.h").read_text(encoding="utf-8"))
        try:
            self.lib: Any = self.ffi.dlopen(str(path.resolve()), self.ffi.RTLD_NOW)
        except OSError as error:
            raise BadTarget(f"{path} cannot be loaded: {error}") from None
        self.keeps = keeps and not sanitizer_runs() and bool(self.lib.chs_arena())
        self._array = self.ffi.typeof("int64_t[]")
        self.events = self._names("enum chs_event")
        """The names of the events, by number."""
        rules = self._names("enum chs_rule")
        self.rules = [f"target.{name.removeprefix('CHS_').lower().replace('_', '-')}" for name in rules]
        """The rules that have a name of their own, by number."""
        self.hearers: Sequence[Hearer] = ()
        self._raised: BaseException | None = None
        self._covered: Any = None
        self.callback = self.ffi.callback(CALLBACK, self._told, error=ABANDON, onerror=self._failed)

    def _names(self, kind: str) -> list[str]:
        names = self.ffi.typeof(kind).elements
        return [names[number] for number in sorted(names)]

    def call(self, function: Any, *args: Any) -> Any:
        """Call a function of the library; raises what was raised while the driver was listened to."""
        result = function(*args)
        if self._raised is not None:
            error, self._raised = self._raised, None
            raise error
        return result

    def fails(self, error: BaseException) -> None:
        """The driver is to be left where it stands, and the call that is made raises this."""
        self._raised = error

    def words(self, values: Sequence[int]) -> Any:
        """An array for the library."""
        return self.ffi.new(self._array, values)

    def room(self, count: int) -> Any:
        """An array for the library to fill."""
        return self.ffi.new(self._array, count)

    def covered(self) -> tuple[int, ...]:
        """What ran of the driver since the last call, as chs_covered tells it."""
        return self._places(self.lib.chs_covered)

    def coverable(self) -> tuple[int, ...]:
        """Every place of the driver that could be told."""
        return self._places(self.lib.chs_coverable)

    def remembered(self) -> tuple[int, int] | None:
        """All that the driver remembers, in brief; None if not all of it is known."""
        digest = self.ffi.new("uint64_t[2]")
        return tuple(digest) if self.lib.chs_remembered(digest) else None

    def _places(self, function: Any) -> tuple[int, ...]:
        if self._covered is None:
            self._covered = self.ffi.new("uint32_t[]", MOST_PLACES)
        return tuple(self.ffi.unpack(self._covered, function(self._covered, MOST_PLACES)))

    def _told(self, event: int, words: Any, count: int, data: Any, size: int) -> int:
        if self._raised is not None:
            return ABANDON
        said = self.ffi.unpack(words, count) if count else []
        return self.hearers[event](said, self.ffi.buffer(data, size)[:] if size else b"") or 0

    def _failed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._raised = error


def sanitizer_runs() -> bool:
    """Whether AddressSanitizer's runtime is in this process."""
    return hasattr(ctypes.CDLL(None), "__asan_init")


def _check_runtime(path: Path) -> None:
    """A library with AddressSanitizer ends a process that was started without it."""
    try:
        needs = b"libasan.so" in path.read_bytes() or b"libclang_rt.asan" in path.read_bytes()
    except OSError as error:
        raise BadTarget(f"{path} cannot be read: {error.strerror}") from None
    if needs and not sanitizer_runs():
        raise BadTarget(
            f"{path} is built with AddressSanitizer: the process must be started with it in LD_PRELOAD"
        )


def decoded(data: bytes) -> str:
    """What the driver's side says in words."""
    return data.decode("utf-8", errors="replace")
