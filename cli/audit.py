"""``chimneysweep audit``: what the specification itself is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import ALL_HOLD, BUG, INTERRUPTED, UNDECIDED, VIOLATED, BadInput, Unknown, output_file, write

if TYPE_CHECKING:
    from rich.console import Console

    from ..audit.finding import Question
    from ..audit.run import Audit, Reviewed


@click.command("audit")
@click.option(
    "--question", "questions", multiple=True, metavar="NAME", help="Ask only this question. [all seven]"
)
@click.option("--finding", "-f", "findings", multiple=True, metavar="ID", help="Tell this finding in full.")
@click.option(
    "--patience",
    type=click.FloatRange(0, 1000, min_open=True),
    default=1.0,
    show_default=True,
    metavar="FACTOR",
    help="So many times the usual time for each question (on a slow or busy machine).",
)
@click.option("--verbose", "-v", is_flag=True, help="Tell every finding in full, and what was found sound.")
@click.option("--json", "json_file", metavar="FILE", callback=output_file, help="Write the result as JSON.")
@click.option(
    "--page", "page_file", metavar="FILE", callback=output_file, help="Write the page for spec authors."
)
@click.option(
    "--matrix",
    "matrix_file",
    metavar="FILE",
    callback=output_file,
    help="Instead: try every seeded design against every property, and write that page (some minutes).",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def command(
    questions: tuple[str, ...],
    findings: tuple[str, ...],
    patience: float,
    verbose: bool,
    json_file: Path | None,
    page_file: Path | None,
    matrix_file: Path | None,
    quiet: bool,
) -> int:
    """Ask the specification itself: do its rules contradict each other, leave a hole, or say nothing?

    Seven questions are put to the clauses; each finding comes with the sentences it is
    about, a situation that shows it, and a wording that would mend it.
    """
    from ..audit.data import as_data
    from ..audit.page import page
    from .output import out, result_json

    if matrix_file is not None:
        return _matrix(matrix_file, quiet)
    told = _findings(findings)
    asked = _questions((*questions, *(name.partition(".")[0] for name in told)))
    audit = _ask(asked, patience, quiet)
    code = _exit_code(audit)
    _show(out(), audit, told, verbose)
    if page_file is not None:
        write(page_file, page(audit))
    if json_file is not None:
        write(json_file, result_json("audit", code, as_data(audit)))
    return code


def _matrix(file: Path, quiet: bool) -> int:
    """The mutation matrix, to a file; violated if a property catches nothing."""
    from ..audit.matrix_page import mutation_page
    from ..audit.mutation import matrix
    from .output import Ticker, out, say

    with Ticker("mutation matrix", None, quiet) as ticker:
        found = matrix(ticker.note)
    write(file, mutation_page(found))
    idle = found.idle_columns()
    caught = f"{len(found.rows)} seeded designs, each caught; {len(found.columns)} properties"
    say(out(), f"{caught}, of which {len(idle)} catch nothing{': ' if idle else ''}{', '.join(idle)}")
    return VIOLATED if idle else ALL_HOLD


def _questions(given: tuple[str, ...]) -> tuple[Question, ...]:
    from ..audit.run import BUDGETS

    for name in given:
        if name not in BUDGETS:
            raise Unknown("question", name, BUDGETS, "chimneysweep audit --help")
    return tuple(name for name in BUDGETS if not given or name in given)


def _findings(given: tuple[str, ...]) -> tuple[str, ...]:
    from ..audit.prose import load

    known = load() if given else {}
    for name in given:
        if name not in known:
            raise Unknown("finding", name, known, "chimneysweep audit")
    return given


def _ask(questions: tuple[Question, ...], patience: float, quiet: bool) -> Audit:
    from ..audit import run
    from ..audit.prose import ProseError, load
    from ..audit.spec import the_spec
    from .output import Ticker

    try:
        prose = load()
    except ProseError as problem:
        raise BadInput(str(problem)) from problem
    with Ticker("audit", None, quiet) as ticker:
        return run.audit(the_spec(), prose, questions, ticker.note, patience)


def _exit_code(audit: Audit) -> int:
    if audit.partial:
        return INTERRUPTED
    if audit.misreported:
        return BUG
    if audit.findings:
        return VIOLATED
    return UNDECIDED if any(a.undecided for a in audit.answers) else ALL_HOLD


def _show(console: Console, audit: Audit, told: tuple[str, ...], verbose: bool) -> None:
    from ..audit.page import ASKS
    from .output import say, table, wrapped

    for reviewed in audit.findings:
        if verbose or reviewed.finding.id in told:
            _tell(console, reviewed)
    if not told:
        _list(console, audit)
    rows = [[a.question, *_numbers(a), f"{a.seconds:.1f} s", ASKS[a.question]] for a in audit.answers]
    table(console, ("question", "examined", "findings", "sound", "open", "time", "asks"), rows)
    for answer in audit.answers:
        for text in answer.undecided:
            wrapped(console, f"  not settled   {answer.question}: {text}", "yellow")
        for sound in answer.sound if verbose else ():
            wrapped(console, f"  sound         {answer.question}: {sound.what} ({sound.rests_on})")
    for name in audit.stale:
        wrapped(console, f"  stale         {name} is written about, and no longer found", "bold red")
    for problem in audit.misreported:
        text = f"this is a bug in chimneysweep: a situation does not replay on the model: {problem}"
        wrapped(console, text, "bold red")
    say(console)
    _title(console, audit)


def _numbers(answer: Any) -> list[str]:
    return [str(n) for n in (answer.examined, len(answer.findings), len(answer.sound), len(answer.undecided))]


def _tell(console: Console, reviewed: Reviewed) -> None:
    from ..audit.page import paragraphs
    from .output import say

    for line in paragraphs(reviewed, max(40, min(console.width, 120))):
        say(console, line)
    say(console)


def _list(console: Console, audit: Audit) -> None:
    from ..audit.page import heading, title_of
    from .output import say, table

    groups: dict[str, list[list[str]]] = {}
    for reviewed in audit.findings:
        row = [reviewed.finding.id, title_of(reviewed)]
        groups.setdefault(heading(reviewed.prose), []).append(row)
    for title, rows in groups.items():
        say(console, title, "bold")
        table(console, ("  finding", ""), [[f"  {name}", text] for name, text in rows])
        say(console)


def _title(console: Console, audit: Audit) -> None:
    from .output import say, wrapped

    count = len(audit.findings)
    found = f"{count} FINDING{'' if count == 1 else 'S'}" if count else "NOTHING FOUND"
    if audit.partial:
        found = f"PARTIAL, not asked: {', '.join(audit.partial)}; {found}"
    say(console, f"{found} in {audit.spec} ({audit.seconds:.0f} s)", "bold red" if count else "bold green")
    if count:
        wrapped(console, "Read one: `chimneysweep audit --finding ID`. All of them: docs/audit.md.")
