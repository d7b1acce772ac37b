"""``chimneysweep conform``: drive an executable target and watch whether it keeps the rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import ALL_HOLD, INTERRUPTED, UNDECIDED, VIOLATED, BadInput, above_0, output_file, write
from .exploring import explore_options
from .subjects import CHIMNEY, clauses_option, load
from .watch import Ran, watch
from .written import Wanted, result_options

if TYPE_CHECKING:
    from rich.console import Console

    from ..counterexamples.trace import Trace
    from ..properties.loading import SubjectRef
    from ..targets.campaign.alphabet import Within
    from ..targets.campaign.campaign import ConformReport, Options


@click.command("conform")
@click.argument("target", metavar="TARGET")
@click.option(
    "--runs",
    metavar="N",
    type=click.IntRange(0),
    default=300,
    show_default=True,
    help="Runs of the search, after the stored scenarios.",
)
@click.option("--seed", metavar="N", type=int, default=None, help="Seed of the runs. [a fresh one]")
@click.option(
    "--timeout",
    type=float,
    callback=above_0("number of seconds"),
    metavar="SECONDS",
    default=2.0,
    show_default=True,
    help="Seconds for one call.",
)
@click.option(
    "--workers", metavar="N", type=click.IntRange(0), default=0, help="Processes. [0: one a core if it pays]"
)
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep each run of the search there; the same command goes on where it was ended.",
)
@click.option("--no-sanitize", is_flag=True, help="C: build without the compiler's sanitizers.")
@click.option("--cflag", "cflags", metavar="FLAG", multiple=True, help="C: one more flag for the compiler.")
@click.option("--protocol", is_flag=True, help="TARGET is a program that speaks the line protocol.")
@click.option(
    "--subject",
    metavar="FILE.py[:NAME]",
    default=CHIMNEY,
    help="Judge by this subject: the chimney with parts of your own.",
)
@clauses_option
@explore_options
@result_options
@click.option(
    "--trace", "trace_file", metavar="FILE", callback=output_file, help="Keep the shortest finding there."
)
@click.option(
    "--keep", is_flag=True, help="Add the findings to .chimneysweep/corpus beside TARGET, to be played first."
)
@click.option(
    "--source",
    "from_sources",
    metavar="NAME",
    multiple=True,
    type=click.Choice(("kept", "corpus", "directed", "model", "sizes", "search")),
    help="Only scenarios from there: kept, corpus, directed, model, sizes, search. May be repeated.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Play everything, although something is broken already."
)
@click.option(
    "--watch", "watching", is_flag=True, help="Run again when a source file changes, what failed last first."
)
@click.option("--verbose", "-v", is_flag=True, help="Name everything that was never covered.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def command(
    target: str,
    runs: int,
    seed: int | None,
    timeout: float,
    workers: int,
    journal: Path | None,
    no_sanitize: bool,
    cflags: tuple[str, ...],
    protocol: bool,
    subject: str,
    clauses: tuple[str, ...],
    explore: Within | None,
    wanted: Wanted,
    trace_file: Path | None,
    keep: bool,
    from_sources: tuple[str, ...],
    everything: bool,
    watching: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Drive the executable target TARGET with many runs, and watch whether it keeps the rules.

    TARGET is a driver in C (a folder of .c files, a .c file, a .so), a Python class (FILE.py:CLASS, or
    FILE.py), a program that speaks the line protocol, or the name of one that comes along (`chimneysweep
    list targets`). It runs in a process of its own. Stored scenarios come first, then a search.

    A target that keeps them in every run is tested, not proved: the summary says how much was reached.
    """
    from ..targets.campaign.campaign import Options
    from ..targets.running.launch import How

    if keep:
        kept_beside(target)  # better known now than after the runs
    how = How(sanitize=not no_sanitize, flags=cflags, protocol=protocol)
    options = Options(runs, seed, timeout, how=how, all=everything, workers=workers, explore=explore)
    options = dataclasses.replace(options, journal=journal, sources=from_sources or options.sources)
    job = Job(target, options, (subject, clauses), wanted, trace_file, keep, verbose, quiet)
    return watch((target, subject, *clauses), job) if watching else job(())[0]


@dataclasses.dataclass(frozen=True)
class Job:
    """Runs of a target as they were asked for: what drives it, what judges it, what is written and told."""

    target: str
    options: Options
    judges: tuple[str, Sequence[str]]
    wanted: Wanted
    trace_file: Path | None
    keep: bool
    verbose: bool
    quiet: bool

    def __call__(self, failed: Sequence[Trace]) -> Ran:
        """Make them, those of *failed* first; the exit code, and the findings, the shortest first."""
        from .output import out

        more = judged_by_the_users(*self.judges)
        options = dataclasses.replace(self.options, first=tuple(failed), **more)
        report = drive(self.target, options, self.quiet)
        findings = sorted(report.findings, key=lambda trace: len(trace.steps))
        show(out(), report, findings, self.verbose)
        files = _keep_shortest(self.trace_file, findings)
        _tell(out(), [*files, *(kept(self.target, findings) if self.keep else ())])
        return _result(report, more.get("subject"), self.wanted), findings


def judged_by_the_users(subject: str, clauses: Sequence[str]) -> dict[str, Any]:
    """The options that say what a target is judged by; what the user adds is told. Raises BadInput."""
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.direct import judged_by

    if subject == CHIMNEY and not clauses:
        return {}
    ref, _ = load(subject, clauses)
    try:
        return {"subject": ref, "told": tuple(prop.name for prop in judged_by(ref).properties_added)}
    except BadTarget as problem:
        raise BadInput(str(problem)) from problem


