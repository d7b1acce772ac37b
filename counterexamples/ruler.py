"""A ruler: positions of any size on one line, with names above and markers below.

Every boundary gets a column of its own, so that a buffer of one byte next to one of
four gigabytes can still be told apart; cells grow with the logarithm of their size.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence

MIN_CELL = 4
MAX_CELL = 18


@dataclasses.dataclass(frozen=True)
class Span:
    """Positions [begin, end) with a name, drawn above the line; *owner* is who has them, if anybody does."""

    begin: int
    end: int
    name: str
    owner: str = ""


@dataclasses.dataclass(frozen=True)
class Mark:
    """A named position, drawn below the line."""

    at: int
    name: str


Fill = Callable[[int, int], str]


@dataclasses.dataclass(frozen=True)
class Ruler:
    """What lies where. ``fill(begin, end)`` is the character between two neighboring boundaries.

    ``legend`` has what each such character means; ``pieces`` are how the bytes lie in memory.
    """

    spans: Sequence[Span]
    marks: Sequence[Mark]
    fill: Fill
    legend: Mapping[str, str] = dataclasses.field(default_factory=dict)
    pieces: Sequence[Span] = ()

    @property
    def points(self) -> list[int]:
        """Every boundary, in order."""
        spans = (*self.spans, *self.pieces)
        return sorted({p for s in spans for p in (s.begin, s.end)} | {m.at for m in self.marks})

    def label(self, point: int) -> str:
        """What stands at a boundary: ``nxt=max=10``."""
        names = list(dict.fromkeys(m.name for m in self.marks if m.at == point))
        return "=".join([*names, str(point)])

    def legend_line(self) -> str:
        """The legend in one line."""
        return "   ".join(f"{char} {says}" for char, says in self.legend.items())

    def draw(self, width: int) -> list[str]:
        """The ruler as lines of at most *width* columns; without room for one the same facts as a list."""
        points = self.points
        if not points:
            return []
        labels = [self.label(point) for point in points]
        columns = places(points, width - len(labels[-1]) - 1)
        if columns is None:
            return _listing((*self.spans, *self.pieces), self.marks)
        bar = "".join(_cell(points, columns, k, self.fill) for k in range(len(points) - 1)) + "|"
        at = dict(zip(points, columns, strict=True))
        above = (_names(self.spans, at), _names(self.pieces, at))
        return [line.rstrip() for line in (*above, bar, *_below(columns, labels)) if line.strip()]


def places(points: Sequence[int], width: int) -> list[int] | None:
    """A column for each point, from 0, or None if *width* is too small."""
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
    rows = label_rows(columns, labels)
    grid = [[" "] * (columns[-1] + len(labels[-1])) for _ in range(max(rows) + 1)]
    for column, label, row in zip(columns, labels, rows, strict=True):
        for above in range(row):
            grid[above][column] = "|"
        grid[row][column : column + len(label)] = label
    return ["".join(line) for line in grid]


def label_rows(columns: Sequence[int], labels: Sequence[str]) -> list[int]:
    """In which row below the line, from 0, each label has room."""
    rows: list[int] = []
    for k in range(len(labels) - 1, -1, -1):
        end = columns[k] + len(labels[k])
        right = list(zip(columns[k + 1 :], reversed(rows), strict=True))
        row = 0
        while any(at <= end for at, other in right if other >= row):
            row += 1
        rows.append(row)
    rows.reverse()
    return rows


def _listing(spans: Sequence[Span], marks: Sequence[Mark]) -> list[str]:
    lines = [f"{s.name} [{s.begin},{s.end})" for s in sorted(spans, key=lambda s: s.begin)]
    return [*lines, *(f"{m.name} = {m.at}" for m in sorted(marks, key=lambda m: m.at))]
