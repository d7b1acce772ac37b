"""``chimneysweep export``: a trace in the formats of other tools."""

from __future__ import annotations

import sys
from contextlib import chdir
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from ..counterexamples.exports.registry import EXPORTS, CannotExport
from .errors import ALL_HOLD, BadInput, output_file, read_trace, write

if TYPE_CHECKING:
    from ..counterexamples.trace import Trace


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
    "-o",
    "--output",
    metavar="FILE",
    callback=output_file,
    help="Write it there; for c, a new folder. [standard output]",
)
def command(trace: str, format_name: str, output: Path | None) -> int:
    """Write the trace in the file TRACE in the format of another tool.

    What each is for, and how to use it, is in docs/exports.md.
    """
    loaded = read_trace(trace)
    try:
        if EXPORTS[format_name].played:
            write_folder(output, program_of(loaded, Path(trace)))
            at = quote(str(output))
            click.echo(f"{output}: make -C {at} && {at}/replay; make -C {at} gdb stops at the step")
        else:
            _file(output, format_name, EXPORTS[format_name].make(loaded))
    except CannotExport as problem:
        raise BadInput(str(problem)) from problem
    if format_name == "github":
        from ..counterexamples.exports.ci_report import of_trace
        from .written import summarize

        summarize(of_trace(loaded))
    return ALL_HOLD


def _file(output: Path | None, name: str, made: str | bytes) -> None:
    if output is not None:
        write(output, made)
    elif isinstance(made, str):
        click.echo(made, nl=False)
    elif sys.stdout.isatty():
        raise BadInput(f"{name} is no text for a terminal; name a file with -o FILE")
    else:
        sys.stdout.buffer.write(made)


def program_of(trace: Trace, file: Path) -> dict[str, bytes]:
    """The files of a C program; the run is played again for it. Raises BadInput, CannotExport."""
    from ..counterexamples.exports.c_program import program
    from ..counterexamples.exports.recorded_calls import read
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.recording import files_of, how_built, recorded
    from .replay import recorded_in

    if trace.source != "target":
        raise BadInput("the trace is of a model; a program in C is made of a finding on a driver in C")
    try:
        with chdir(recorded_in(trace, file)):
            replay, lines = recorded(trace)
            if not replay.ok:
                raise BadInput(f"only what happens again becomes a program: {replay.message}")
            how = how_built(trace)
            made = program(trace, read(lines), how.flags, how.sanitize)
            return {**{name: text.encode() for name, text in made.items()}, **files_of(trace)}
    except BadTarget as problem:
        raise BadInput(str(problem)) from problem


def write_folder(folder: Path | None, files: dict[str, bytes]) -> None:
    """Write the files to a new folder. Raises BadInput."""
    if folder is None:
        raise BadInput("it is a folder of files; name a new one with -o DIR")
    if folder.exists():
        raise BadInput(f"{folder} is there already, and nothing in it is overwritten; name a new folder")
    for name, data in files.items():
        place = folder / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"cannot make {place.parent}: {error.strerror or error}") from error
        write(place, data)
