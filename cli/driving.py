"""Driving an executable target from the command line: its options, the runs, what is kept of them."""

from __future__ import annotations

import dataclasses
import functools
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .conform_report import exit_code, show
from .errors import BadInput, above_0, output_file, write
from .subjects import CHIMNEY, clauses_option, load
from .written import WantedFiles, result_options

if TYPE_CHECKING:
    from rich.console import Console

    from ..counterexamples.trace import Trace
    from ..properties.loading import SubjectRef
    from ..targets.campaign.campaign import ConformReport, Options

Ran = tuple[int, Sequence["Trace"]]
"""The exit code of a run, and its findings."""


def driving_options(runs: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """What says how TARGET is driven, judged and told, with so many *runs* if nothing is said.

    The command gets ``job``, a :class:`Drive`.
    """

    def options(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def with_job(**given: Any) -> int:
            telling = {name: given.pop(name) for name in TELLING}
            driving = {name: given.pop(name) for name in DRIVING}
            return command(job=_job(Telling(**telling), **driving), **given)

        decorated: Callable[..., int] = with_job
        every: tuple[Callable[..., Any], ...] = (*_options(runs), *HOW, clauses_option, telling_options)
        for option in reversed(every):
            decorated = option(decorated)
        return decorated

    return options


def _seed(context: click.Context, option: click.Parameter, said: str | None) -> int | None:
    """The number that was said, or one that nobody knows before; None leaves it to what is played."""
    if said is None:
        return None
    if said == "random":
        return random.SystemRandom().randrange(2**32)
    try:
        return int(said)
    except ValueError:
        raise click.BadParameter(f"{said!r} is neither a whole number nor 'random'.") from None


def _options(runs: int) -> tuple[Callable[..., Any], ...]:
    """What decides the runs."""
    return (
        click.argument("target", metavar="TARGET"),
        click.option(
            "--runs",
            metavar="N",
            type=click.IntRange(0),
            default=runs,
            show_default=True,
            help="Runs of the search, after the stored scenarios.",
        ),
        click.option(
            "--seed", metavar="N", callback=_seed, help="Seed of the runs; 'random' draws one. [default: 1]"
        ),
        click.option(
            "--timeout",
            type=float,
            callback=above_0("number of seconds"),
            metavar="SECONDS",
            default=2.0,
            show_default=True,
            help="Seconds for one call.",
        ),
        click.option(
            "--workers",
            metavar="N",
            type=click.IntRange(0),
            default=0,
            help="Processes. [0: one a core if it pays]",
        ),
        click.option(
            "--cluster", metavar="ADDRESS", default="", help="Play on the Dask cluster of this scheduler."
        ),
    )


HOW: tuple[Callable[..., Any], ...] = (
    click.option(
        "--processors",
        metavar="N",
        type=click.IntRange(1, 2),
        default=1,
        show_default=True,
        help="2: two calls into a driver in C at once, in every schedule. [1: in a few]",
    ),
    click.option("--no-sanitize", is_flag=True, help="C: build without the compiler's sanitizers."),
    click.option(
        "--cflag", "cflags", metavar="FLAG", multiple=True, help="C: one more flag for the compiler."
    ),
    click.option("--protocol", is_flag=True, help="TARGET is a program that speaks the line protocol."),
    click.option(
        "--subject",
        metavar="FILE.py[:NAME]",
        default=CHIMNEY,
        help="Judge by this subject: the chimney with parts of your own.",
    ),
    click.option(
        "--source",
        "sources",
        metavar="NAME",
        multiple=True,
        type=click.Choice(("kept", "corpus", "directed", "model", "sizes", "faults", "processors", "search")),
        help="Only from there (kept, corpus, directed, ...). May be repeated.",
    ),
)
"""What decides how the target is built and called, and what it is judged by."""

DRIVING = (
    *(
        "target",
        "runs",
        "seed",
        "timeout",
        "workers",
        "cluster",
        "processors",
        "no_sanitize",
        "cflags",
        "protocol",
        "subject",
    ),
    *("clauses", "sources"),
)
TELLING = ("wanted", "trace_file", "verbose", "quiet")
"""What the command would get of the options."""


def telling_options(command: Callable[..., int]) -> Callable[..., int]:
    """What decides how runs are told: :data:`TELLING`, for a :class:`Telling`."""
    shortest = "Keep the shortest finding there."
    for option in (
        click.option("--quiet", "-q", is_flag=True, help="No progress on stderr."),
        click.option("--verbose", "-v", is_flag=True, help="Name everything that was never covered."),
        click.option("--trace", "trace_file", metavar="FILE", callback=output_file, help=shortest),
        result_options,
    ):
        command = option(command)
    return command


def _job(
    telling: Telling,
    target: str,
    no_sanitize: bool,
    cflags: tuple[str, ...],
    protocol: bool,
    subject: str,
    clauses: tuple[str, ...],
    sources: tuple[str, ...],
    **rest: Any,
) -> Drive:
    from ..targets.campaign.campaign import Options
    from ..targets.running.launch import How

    how = How(sanitize=not no_sanitize, flags=cflags, protocol=protocol)
    chosen: dict[str, Any] = {"sources": sources} if sources else {}
    return Drive(target, Options(how=how, **rest, **chosen), (subject, clauses), telling)


@dataclasses.dataclass(frozen=True)
class Telling:
    """What is written and told of runs."""

    wanted: WantedFiles
    trace_file: Path | None
    verbose: bool
    quiet: bool

    def tell(self, report: ConformReport, judges: SubjectRef | None, keep: str = "") -> Ran:
        """Show and write a report; the exit code, and the findings, the shortest first.

        They are kept beside the target *keep*, if there is one.
        """
        from .ci_reports import of_conform
        from .output import out

        findings = sorted(report.findings, key=lambda trace: len(trace.steps))
        show(out(), report, findings, self.verbose)
        files = _keep_shortest(self.trace_file, findings)
        _tell(out(), [*files, *(kept(keep, findings) if keep else ())])
        code = exit_code(report)
        self.wanted.write(report.to_json(), of_conform(report, judges, code))
        return code, findings


@dataclasses.dataclass(frozen=True)
class Drive:
    """Runs of a target as they were asked for: what drives it, what judges it, how it is told."""

    target: str
    options: Options
    judges: tuple[str, Sequence[str]]
    telling: Telling
    keep: bool = False

    def __call__(self, failed: Sequence[Trace]) -> Ran:
        """Make them, those of *failed* first; the exit code, and the findings, the shortest first."""
        more = judged_by_the_users(*self.judges)
        options = dataclasses.replace(self.options, first=tuple(failed), **more)
        report = drive(self.target, options, self.telling.quiet)
        return self.telling.tell(report, more.get("subject"), self.target if self.keep else "")


def judged_by_the_users(subject: str, clauses: Sequence[str]) -> dict[str, Any]:
    """The options that say what a target is judged by; what the user adds is told. Raises BadInput."""
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.direct import judged_by

    if subject == CHIMNEY and not clauses:
        return {}
    ref, _ = load(subject, clauses)
    try:
        return {"subject": ref, "reported": tuple(prop.name for prop in judged_by(ref).properties_added)}
    except BadTarget as problem:
        raise BadInput(str(problem)) from problem


def kept_beside(target: str) -> Path:
    """The folder that findings are added to; BadInput if there is no place for it."""
    from ..targets.campaign.corpus import findings_folder

    folder = findings_folder(target)
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


def drive(target: str, options: Options, quiet: bool) -> ConformReport:
    """Drive the target with progress on stderr. Raises BadInput."""
    from ..targets.campaign.campaign import conform

    return told_by(f"conform {target}", lambda progress: conform(target, options, progress), quiet)


def told_by(title: str, make: Callable[[Callable[[str], None]], ConformReport], quiet: bool) -> ConformReport:
    """What *make* makes, with progress on stderr. Raises BadInput."""
    from ..targets.campaign.corpus import BadCorpus
    from ..targets.machine.refusal import BadTarget
    from .output import Ticker

    with Ticker(title, None, quiet) as ticker:
        try:
            return make(ticker.note)
        except (BadTarget, BadCorpus) as problem:
            raise BadInput(str(problem)) from problem


def _tell(console: Console, files: Kept) -> None:
    """What was written, and the command that shows it."""
    from .output import say

    for heading, path in files:
        say(console, f"  {heading:13}chimneysweep show {quote(str(path))}")
