"""What ran of a target's own code: features that tell one run from another, and their files and lines.

A driver in C is compiled so that every basic block tells that it ran, and in what order of magnitude how
often; of a Python class the interpreter tells each line, and from which line it came there. A program in a
process of its own tells nothing.
"""

from __future__ import annotations

import dataclasses
import dis
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from ..chimney.interface import Factory, Target
from .symbols import lines_of

LINE = 20
"""Bits of a line number."""
BUCKET = 3
"""Bits that say how often a block ran (ndis/src/cover.c)."""
NDIS = Path(__file__).resolve().parents[1] / "chimney" / "ndis"
Place = tuple[str, int]
"""A file, and a line in it."""


@dataclasses.dataclass(frozen=True)
class Code:
    """All that could run. ``sites`` are numbers; a feature is a site, and ``shift`` bits about how it ran.

    ``files`` are those of a Python target, by number; ``library`` is that of a driver in C.
    """

    sites: tuple[int, ...] = ()
    shift: int = 0
    files: tuple[str, ...] = ()
    library: str = ""

    def sites_of(self, features: Iterable[int]) -> set[int]:
        """The sites at which the features are."""
        return {feature >> self.shift for feature in features}

    def places(self) -> Mapping[int, Place]:
        """The file and line of each site; those that nobody can tell are left out."""
        if self.library:
            return lines_of(self.library, self.sites)
        return {site: (self.files[site >> LINE], site & (1 << LINE) - 1) for site in self.sites}

    def by_file(self, reached: Set[int]) -> dict[str, dict[str, list[int]]]:
        """By file, below the folder that they share: the lines that ran (``reached``), and the others.

        Of C they are the lines at which a basic block begins, and none of our headers.
        """
        places = {s: place for s, place in self.places().items() if NDIS not in Path(place[0]).parents}
        every, ran = set(places.values()), {place for site, place in places.items() if site in reached}
        names = sorted({file for file, _ in every})
        shared = os.path.commonpath([os.path.dirname(file) for file in names]) if names else ""
        return {
            os.path.relpath(file, shared or "."): {
                "reached": sorted(line for name, line in ran if name == file),
                "never_reached": sorted(line for name, line in every - ran if name == file),
            }
            for file in names
        }


class Tracer:
    """Notes what runs between :meth:`begin` and :meth:`end`. This one notes nothing."""

    code = Code()
    follow: Callable[[FrameType, str, Any], Any] | None = None
    """What the interpreter is to call for each frame of the target (sys.settrace)."""

    def begin(self) -> None:
        """A run begins."""

    def end(self) -> tuple[int, ...]:
        """The run is over; its features."""
        return ()


class _NativeTracer(Tracer):
    def __init__(self, library: Any) -> None:
        self.library = library
        self.code = Code(library.coverable(), BUCKET, library=str(library.path))

    def begin(self) -> None:
        self.library.covered()

    def end(self) -> tuple[int, ...]:
        return self.library.covered()


class _PythonTracer(Tracer):
    """Follows the frames of the target's files, line by line."""

    def __init__(self, target: type) -> None:
        files = list(dict.fromkeys(_files(target)))
        self.numbers = {file: n << LINE for n, file in enumerate(files)}
        found = {n << LINE | line for n, file in enumerate(files) for line in _lines(file, target)}
        self.code = Code(tuple(sorted(found)), LINE, tuple(files))
        self.sites = found
        self.ran: set[int] = set()

    def begin(self) -> None:
        self.ran = set()

    def end(self) -> tuple[int, ...]:
        return tuple(sorted(f for f in self.ran if f >> LINE in self.sites))

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        number = self.numbers.get(frame.f_code.co_filename)
        if number is None:
            return None
        note, before = self.ran.add, 0

        def line_by_line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                line = frame.f_lineno
                note((number | line) << LINE | before)
                before = line
            return line_by_line

        return line_by_line


def tracer(factory: Factory) -> Tracer:
    """What follows the targets that *factory* makes."""
    library = getattr(factory, "library", None)
    if library is not None:
        return _NativeTracer(library)
    return _PythonTracer(factory) if inspect.isclass(factory) else Tracer()


def _files(target: type) -> Iterator[str]:
    """The files with the classes that the target is made of, as the interpreter names them."""
    ours = Target.__module__.partition(".")[0]
    foreign = target.__module__.partition(".")[0] != ours
    for kind in target.__mro__:
        if kind not in (Target, object) and not (foreign and kind.__module__.partition(".")[0] == ours):
            yield from (f.__code__.co_filename for f in vars(kind).values() if inspect.isfunction(f))


def _lines(file: str, target: type) -> set[int]:
    """The lines of a file in functions that are the target's: not those of another target in it."""
    try:
        whole = compile(Path(file).read_bytes(), file, "exec")
    except (OSError, ValueError, SyntaxError):
        return set()
    found: set[int] = set()
    for code in _inside(whole):
        if code.co_flags & inspect.CO_OPTIMIZED and not _anothers(code, target):
            lines = {line for _, line in dis.findlinestarts(code) if line}
            found |= lines - {code.co_firstlineno} if len(lines) > 1 else lines
    return found


def _inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


def _anothers(code: CodeType, target: type) -> bool:
    """Whether the code is in the class of a target that this one is not derived from."""
    name = code.co_qualname.partition(".")[0]
    module = sys.modules.get(target.__module__)
    found = getattr(module, name, None)
    return inspect.isclass(found) and issubclass(found, Target) and found not in target.__mro__
