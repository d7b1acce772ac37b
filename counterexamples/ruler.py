"""A ruler: positions of any size on one line, with names above and markers below.

Every boundary gets a column of its own, so that a buffer of one byte next to one of
four gigabytes can still be told apart; cells grow with the logarithm of their size.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

MIN_CELL = 4
MAX_CELL = 18


@dataclasses.dataclass(frozen=True)
class Span:
    """Positions [begin, end) with a name, drawn above the line."""

    begin: int
    end: int
    name: str


@dataclasses.dataclass(frozen=True)
class Mark:
    """A named position, drawn below the line."""

    at: int
    name: str


Fill = Callable[[int, int], str]


def draw(spans: Sequence[Span], marks: Sequence[Mark], fill: Fill, width: int) -> list[str]:
    """The ruler as lines of at most *width* columns.

    ``fill(begin, end)`` gives the character between two neighboring boundaries. Where
    there is no room for a ruler, the same facts come as a list.
    """
    points = sorted({p for s in spans for p in (s.begin, s.end)} | {m.at for m in marks})
    if not points:
        return []
    labels = [_label(point, marks) for point in points]
    columns = _columns(points, width - len(labels[-1]) - 1)
    if columns is None:
        return _listing(spans, marks)
    bar = "".join(_cell(points, columns, k, fill) for k in range(len(points) - 1)) + "|"
    lines = [_names(spans, dict(zip(points, columns, strict=True))), bar, *_below(columns, labels)]
    return [line.rstrip() for line in lines if line.strip()]


def _label(point: int, marks: Sequence[Mark]) -> str:
    names = list(dict.fromkeys(m.name for m in marks if m.at == point))
    return "=".join([*names, str(point)])


def _columns(points: Sequence[int], width: int) -> list[int] | None:
    """A column for each point, or None if *width* is too small."""
    gaps = [(b - a).bit_length() for a, b in itertools.pairwise(points)]
    smallest = min(MIN_CELL, width // max(1, len(gaps)))
    if smallest < 2:
        return None
    spare = width - smallest * len(gaps)
    weight = sum(gaps) or 1
    columns = [0]
    for gap in gaps:
        columns.append(columns[-1] + min(MAX_CELL, smallest + spare * gap // weight))
    return columns


def _cell(points: Sequence[int], columns: Sequence[int], k: int, fill: Fill) -> str:
    return "|" + fill(points[k], points[k + 1]) * (columns[k + 1] - columns[k] - 1)


def _names(spans: Sequence[Span], column: dict[int, int]) -> str:
    line = ""
    for span in sorted(spans, key=lambda s: (s.begin, s.end)):
        start, room = column[span.begin] + 1, column[span.end] - column[span.begin] - 1
        full = f"{span.name} [{span.begin},{span.end})"
        text = full if len(full) <= room else span.name
        if len(line) <= start:
            line = line.ljust(start) + text.center(max(room, 0)).rstrip()
    return line


def _below(columns: Sequence[int], labels: Sequence[str]) -> list[str]:
    """The labels, each beginning below its column; one that does not fit goes a row down, on a stalk."""
    rows: list[int] = []
    for k in range(len(labels) - 1, -1, -1):
        end = columns[k] + len(labels[k])
        right = list(zip(columns[k + 1 :], reversed(rows), strict=True))
        row = 0
        while any(at <= end for at, other in right if other >= row):
            row += 1
        rows.append(row)
    rows.reverse()
    grid = [[" "] * (columns[-1] + len(labels[-1])) for _ in range(max(rows) + 1)]
    for column, label, row in zip(columns, labels, rows, strict=True):
        for above in range(row):
            grid[above][column] = "|"
        grid[row][column : column + len(label)] = label
    return ["".join(line) for line in grid]


def _listing(spans: Sequence[Span], marks: Sequence[Mark]) -> list[str]:
    lines = [f"{s.name} [{s.begin},{s.end})" for s in sorted(spans, key=lambda s: s.begin)]
    return [*lines, *(f"{m.name} = {m.at}" for m in sorted(marks, key=lambda m: m.at))]
