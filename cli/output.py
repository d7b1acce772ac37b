"""What commands print and write: consoles, tables, the versioned JSON result, the progress line."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import click

from ..counterexamples.harmless import harmless
from ..version import __version__

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

RESULT_FORMAT = "chimneysweep-result"
LIST_FORMAT = "chimneysweep-list"
RESULT_VERSION = 2
MIN_TEXT = 60
"""Columns that a table's text needs next to its other columns."""


def out() -> Console:
    """The console for results: colour only on a terminal, and not if NO_COLOR is set."""
    return _console()


def _console(stderr: bool = False) -> Console:
    """A console; with NO_COLOR neither colour nor bold nor dim."""
    from rich.console import Console

    colour: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(highlight=False, markup=False, soft_wrap=True, stderr=stderr, color_system=colour)


def say(console: Console, text: str = "", style: str = "") -> None:
    """Print one line as it is; the terminal may wrap it, we do not."""
    console.print(harmless(text), style=style or None)


def wrapped(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped to the console, continuation lines indented like a label's text."""
    body = text.lstrip()
    indent = len(text) - len(body)
    label, _, rest = body.partition("  ")
    hang = indent + len(body) - len(rest.lstrip()) if rest and len(label) <= 20 else indent + 2
    _paragraph(console, body, indent, hang, style)


def fact(console: Console, label: str, text: str, style: str = "") -> None:
    """Print a label and what it is of, whose lines stand one under the other."""
    _paragraph(console, f"{label:12} {text}", 2, 15, style)


def _paragraph(console: Console, body: str, indent: int, hang: int, style: str) -> None:
    import textwrap

    width = max(40, min(console.width, 120))
    for line in textwrap.wrap(
        body,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * hang,
        break_on_hyphens=False,
        break_long_words=False,
    ):
        say(console, line, style)


def table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in plain characters: only the last column is wrapped, no cell is cut off."""
    import textwrap

    widths = [max(len(row[k]) for row in (headings, *rows)) + 2 for k in range(len(headings) - 1)]
    left = sum(widths)
    room = min(console.width, 120) - left
    if room < MIN_TEXT:
        _stacked(console, rows)
        return
    for row in (headings, *rows):
        lead = "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        paragraphs = [textwrap.wrap(part, room, break_on_hyphens=False) for part in row[-1].splitlines()]
        lines = [line for paragraph in paragraphs for line in paragraph] or [""]
        for k, line in enumerate(lines):
            say(console, ((" " * left if k else lead) + line).rstrip(), "bold" if row is headings else "")


def _stacked(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """The table for a narrow console: the text goes below its name."""
    for row in rows:
        say(console, "  ".join(cell for cell in row[:-1] if cell), "bold")
        for part in row[-1].splitlines():
            wrapped(console, f"    {part}")


def result_data(command: str, code: int, body: dict[str, Any]) -> dict[str, Any]:
    """The versioned result of a command, as ``schemas/`` describes it: all times stand in one place."""
    head = {
        "format": RESULT_FORMAT,
        "version": RESULT_VERSION,
        "command": command,
        "chimneysweep": __version__,
        "exit": code,
    }
    seconds: dict[str, float] = {}
    return {**head, **_timeless(body, "$", seconds), "seconds": seconds}


def result_json(command: str, code: int, body: dict[str, Any]) -> str:
    """The same as JSON text."""
    return json.dumps(result_data(command, code, body), indent=1, allow_nan=False) + "\n"


def _timeless(value: Any, place: str, seconds: dict[str, float]) -> Any:
    """*value* without its times, which go to *seconds* under their places; a trace has none."""
    if isinstance(value, list):
        return [_timeless(item, f"{place}[{number}]", seconds) for number, item in enumerate(value)]
    if not isinstance(value, dict) or "format" in value:
        return value
    if isinstance(value.get("seconds"), float):
        seconds[place] = value["seconds"]
        value = {name: item for name, item in value.items() if name != "seconds"}
    return {name: _timeless(item, f"{place}.{name}", seconds) for name, item in value.items()}


class Ticker:
    """Progress on stderr: a live line on a terminal, a line for each thing done otherwise.

    ``quiet`` shows nothing. Standard output is left to the result.
    """

    def __init__(self, title: str, total: int | None, quiet: bool) -> None:
        self.title, self.total, self.quiet = title, total, quiet
        self.live: Progress | None = None

    def __enter__(self) -> Ticker:
        console = _console(stderr=True)
        if console.is_terminal and not self.quiet:
            self.live = _bar(console, self.total is not None)
            self.live.start()
            self.live.add_task(self.title, total=self.total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self.live:
            self.live.stop()

    def note(self, text: str) -> None:
        """What is being done now."""
        if self.live is not None:
            self.live.update(self.live.task_ids[0], description=harmless(f"{self.title}: {text}"))
        elif not self.quiet:
            click.echo(harmless(f"{self.title}: {text}"), err=True)

    def done(self, text: str, loud: bool = False) -> None:
        """One thing is done; *loud* keeps its line on a terminal, too."""
        if self.quiet:
            return
        if self.live is None:
            click.echo(harmless(f"{self.title}: {text}"), err=True)
            return
        self.live.advance(self.live.task_ids[0])
        if loud:
            say(self.live.console, text)


def _bar(console: Console, counted: bool) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    title = TextColumn("{task.description}", markup=False)
    amount = (BarColumn(), MofNCompleteColumn()) if counted else (SpinnerColumn("line"),)
    return Progress(title, *amount, TimeElapsedColumn(), console=console, transient=True)
