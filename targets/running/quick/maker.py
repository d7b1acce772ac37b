"""The C of this room, compiled for the worlds of a monitor and kept in the user's cache folder."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path
from typing import Any

import cffi

from ...chimney.native.compiler import NDIS
from ...judging.compiled.monitor_library import MonitorLibrary
from ...machine.cache import Cache, digest
from ...machine.folder import Folder
from ...machine.refusal import BadTarget
from ...machine.toolchain import CompilerFailed, find_compiler
from .world_header import header

SOURCES = Path(__file__).with_name("src")
API = NDIS / "src"
DECLARED = (SOURCES / "quick.h").read_text(encoding="utf-8")
FLAGS = ("-std=gnu11", "-O2", "-g", "-fwrapv", "-fno-strict-aliasing", "-w", "-shared", "-fPIC")


KINDS = {
    name.lower().replace("_", " "): number
    for number, name in enumerate(re.findall(r"^    QUICK_(\w+),$", DECLARED, re.MULTILINE))
    if name != "KINDS"
}
"""The kinds of moves that are played here, and their numbers."""


class QuickLibrary:
    """The loaded library: functions and constants of src/quick.h."""

    def __init__(self, file: Path) -> None:
        self.ffi = cffi.FFI()
        self.ffi.cdef(DECLARED)
        self.lib: Any = self.ffi.dlopen(str(file))


def kept(monitor: MonitorLibrary, cache: Cache | None = None) -> QuickLibrary | None:
    """The library for a monitor, if it has been made before."""
    file = (cache or Cache()).kept(_name(header(monitor)))
    return QuickLibrary(file) if file else None


def make(monitor: MonitorLibrary, cache: Cache | None = None) -> QuickLibrary:
    """The same, made now if need be. Raises BadTarget or Failed where there is no compiler that works."""
    folder, text = Folder(), header(monitor)

    def compiled(into: Path) -> None:
        (folder.path / "world.h").write_text(text, encoding="utf-8")
        sources = [str(file) for file in sorted(SOURCES.glob("*.c"))]
        includes = [f"-I{place}" for place in (folder.path, SOURCES, API)]
        find_compiler().run([*FLAGS, *includes, *sources, "-o", str(into)])

    return QuickLibrary((cache or Cache()).file(_name(text), compiled, folder.path))


def prepared(monitor: MonitorLibrary) -> bool:
    """Make it for others, unless it is there already; whether it is."""
    try:
        make(monitor)
    except (BadTarget, CompilerFailed):
        return False
    return kept(monitor) is not None


def _name(text: str) -> str:
    sources = [file.read_bytes() for file in (*sorted(SOURCES.glob("*.[ch]")), API / "api.h")]
    return f"quick-{digest(sys.platform, platform.machine(), *FLAGS, text, *sources)}.so"
