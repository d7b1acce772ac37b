"""Who called: the lines of the target's own source on the stack of this moment, as a report has them.

A Python target's frames are Python's. A driver's are found below them on the C stack, as addresses; the
parent gives them names (:mod:`.symbols`), for the runs that are told.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import traceback
from collections.abc import Iterator
from types import CodeType
from typing import Any

from ...chimney.native.native_target import NativeTarget
from ..symbols import FOREIGN
from .frames import is_own

DEEPEST = 200
"""Frames of the C stack that are looked at: Python's own lie between the driver's and us."""


def stack() -> tuple[str, ...]:
    """The target's innermost Python frame; if there is none, the addresses in what is not Python's."""
    own = next((line for line in _python() if line), "")
    return (own,) if own else tuple(_addresses())


def entry(target: object, name: str) -> tuple[str, ...]:
    """Where the target's own function begins that has this name in its interface; nothing if it has none."""
    if isinstance(target, NativeTarget):
        return tuple(_instruction(target.entry_address(name)))
    code = getattr(getattr(target, name, None), "__code__", None)
    line = _of_code(code, code.co_firstlineno) if isinstance(code, CodeType) else ""
    return (line,) if line else ()


def _python() -> Iterator[str]:
    """A line for each own frame: of the exception that is being told, then of the stack."""
    raised = sys.exc_info()[2]
    for frame, number in reversed(list(traceback.walk_tb(raised))):
        yield _of_code(frame.f_code, number)
    for frame, number in traceback.walk_stack(sys._getframe(1)):
        yield _of_code(frame.f_code, number)


def _of_code(code: CodeType, number: int) -> str:
    return f'File "{code.co_filename}", line {number} in {code.co_name}' if is_own(code.co_filename) else ""


class _Info(ctypes.Structure):
    """Dl_info of <dlfcn.h>."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("at", ctypes.c_void_p),
    )


@functools.cache
def _library() -> Any:
    """The C library, None if it cannot walk a stack."""
    found: Any = ctypes.CDLL(None) if sys.platform != "win32" else None
    if not (hasattr(found, "backtrace") and hasattr(found, "dladdr")):
        return None
    found.dladdr.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Info))
    return found


def _addresses() -> Iterator[str]:
    library = _library()
    if library is not None:
        room = (ctypes.c_void_p * DEEPEST)()
        for address in room[: library.backtrace(room, DEEPEST)]:
            yield from _instruction((address or 1) - 1)  # it is where it goes on after the call


def _instruction(address: int) -> Iterator[str]:
    """A line for an instruction of the target's."""
    library, info = _library(), _Info()
    known = library and library.dladdr(address, ctypes.byref(info)) and info.file and info.base
    module = info.file.decode("utf-8", "replace") if known else ""
    if module.startswith("/") and not module.startswith(FOREIGN):
        yield f"#0 {address:#x} ({module}+{address - info.base:#x})"
