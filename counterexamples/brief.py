"""A trace in brief: a line for each step, the end, and what breaks there; for a page with many of them."""

from __future__ import annotations

from collections.abc import Iterator

from .drawing import StoryLine
from .story import at_the_end, at_the_start, drawn, what_broke, wrap
from .trace import Trace


def brief(trace: Trace, width: int) -> list[str]:
    """The trace as plain lines of at most *width* columns."""
    return [part.text.rstrip() for line in _lines(trace, width) for part in wrap(line, width)]


def _lines(trace: Trace, width: int) -> Iterator[StoryLine]:
    drawings, _ = drawn(trace, width)
    yield from (line for line in at_the_start(drawings) if line.text)
    for number, step in enumerate(trace.steps, 1):
        yield StoryLine(f"{number:2}  {step.actor}: {step.says or step.action}")
    yield from at_the_end(drawings)
    if trace.violation:
        yield from what_broke(trace.violation, drawings)
