"""``chimneysweep check``: prove or refute properties of a design, on the model."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import Unknown, output_directory, output_file, seconds, write

if TYPE_CHECKING:
    from ..engines.portfolio import Report, Request
    from ..engines.verdict import Result

_SIZE = click.IntRange(1, 256)


@click.command("check")
@click.option(
    "--design",
    "-d",
    "designs",
    multiple=True,
    metavar="NAME",
    help="Design; `all`: the reference, and each seeded one by what it should break. [reference]",
)
@click.option(
    "--property",
    "-p",
    "properties",
    multiple=True,
    metavar="NAME",
    help="Property. [every clause and guarantee]",
)
@click.option("--json", "json_file", metavar="FILE", callback=output_file, help="Write the result as JSON.")
@click.option(
    "--trace-dir", metavar="DIR", callback=output_directory, help="Keep the trace of each violation there."
)
@click.option(
    "--timeout",
    type=float,
    callback=seconds,
    metavar="SECONDS",
    default=20.0,
    show_default=True,
    help="Seconds for one query.",
)
@click.option(
    "--depth",
    metavar="N",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Steps to search for violations.",
)
@click.option(
    "--workers", metavar="N", type=click.IntRange(1), default=None, help="Processes. [one a core, up to 8]"
)
@click.option(
    "--buffers", metavar="N", type=_SIZE, default=8, show_default=True, help="Send buffers a connection."
)
@click.option(
    "--blocks", metavar="N", type=_SIZE, default=8, show_default=True, help="Blocks in the state tree."
)
@click.option("--connections", metavar="N", type=_SIZE, default=2, show_default=True, help="Connections.")
@click.option(
    "--requests", metavar="N", type=_SIZE, default=2, show_default=True, help="Receive requests a connection."
)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.option("--verbose", "-v", is_flag=True, help="A line for each property.")
def command(
    designs: tuple[str, ...],
    properties: tuple[str, ...],
    json_file: Path | None,
    trace_dir: Path | None,
    timeout: float,
    depth: int,
    workers: int | None,
    buffers: int,
    blocks: int,
    connections: int,
    requests: int,
    quiet: bool,
    verbose: bool,
) -> int:
    """Prove or refute properties of a design, on the model.

    A proof holds for any number of steps and bytes, in a world of the size given; a
    violation comes as the shortest run that shows it.
    """
    from ..engines.portfolio import Request
    from ..model.chimney.state import world_size

    names, wanted = _designs(designs), _properties(properties)
    bounds = world_size(buffers, blocks, connections, requests)
    count = workers or min(8, os.cpu_count() or 1)
    breaks = _breaks() if "all" in designs and not properties else {}
    asked = ((breaks[name],) if breaks.get(name) else wanted for name in names)
    jobs = [
        Request(name, which, bounds, timeout, depth, count) for name, which in zip(names, asked, strict=True)
    ]
    return _run(jobs, json_file, trace_dir, quiet, verbose)


def _breaks() -> dict[str, str]:
    """The property that each seeded design is to break."""
    from ..properties.loading import load_subject

    return {design.name: design.breaks for design in load_subject("chimney").every_design}


def _designs(given: tuple[str, ...]) -> list[str]:
    from ..properties.loading import load_subject

    known = load_subject("chimney").design_names
    for name in given:
        if name not in known and name != "all":
            raise Unknown("design", name, known, "chimneysweep list designs")
    if "all" in given:
        return list(known)
    return list(dict.fromkeys(given)) or ["reference"]


def _properties(given: tuple[str, ...]) -> tuple[str, ...]:
    from ..properties.loading import load_subject

    for name in given:
        try:
            load_subject("chimney").find(name)
        except KeyError:
            known = [p.name for p in load_subject("chimney").properties]
            raise Unknown("property", name, known, "chimneysweep list properties") from None
    # A lemma is a means: it is proved where a proof rests on it.
    return tuple(dict.fromkeys(given)) or tuple(
        p.name for p in load_subject("chimney").properties if p.kind != "lemma"
    )


def _run(
    jobs: list[Request], json_file: Path | None, trace_dir: Path | None, quiet: bool, verbose: bool
) -> int:
    from ..properties.loading import load_subject
    from .output import out, result_json
    from .report import Printer, save_traces
    from .verdicts import exit_code, report_json

    subject, breaks = load_subject("chimney"), _breaks()
    printer = Printer(out(), subject, trace_dir, verbose)
    reports: list[Report] = []
    for job in jobs:
        report = decide(job, quiet)
        reports.append(report)
        if trace_dir is not None:
            save_traces(report, trace_dir)
        printer.show(report, len(job.properties), breaks.get(job.design, ""))
        if report.partial:
            break
    code = exit_code(reports, subject)
    if json_file is not None:
        body = {
            "partial": any(r.partial for r in reports),
            "reports": [report_json(r, subject) for r in reports],
        }
        write(json_file, result_json("check", code, body))
    return code


def decide(request: Request, quiet: bool) -> Report:
    """Run the engines with progress on stderr; interrupted, the report of what was decided so far."""
    from ..engines import portfolio
    from .output import Ticker
    from .report import verdict_line

    seen: list[Result] = []
    begun = time.monotonic()
    with Ticker(f"check {request.design}", len(request.properties), quiet) as ticker:

        def progress(result: Result) -> None:
            seen.append(result)
            line = f"{result.property}: {verdict_line(result)} ({result.seconds:.1f} s)"
            ticker.done(line, loud=verdict_line(result).startswith("violated"))

        try:
            return portfolio.check(request, progress)
        except KeyboardInterrupt:
            spent = time.monotonic() - begun
    return portfolio.Report(request.design, request.bounds, tuple(seen), (), False, spent, True)
