"""The compiled monitor as a loaded library."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cffi

from ....counterexamples.trace import Violation
from ....model.bounds import Bounds
from ....model.chimney.careful import as_careful
from ....model.chimney.handover import CompletesAgain, NdisMTerminateOffloadComplete
from ....model.chimney.state import World
from ....properties.property import Property
from ..monitor import Breach
from .layout import WORD, store
from .program_interface import PLACES, described

CALLED = {CompletesAgain.name: NdisMTerminateOffloadComplete.name}
"""What has another name in a run than in the program."""


class MonitorLibrary:
    """A monitor for all worlds that fit into *bounds*."""

    def __init__(self, file: Path, bounds: Bounds, properties: Sequence[Property]) -> None:
        self.bounds = bounds
        self.properties = tuple(properties)
        self.ffi = cffi.FFI()
        self.ffi.cdef("extern const char described[];")
        probe: Any = self.ffi.dlopen(str(file))
        self.declarations, entries = described(self.ffi.string(probe.described).decode())
        self.events = {
            name: (*e[:3], (0,) * (len(PLACES) - len(e.parameters))) for name, e in entries.items()
        }
        self.named = self._by_number()
        self.ffi.cdef(self.declarations)
        self._loaded: Any = self.ffi.dlopen(str(file))
        self.happens, self.possible = self._loaded.happens, self._loaded.possible
        self._images: dict[Any, Any] = {}
        self._named = functools.lru_cache(maxsize=4096)(self._these)

    def _by_number(self) -> list[str]:
        """The name of each event of the program, as a run has it."""
        named = list[str]()
        for number, name in sorted((entry[0], name) for name, entry in self.events.items()):
            named += named[-1:] * (number - len(named))  # the one before has so many choices
            named.append(CALLED.get(name, name))
        return named

    def start(self, key: object, first: Callable[[], World]) -> Any:
        """A run whose world is ``first()``, or what that was when *key* was passed before."""
        if key not in self._images:
            self._images[key] = self._image(first())
        run = self.ffi.new("Run *")
        self.ffi.memmove(run, self._images[key], self.ffi.sizeof("Run"))
        return run

    def _image(self, first: World) -> Any:
        run = self.ffi.new("Run *")
        store(run.world, as_careful(first))
        return run

    def world(self, run: Any) -> bytes:
        """The world of a run, byte for byte."""
        return bytes(self.ffi.buffer(self.ffi.addressof(run, "world")))

    def words(self, run: Any) -> memoryview:
        """The world of a run, to be written to, in words of 8 bytes."""
        return memoryview(self.ffi.buffer(self.ffi.addressof(run, "world"))).cast("q")

    def whole(self, run: Any) -> bytes:
        """A run, byte for byte."""
        return bytes(self.ffi.buffer(run))

    def put(self, run: Any, whole: bytes) -> None:
        """A run is as it was then."""
        self.ffi.memmove(run, whole, len(whole))

    def reached(self, run: Any) -> frozenset[str]:
        """The properties that had something to say."""
        return self._named(tuple(run.reached))

    def _these(self, words: tuple[int, ...]) -> frozenset[str]:
        return frozenset(p.id for k, p in enumerate(self.properties) if words[k // WORD] >> k % WORD & 1)

    def breaches(self, run: Any) -> dict[str, Breach]:
        """The properties that broke, and after how many events each did first. Where and why is not known."""
        if not run.fails:
            return {}
        pairs = zip(self.properties, run.broken, strict=True)
        return {prop.id: Breach(at, _violation(prop)) for prop, at in pairs if at}


def _violation(prop: Property) -> Violation:
    return Violation(prop.name, prop.kind, prop.says, prop.source.page, prop.source.heading, ())
