"""Where in a target's source each step of a told run was made, and how that line reads."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ....counterexamples.trace import Layout, Place, Step
from ..symbols import named
from .frames import Frame, frames

MOST_CHARACTERS = 200
"""Of a line of source that is kept."""
PASSED = ("MiniportTcpOffloadSend", "MiniportTcpOffloadReceive")
"""What passes a buffer of the host's, with data or for data."""


def placed(steps: Sequence[Step], stacks: Sequence[Sequence[str]]) -> list[Step]:
    """The steps with the places that their stacks name; all addresses get their names at once."""
    lines = iter(named("\n".join(itertools.chain(*stacks))).split("\n"))
    found = [place(itertools.islice(lines, len(stack))) for stack in stacks]
    return [dataclasses.replace(step, at=at) for step, at in zip(steps, found, strict=False)]


def laid_out(steps: Sequence[Step], layouts: Sequence[Layout]) -> Iterator[Step]:
    """The steps, and of each buffer that they pass to a driver in C how its data lies there."""
    rest = iter(layouts)
    for step in steps:
        yield dataclasses.replace(step, mdls=next(rest, ())) if step.action in PASSED else step


def place(report: Iterable[str]) -> Place | None:
    """The innermost frame of the target's own in a report."""
    found = next(iter(frames(report)), None)
    return _place(found) if found else None


def _place(frame: Frame) -> Place:
    file, here = Path(frame.file), Path.cwd()
    within = file.relative_to(here) if here in file.parents else file
    made = any(part.startswith("chimneysweep-") for part in file.parts)  # a driver that comes along
    line, text = _text(file, frame)
    return Place(frame.function, file.name if made else os.fspath(within), line, text[:MOST_CHARACTERS])


def _text(file: Path, frame: Frame) -> tuple[int, str]:
    """How the line reads; where a function in C begins, the line with its name, not that with the brace."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frame.line, ""
    numbered = [(number, line.strip()) for number, line in enumerate(lines[: frame.line], 1)]
    if not 0 < frame.line <= len(lines):
        return frame.line, ""
    named = (there for there in reversed(numbered) if f"{frame.function}(" in there[1])
    return next(named, numbered[-1]) if numbered[-1][1] == "{" else numbered[-1]
