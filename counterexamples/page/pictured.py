"""Where things are drawn on a page: rulers and the arrows of a call sequence, as SVG coordinates."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

from ..panels import Outline, Panel, Table, Window
from ..ruler import Ruler, label_rows, places

COLUMN = 8
"""Pixels for a character; the styles have a font of that width."""
COLUMNS = 76
"""Columns for a ruler."""
LANE = 104
"""Pixels for a lane of a call sequence."""
LINE = 18
"""Pixels from a line of text to the next."""
NAMES = {"=": "done", "~": "sent", ".": "unsent", "?": "unordered"}
"""Style classes for the characters of a ruler."""


def pictured(panel: Panel) -> dict[str, Any]:
    """A panel as its template takes it: what kind it is, and for a ruler where everything stands."""
    match panel:
        case Window():
            return {"kind": "window", "panel": panel, "ruler": ruler(panel.ruler)}
        case Outline():
            return {"kind": "outline", "panel": panel}
        case Table():
            return {"kind": "table", "panel": panel}
        case _:
            raise TypeError(f"no picture for a {type(panel).__name__}")


def ruler(drawn: Ruler) -> dict[str, Any]:
    """The cells, names and labels of a ruler, and the same in words."""
    points = drawn.points
    labels = [drawn.label(point) for point in points]
    span_words = [f"{span.name} [{span.begin},{span.end})" for span in drawn.spans]
    pieces = list(itertools.pairwise(points))
    meanings = [drawn.legend.get(drawn.fill(begin, end), "") for begin, end in pieces]
    told_bytes = [f"[{a},{b}) {says}" for (a, b), says in zip(pieces, meanings, strict=True) if says]
    columns = places(points, COLUMNS) if len(points) > 1 else None
    lying = [f"{span.name} [{span.begin},{span.end})" for span in drawn.pieces]
    parts = {"Spans": span_words, "MDLs": lying, "Marks": labels, "Bytes": told_bytes}
    spoken = ". ".join(f"{name}: {', '.join(found)}" for name, found in parts.items() if found)
    view = {
        "spans": drawn.spans,
        "legend": drawn.legend,
        "names": NAMES,
        "spoken": spoken,
        "columns": columns,
    }
    return view | _placed(drawn, points, labels, columns) if columns else view


def _placed(drawn: Ruler, points: Sequence[int], labels: Sequence[str], columns: list[int]) -> dict[str, Any]:
    at = dict(zip(points, (c * COLUMN for c in columns), strict=True))
    rows = label_rows(columns, labels)
    chars = [drawn.fill(begin, end) for begin, end in itertools.pairwise(points)]
    wide = max(c * COLUMN + len(label) * COLUMN for c, label in zip(columns, labels, strict=True))
    return {
        "cells": [
            {"x": at[a], "width": at[b] - at[a], "char": char, "text": char * ((at[b] - at[a]) // COLUMN - 1)}
            for (a, b), char in zip(itertools.pairwise(points), chars, strict=True)
        ],
        "above": [_above(span, at) for span in drawn.spans],
        "pieces": [_above(span, at) for span in drawn.pieces],
        "down": LINE if drawn.pieces else 0,
        "labels": [
            {"x": at[p], "y": 66 + LINE * (row + bool(drawn.pieces)), "text": label}
            for p, label, row in zip(points, labels, rows, strict=True)
        ],
        "width": wide + 2 * COLUMN,
        "height": 74 + LINE * (max(rows) + bool(drawn.pieces)),
    }


def _above(span: Any, at: dict[int, int]) -> dict[str, Any]:
    width = max(at[span.end] - at[span.begin], 2)
    texts = (f"{span.name}: {span.owner}", f"{span.name} {span.owner.split()[0]}") if span.owner else ()
    fits = next((t for t in (*texts, span.name) if len(t) * COLUMN < width), "")
    return {"x": at[span.begin], "width": width, "text": fits, "owner": (span.owner.split() or ["nobody"])[0]}


@dataclasses.dataclass(frozen=True)
class Arrow:
    """An arrow over the lanes that a step passes, or a mark in its one lane; x in pixels.

    ``lanes`` are where all lanes run.
    """

    lanes: tuple[int, ...]
    passed: tuple[int, ...]

    @property
    def width(self) -> int:
        """That of the whole call sequence."""
        return LANE * len(self.lanes)

    @property
    def head(self) -> str:
        """The points of the arrow's head."""
        end = self.passed[-1]
        back = end - 9 if end > self.passed[0] else end + 9
        return f"{end},28 {back},23 {back},33"

    @property
    def label(self) -> tuple[int, str]:
        """Where its name stands: x, and which part of the text that is."""
        middle = (self.passed[0] + self.passed[-1]) // 2
        if middle < self.width // 4:
            return 4, "start"
        return (self.width - 4, "end") if middle > self.width * 3 // 4 else (middle, "middle")


def arrow(course: Sequence[str], lanes: Sequence[str]) -> Arrow:
    """The arrow for a step that passes these lanes."""
    at = {name: LANE * k + LANE // 2 for k, name in enumerate(lanes)}
    return Arrow(tuple(at.values()), tuple(at[name] for name in course))
