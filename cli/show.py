"""``chimneysweep show``: a trace as a story."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import click

from .errors import ALL_HOLD, output_file, read_trace, write
from .written import FILES


@click.command("show")
@click.argument("trace", metavar="TRACE")
@click.option(
    "--width", metavar="N", type=click.IntRange(40), default=None, help="Columns. [the terminal's, up to 120]"
)
@click.option("--full", is_flag=True, help="Unfold each step: what changed, and the windows after it.")
@click.option("--explain", "why", is_flag=True, help="Say what it needs, and what would have mended it.")
@click.option("--html", "html_file", metavar="FILE", callback=output_file, help=FILES["html"])
def command(trace: str, width: int | None, full: bool, why: bool, html_file: Path | None) -> int:
    """Tell the trace in the file TRACE as a story.

    What broke, on which values, at which line of the target's source, drawn; then which sentence forbids
    it, and the steps that lead there. A trace of a subject of your own names the file that it is in,
    which is loaded for its words. With --explain its steps are left out one by one, on the model or on the
    target, which is run for it; and what a target that keeps the rules would have done is computed.
    """
    loaded = read_trace(trace)
    from ..counterexamples.exports.ci_report import of_trace
    from ..counterexamples.render import render, render_nearest
    from .explain import explained
    from .output import out, say, wrapped
    from .replay import recorded_in

    console = out()
    if width is not None:
        console.width = width
    render(loaded, console, full)
    report = of_trace(loaded)
    if why:
        with chdir(recorded_in(loaded, Path(trace))):
            report = explained(report)
        say(console)
        for label, text in report.rulings[0].notes:
            wrapped(console, f"  {label:<10}{text}")
        render_nearest(console, report.rulings[0].nearest)
    if html_file is not None:
        from ..counterexamples.page import document

        write(html_file, document.render(report))
    return ALL_HOLD
