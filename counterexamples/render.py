"""Stories in the terminal: the lines of :mod:`.story` with colour where the terminal has it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .drawing import StoryLine
from .short import short
from .story import story
from .trace import Trace

if TYPE_CHECKING:
    from rich.console import Console

    from .nearest_run import NearestRun

MAX_WIDTH = 120
WIDTH = 100
"""Columns of what prints without a terminal."""
HTML = '<pre style="font-family: monospace; line-height: 1.2; white-space: pre-wrap">{code}</pre>'
STYLES = {
    "title": "bold",
    "step": "bold cyan",
    "change": "",
    "drawing": "green",
    "legend": "dim",
    "excerpt": "cyan",
    "broken": "bold red",
}


def render(trace: Trace, console: Console, full: bool = False) -> None:
    """Print a counterexample, or a witness, as a story: the short one, or with every step unfolded."""
    tell = story if full else short
    _print(tell(trace, min(console.width, MAX_WIDTH)), console)


def render_nearest(console: Console, pair: NearestRun | None) -> None:
    """Print a run beside the nearest one that keeps the rules; nothing without one."""
    if pair is not None:
        _print([StoryLine(), *pair.lines(min(console.width, MAX_WIDTH))], console)


def _print(lines: Iterable[StoryLine], console: Console) -> None:
    from rich.text import Text

    for line in lines:
        styled = Text(line.text, STYLES.get(line.style, ""))
        styled.highlight_regex(r"NDIS_STATUS_SUCCESS", "green")
        styled.highlight_regex(r"NDIS_STATUS_(?!SUCCESS)\w+", "yellow")
        console.print(styled, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def text(trace: Trace, width: int = 80, full: bool = False) -> str:
    """The story as plain text, without colour."""
    return printed(lambda console: render(trace, console, full), width)


class Told:
    """What prints as it is told, and is shown so by a notebook; *_tell* says how, on a console."""

    def _tell(self, console: Console) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return printed(self._tell, WIDTH).rstrip()

    def _repr_html_(self) -> str:
        return printed(self._tell, WIDTH, html=True)


def printed(tell: Callable[[Console], object], width: int = 80, *, html: bool = False) -> str:
    """What *tell* prints on a console of so many columns, as plain text or as HTML for a notebook."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        record=html,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    tell(console)
    return console.export_html(inline_styles=True, code_format=HTML) if html else out.getvalue()
