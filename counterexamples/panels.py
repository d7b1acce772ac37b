"""What there is to see of one state, as data: a page draws it, with words for who cannot see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .ruler import Ruler


@dataclasses.dataclass(frozen=True)
class Panel:
    """Something to see; *about* is the connection (or the like) that it is of, "" if it is of no one's."""

    title: str
    about: str


@dataclasses.dataclass(frozen=True)
class Window(Panel):
    """Bytes on a ruler, with what the ruler does not show."""

    ruler: Ruler
    facts: str = ""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A line of an outline: how deep it lies, and whether it is what broke."""

    depth: int
    text: str
    wrong: bool = False


@dataclasses.dataclass(frozen=True)
class Outline(Panel):
    """Lines that hang below each other: a tree."""

    entries: tuple[Entry, ...]


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a table, with what changed in this step and whether it is what broke."""

    cells: tuple[str, ...]
    changed: bool = False
    wrong: bool = False


@dataclasses.dataclass(frozen=True)
class Table(Panel):
    """Values by their names."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def lines(panel: Panel, width: int) -> Iterator[str]:
    """A panel as lines of text, a ruler in at most *width* columns."""
    yield f"{panel.title}:"
    match panel:
        case Window():
            yield from (f"  {text}" for text in (panel.facts, *panel.ruler.draw(width - 2)) if text)
        case Outline():
            yield from (f"  {'  ' * entry.depth}{entry.text}" for entry in panel.entries)
        case Table():
            yield from (f"  {'  '.join(cell for cell in row.cells if cell)}" for row in panel.rows)
