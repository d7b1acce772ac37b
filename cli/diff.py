"""``chimneysweep diff``: how two traces differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from .errors import read_trace

if TYPE_CHECKING:
    from ..counterexamples.difference import Beside, Difference, Point

SAME, DIFFERENT = 0, 1
SHORT = 78
"""Columns in which both values stand on one line."""
Styled = tuple[str, str]
"""A line, and its style."""


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(a: str, b: str, as_json: bool) -> int:
    """Say how the traces in the files A and B differ: steps, values, and what they break.

    - is only in A, + only in B, ~ in both with other values. What they were made with (seed, version) is
    no difference.

    Ends with 0 where the same happens in both, with 1 where they differ, with 2 where one cannot be read.
    """
    from ..counterexamples.difference import difference
    from ..counterexamples.story import headline
    from .output import out, result_json, say, wrapped

    traces = [read_trace(file) for file in (a, b)]
    found = difference(*traces)
    code = SAME if found.same else DIFFERENT
    if as_json:
        click.echo(result_json("diff", code, {"a": a, "b": b, **dataclasses.asdict(found)}), nl=False)
        return code
    console = out()
    for name, file, trace in zip("AB", (a, b), traces, strict=True):
        wrapped(console, f"{name}  {file}: {headline(trace)}")
    for line, style in lines(found):
        (wrapped if line else say)(console, line, style)
    told = ("the same happens in both", "bold green") if found.same else ("they differ", "bold yellow")
    say(console)
    say(console, *told)
    return code


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
