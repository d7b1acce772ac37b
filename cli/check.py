"""``chimneysweep check``: prove or refute properties of a design, on the model."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import BadInput, UnknownName, above_0, output_directory, output_file
from .subjects import (
    bound_options,
    bounds_of,
    clauses_option,
    design_of,
    inspect,
    load,
    properties_of,
    subject_argument,
)
from .written import WantedFiles, result_options

if TYPE_CHECKING:
    from ..engines.portfolio import CheckRequest, Report
    from ..engines.verdict import Result
    from ..properties.subject import Subject
    from .report import Printer


@click.command("check")
@subject_argument
@click.option(
    "--design",
    "-d",
    "designs",
    multiple=True,
    metavar="NAME",
    help="A design by name, or FILE.py[:NAME]; `all`: the reference, and each seeded one by what it "
    "should break. [reference]",
)
@clauses_option
@click.option(
    "--property",
    "-p",
    "properties",
    multiple=True,
    metavar="NAME",
    help="Property. [every clause and guarantee]",
)
@result_options
@click.option(
    "--trace-dir", metavar="DIR", callback=output_directory, help="Keep the trace of each violation there."
)
@click.option(
    "--timeout",
    type=float,
    callback=above_0("number of seconds"),
    metavar="SECONDS",
    default=3600.0,
    show_default=True,
    help="Seconds for one query: an outer limit; the budgets are counted in work.",
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
    "--engine",
    type=click.Choice(("portfolio", "induction", "bmc", "spacer")),
    default="portfolio",
    show_default=True,
    help="Who decides: all of them in turn, or one by itself (spacer: small bounds only, and no lemmas).",
)
@click.option(
    "--propose-lemmas",
    "lemmas",
    metavar="FILE.py",
    callback=output_file,
    help="Where a proof does not close: look for lemmas with which it does, write them there, and use them.",
)
@bound_options
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.option("--verbose", "-v", is_flag=True, help="A line for each property.")
def command(
    subject: str,
    designs: tuple[str, ...],
    clauses: tuple[str, ...],
    properties: tuple[str, ...],
    trace_dir: Path | None,
    timeout: float,
    depth: int,
    workers: int | None,
    engine: str,
    lemmas: Path | None,
    bounds: dict[str, int],
    quiet: bool,
    verbose: bool,
    wanted: WantedFiles,
    **sizes: int | None,
) -> int:
    """Prove or refute properties of a design, on the model.

    Without FILE.py the subject is the TCP chimney; with it, the Subject in that file
    (`chimneysweep new --subject NAME` writes one to start from). A proof holds for any number of
    steps and bytes, in a world of the size given; a violation comes as the shortest run that shows it.
    """
    from .output import out
    from .report import Printer

    named = {name: size for name, size in sizes.items() if size is not None}
    limits = (timeout, depth, workers, engine)
    whole, jobs = requests(subject, designs, clauses, properties, {**named, **bounds}, *limits)
    if lemmas is not None:
        jobs = [_with_lemmas(jobs, lemmas, quiet)]
        whole = jobs[0].subject.load()
    helping = "" if lemmas else "write a lemma, or let --propose-lemmas FILE.py look for some"
    printer = Printer(out(), whole, trace_dir, verbose, helping=helping)
    return _run(jobs, whole, printer, wanted, quiet)


def _with_lemmas(jobs: Sequence[CheckRequest], file: Path, quiet: bool) -> CheckRequest:
    """The one request, with lemmas where its proofs need them and some were found. Raises BadInput."""
    from .proposals import helped

    if len(jobs) > 1:
        raise BadInput("lemmas are proposed for one design at a time; give one with --design")
    if file.exists() or file.suffix != ".py":
        raise BadInput(f"{file} is there already, or is no .py file; give a new one for the lemmas")
    alone = dataclasses.replace(jobs[0], engine="induction")
    return helped(jobs[0], decide(alone, quiet), file)


def requests(
    subject: str,
    designs: Sequence[str],
    clauses: Sequence[str],
    properties: Sequence[str],
    bounds: Mapping[str, int],
    timeout: float,
    depth: int,
    workers: int | None,
    engine: str,
) -> tuple[Subject, list[CheckRequest]]:
    """What is to be checked: the subject, and a request for each design. Raises BadInput, Unknown."""
    from ..engines.portfolio import ENGINES, CheckRequest

    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES, "chimneysweep check --help")
    ref, whole = load(subject, clauses)
    world = bounds_of(whole, bounds)
    wanted = properties_of(properties, whole)
    seeded = _breaks(whole) if "all" in designs and not properties else {}
    chosen = _designs(designs, whole)
    inspect(ref, world, chosen)
    limits = (timeout, depth, workers or min(8, os.cpu_count() or 1))
    return whole, [
        CheckRequest(name, seeded.get(name) or wanted, world, *limits, subject=ref, engine=engine)
        for name in chosen
    ]


def _breaks(subject: Subject) -> dict[str, tuple[str, ...]]:
    """The property that each seeded design is to break."""
    return {design.name: (design.breaks,) for design in subject.every_design if design.breaks}


def _designs(given: Sequence[str], subject: Subject) -> list[str]:
    """The designs to check, by their names or as files. Raises BadInput, Unknown."""
    from ..properties.loading import is_file

    every: list[str] = []
    for name in given:
        named = subject.design_names if name == "all" else (design_of(name, subject).name,)
        every += (name,) if is_file(name) else named
    return list(dict.fromkeys(every)) or [subject.the_reference.name]


def _run(
    jobs: list[CheckRequest], subject: Subject, printer: Printer, wanted: WantedFiles, quiet: bool
) -> int:
    from .ci_reports import of_check
    from .verdicts import as_data

    reports: list[Report] = []
    for job in jobs:
        report = decide(job, quiet)
        reports.append(report)
        printer.show(report, len(job.properties))
        if report.partial:
            break
    code, body = as_data(reports, subject)
    wanted.write(body, of_check(reports, subject, code))
    return code


def decide(request: CheckRequest, quiet: bool) -> Report:
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
    found = (request.design, request.bounds, tuple(seen), (), False, spent, True)
    return portfolio.Report(*found, engine=request.engine)
