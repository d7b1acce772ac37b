"""``chimneysweep show``: a trace as a story."""

from __future__ import annotations

import click

from .errors import ALL_HOLD, read_trace


@click.command("show")
@click.argument("trace", metavar="TRACE")
@click.option(
    "--width", metavar="N", type=click.IntRange(40), default=None, help="Columns. [the terminal's, up to 120]"
)
def command(trace: str, width: int | None) -> int:
    """Tell the trace in the file TRACE as a story.

    Who called what with which values, what changed, where the send window stood after
    each step, and in the end what broke and which sentence forbids it. A trace of a subject of
    your own names the file that it is in, which is loaded for its words.
    """
    loaded = read_trace(trace)
    from ..counterexamples.render import render
    from .output import out

    console = out()
    if width is not None:
        console.width = width
    render(loaded, console)
    return ALL_HOLD
