"""``chimneysweep export``: a trace in the formats of other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..counterexamples.exports.registry import EXPORTS, CannotExport
from .errors import ALL_HOLD, BadInput, output_file, read_trace, write


@click.command("export")
@click.argument("trace", metavar="TRACE")
@click.option(
    "--to",
    "format_name",
    metavar="FORMAT",
    required=True,
    type=click.Choice(tuple(EXPORTS)),
    help=" ".join(f"{export.name}: {export.says}." for export in EXPORTS.values()),
)
@click.option(
    "-o", "--output", metavar="FILE", callback=output_file, help="Write it there. [standard output]"
)
def command(trace: str, format_name: str, output: Path | None) -> int:
    """Write the trace in the file TRACE in the format of another tool.

    What each is for, and how to use it, is in docs/exports.md.
    """
    export = EXPORTS[format_name]
    loaded = read_trace(trace)
    try:
        made = export.make(loaded)
    except CannotExport as problem:
        raise BadInput(str(problem)) from problem
    if format_name == "github":
        from ..counterexamples.exports.ci_report import of_trace
        from .written import summarize

        summarize(of_trace(loaded))
    if output is not None:
        write(output, made)
    elif isinstance(made, str):
        click.echo(made, nl=False)
    elif sys.stdout.isatty():
        raise BadInput(f"{format_name} is no text for a terminal; name a file with -o FILE")
    else:
        sys.stdout.buffer.write(made)
    return ALL_HOLD
