"""A driver's library that writes down what passes between NDIS and the driver: each call, each event in it.

A line of JSON each, at once, so that what a driver did before it died is there.
:mod:`....counterexamples.exports.recorded_calls` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..interface import Factory, Target
from .driver_library import DriverLibrary
from .native_factory import factory

ASKED = "chs_function"
"""What tells an address, and calls nobody."""
FILLS = ("chs_build", "chs_send", "chs_receive", "chs_disconnect", "chs_forward", "chs_forward_with_next")
"""Functions whose last argument is an array that they fill with addresses."""


class RecordedLibrary(DriverLibrary):
    """The library; ``steps_now`` says how many steps the run has so far."""

    tells_layouts = False  # a program that is made of the calls needs them not

    def __init__(self, path: Path, file: Path) -> None:
        super().__init__(path)
        self._file = file
        self.steps_now: Callable[[], int] = lambda: 0
        self.lib = _Functions(self.lib, self.write)

    def write(self, **line: Any) -> None:
        """Write down a line, with the number of steps."""
        with open(self._file, "a", encoding="utf-8") as out:
            out.write(json.dumps({**line, "steps": self.steps_now()}) + "\n")

    def _told(self, event: int, words: Any, count: int, data: Any, size: int) -> int:
        self.write(event=event, words=self.ffi.unpack(words, count) if count else [])
        answer = super()._told(event, words, count, data, size)
        self.write(answer=answer)
        return answer


class _Functions:
    """The functions of a library, each of which is written down when it is called."""

    def __init__(self, lib: Any, write: Callable[..., None]) -> None:
        self._lib, self._write = lib, write

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._lib, name)
        return self._recorded(name, found) if name.startswith("chs_") and name != ASKED else found

    def _recorded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            given = args[:-1] if name in FILLS else args
            self._write(call=name, args=[_plain(arg) for arg in given])
            result = function(*args)
            made = list(args[-1]) if name in FILLS else []
            self._write(done=name, returned=result, made=made)
            return result

        return call


def _plain(arg: Any) -> Any:
    """A number, a list of numbers, or bytes as text; what else there is, is not needed to call again."""
    if isinstance(arg, int):
        return arg
    if isinstance(arg, bytes):
        return arg.hex()
    try:
        return list(arg)
    except TypeError:
        return None


def recorded(library: Path, file: Path) -> Factory:
    """What makes targets of a built library, whose calls are written to *file*. Raises BadTarget."""
    opened: list[RecordedLibrary] = []

    def opens(path: Path) -> DriverLibrary:
        opened.append(RecordedLibrary(path, file))
        return opened[-1]

    make = factory(library, opens=opens)

    def making(ndis: Any) -> Target:
        opened[-1].steps_now = lambda: ndis.steps
        return make(ndis)

    return making
