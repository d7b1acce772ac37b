"""Stack frames in the reports of sanitizers and of faulthandler: which one is the target's own."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ...chimney.native.compiler import OURS

C_FRAME = re.compile(r"\s*#\d+ 0x[0-9a-f.]+ in (?P<function>\S+) (?P<file>[^()]+?):(?P<line>\d+)(?::\d+)?$")
PYTHON_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>.+)$')

_TARGETS = Path(__file__).resolve().parents[2]
_BUILT_IN = {_TARGETS / "chimney" / "python", _TARGETS / "chimney" / "miniports"}
_STDLIB = Path(sysconfig.get_paths()["stdlib"])
_RUNTIMES = re.compile(r"\.{1,2}/|(Objects|Python|Modules|Include|Parser)/|.*/Python-\d|<")
"""The sources of C libraries, of sanitizers and of Python, as their builders named them."""


class Frame(NamedTuple):
    """A function, and the line in it."""

    function: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """The frame in words: ``acknowledged (driver.c:120)``."""
        return f"{self.function} ({Path(self.file).name}:{self.line})"


def frames(lines: Iterable[str]) -> list[Frame]:
    """The frames among *lines* that are in the target's sources, the innermost first."""
    found = (C_FRAME.match(line) or PYTHON_FRAME.match(line) for line in lines)
    named = (Frame(f["function"], f["file"], int(f["line"])) for f in found if f)
    return [frame for frame in named if is_own(frame.file)]


def is_own(name: str) -> bool:
    """Whether a source file is the target's, not ours, Python's or a runtime's."""
    if _RUNTIMES.match(name) or OURS in name:
        return False
    file = Path(name)
    if _TARGETS in file.parents:
        return not _BUILT_IN.isdisjoint(file.parents)
    return _STDLIB not in file.parents
