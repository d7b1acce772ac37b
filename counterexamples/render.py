"""Stories in the terminal: the lines of :mod:`.story` with colour where the terminal has it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from .story import story
from .trace import Trace

if TYPE_CHECKING:
    from rich.console import Console

MAX_WIDTH = 120
STYLES = {
    "title": "bold",
    "step": "bold cyan",
    "change": "",
    "drawing": "green",
    "legend": "dim",
    "broken": "bold red",
}


def render(trace: Trace, console: Console) -> None:
    """Print a counterexample, or a witness, as a story."""
    from rich.text import Text

    for line in story(trace, min(console.width, MAX_WIDTH)):
        styled = Text(line.text, STYLES.get(line.style, ""))
        styled.highlight_regex(r"NDIS_STATUS_SUCCESS", "green")
        styled.highlight_regex(r"NDIS_STATUS_(?!SUCCESS)\w+", "yellow")
        console.print(styled, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def text(trace: Trace, width: int = 80) -> str:
    """The story as plain text, without colour."""
    from rich.console import Console

    out = io.StringIO()
    render(trace, Console(file=out, width=width, color_system=None, force_terminal=False))
    return out.getvalue()