def kept_beside(target: str) -> Path:
    """The folder that findings are added to; BadInput if there is no place for it."""
    from ..targets.campaign.corpus import beside

    folder = beside(target)
    if folder is None:
        raise BadInput(f"--keep: {target} is in no file, so there is no place beside it; use --trace FILE")
    return folder


Kept = list[tuple[str, Path]]
"""What was written: how it is called in the summary, and where it is."""


def kept(target: str, findings: Sequence[Trace]) -> Kept:
    """Add the findings to those beside the target. Raises BadInput."""
    from ..targets.campaign.corpus import keep

    folder = kept_beside(target)
    try:
        return [("kept", keep(folder, trace)) for trace in findings]
    except OSError as error:
        raise BadInput(f"cannot keep findings in {folder}: {error.strerror or error}") from error


def _keep_shortest(file: Path | None, findings: list[Trace]) -> Kept:
    from ..counterexamples.storage import dumps

    if file is None or not findings:
        return []
    write(file, dumps(findings[0]))
    return [("trace", file)]


def _result(report: ConformReport, judges: SubjectRef | None, wanted: Wanted) -> int:
    """Write the result, where it is wanted; the exit code."""
    from .ci_reports import of_conform

    code = exit_code(report)
    wanted.write(as_data(report), of_conform(report, judges, code))
    return code


def exit_code(report: ConformReport) -> int:
    """The exit code that the report calls for."""
    if report.why_partial == "interrupted":
        return INTERRUPTED
    if report.findings:
        return VIOLATED
    return UNDECIDED if report.partial else ALL_HOLD


def drive(target: str, options: Options, quiet: bool) -> ConformReport:
    """Drive the target with progress on stderr. Raises BadInput."""
    from ..targets.campaign.campaign import conform
    from ..targets.campaign.corpus import BadCorpus
    from ..targets.machine.refusal import BadTarget
    from .output import Ticker

    with Ticker(f"conform {target}", None, quiet) as ticker:
        try:
            return conform(target, options, ticker.note)
        except (BadTarget, BadCorpus) as problem:
            raise BadInput(str(problem)) from problem


def show(console: Console, report: ConformReport, findings: Sequence[Trace], verbose: bool) -> None:
    """How the report reads: the story of the first finding, the others in a line, and a summary."""
    from .coverage_lines import NEVER_COVERED, covered, run
    from .exploring import told
    from .output import say, wrapped

    _findings(console, findings)
    title, style = _title(report, findings)
    say(console, f"target {report.target}: {title}", style)
    seed = "" if report.explored else f" (seed {report.seed})"
    tested = f"{report.runs} runs{seed}, {report.calls} calls, {report.seconds:.1f} s; not proved"
    for heading, line in told(report.explored) if report.explored else ():
        wrapped(console, f"  {heading:13}{line}")
    wrapped(console, f"  {'tested':13}{tested}")
    if report.played:
        wrapped(console, f"  {'played':13}{report.played}")
    reached = sum(1 for runs in report.coverage.values() if runs)
    total = len(set(report.coverage) | set(report.never_reached))
    wrapped(console, f"  {'reached':13}{reached} of {total} properties had something to say in some run")
    if report.never_reached and not report.stopped_after:
        wrapped(console, f"  {'not reached':13}{', '.join(report.never_reached)}")
    for heading, line in covered(report.world, verbose):
        if heading != NEVER_COVERED or verbose or not report.stopped_after:
            wrapped(console, f"  {heading:13}{line}")
    for heading, line in run(report.code, verbose):
        wrapped(console, f"  {heading:13}{line}")
    if report.stopped_after:
        rest = f"after the {report.stopped_after} scenarios, since they broke something; --all plays the rest"
        wrapped(console, f"  {'stopped':13}{rest}")
    if report.also_broken:
        wrapped(console, f"  {'broke too':13}{', '.join(report.also_broken)}")


def _findings(console: Console, findings: Sequence[Trace]) -> None:
    from ..counterexamples.render import render
    from .explain import by_cause
    from .output import say, wrapped
    from .report import finding_line

    for number, (finding, causes) in enumerate(by_cause(findings)):
        if number == 0:
            render(finding, console)
            say(console)
        else:
            follows = f"; it follows from {', '.join(causes)}" if causes else ""
            wrapped(console, finding_line(finding) + follows, "bold red")


def _tell(console: Console, files: Kept) -> None:
    """What was written, and the command that shows it."""
    from .output import say

    for heading, path in files:
        say(console, f"  {heading:13}chimneysweep show {path}")


def _title(report: ConformReport, findings: Sequence[Trace]) -> tuple[str, str]:
    partial = f"PARTIAL: {report.why_partial or 'not every run was made'}, after {report.runs} runs"
    if findings:
        told = f"VIOLATED: {len(findings)} finding{'' if len(findings) == 1 else 's'}"
        return (f"{told}; {partial}" if report.partial else told), "bold red"
    return (partial, "bold yellow") if report.partial else ("NOTHING BROKEN in any run", "bold green")


def as_data(report: ConformReport) -> dict[str, Any]:
    """The report as JSON data."""
    from ..counterexamples.storage import to_json

    body = {f.name: getattr(report, f.name) for f in dataclasses.fields(report)}
    body["findings"] = [to_json(trace) for trace in report.findings]
    body["coverage"] = dict(report.coverage)
    body["code"] = dict(report.code)
    body["world"] = report.world.to_json()
    body["never_reached"] = list(report.never_reached)
    body["explored"] = dataclasses.asdict(report.explored) if report.explored else None
    return body
