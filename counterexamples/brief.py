"""A trace in brief: a line for each step, the end, and what breaks there; for a page with many of them."""

from __future__ import annotations

from collections.abc import Iterator

from .story import Line, at_the_end, at_the_start, what_broke, worlds, wrap
from .trace import Trace
from .words import Words


def brief(trace: Trace, width: int) -> list[str]:
    """The trace as plain lines of at most *width* columns."""
    return [part.text.rstrip() for line in _lines(trace) for part in wrap(line, width)]


def _lines(trace: Trace) -> Iterator[Line]:
    states = worlds(trace)
    if states is not None:
        yield from (line for line in at_the_start(trace, states) if line.text)
    for number, step in enumerate(trace.steps, 1):
        yield Line(f"{number:2}  {step.actor}: {step.says or step.action}")
    if states is not None:
        yield from at_the_end(trace, states[-1])
    if trace.violation:
        yield from what_broke(trace.violation, Words(trace.bounds))
