"""A difference between two traces as lines of text, each with a style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from .difference import Beside, Difference, Point

SHORT = 78
"""Columns in which both values stand on one line."""
Styled = tuple[str, str]
"""A line, and its style."""


def lines(found: Difference) -> Iterator[Styled]:
    """Everything that differs; nothing if nothing does."""
    if found.same:
        return
    yield from _titled("What they are of", found.head)
    yield from _titled("At the start", found.start)
    if not all(step.alike for step in found.steps):
        yield from (("", ""), ("Steps", "bold"))
        for alike, group in groupby(found.steps, lambda step: step.alike):
            steps = list(group)
            yield from [_alike(steps)] if alike else (line for step in steps for line in _step(step))
    yield from _titled("At the end", found.end)
    yield from _titled("What broke", found.broken)


def _titled(title: str, points: Sequence[Point]) -> Iterator[Styled]:
    if points:
        yield from (("", ""), (title, "bold"))
    for point in points:
        yield from _point(point, "  ")


def _point(point: Point, indent: str) -> Iterator[Styled]:
    line = f"{indent}~ {point.what}: {point.a} -> {point.b}"
    if len(line) <= SHORT:
        yield line, ""
        return
    yield f"{indent}~ {point.what}", ""
    yield f"{indent}    - {point.a}", "red"
    yield f"{indent}    + {point.b}", "green"


def _alike(steps: Sequence[Beside]) -> Styled:
    ends = " to ".join(dict.fromkeys(_numbers(step) for step in (steps[0], steps[-1])))
    return f"  = {ends}: the same", "dim"


def _step(step: Beside) -> Iterator[Styled]:
    if step.a is None:
        yield f"  + {step.b}  {step.says}", "green"
    elif step.b is None:
        yield f"  - {step.a}  {step.says}", "red"
    else:
        yield f"  ~ {_numbers(step)}  {step.says}", ""
    for point in step.points:
        yield from _point(point, "      ")


def _numbers(step: Beside) -> str:
    return str(step.a) if step.a == step.b else f"{step.a}/{step.b}"
