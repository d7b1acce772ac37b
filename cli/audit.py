"""``chimneysweep audit``: what a specification itself is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import (
    ALL_HOLD,
    BUG,
    INTERRUPTED,
    UNDECIDED,
    VIOLATED,
    BadInput,
    UnknownName,
    above_0,
    output_file,
    write,
)
from .subjects import as_bad_input, clauses_option, inspect, load, subject_argument
from .written import WantedFiles, result_options

if TYPE_CHECKING:
    from ..audit.asking import Audit
    from ..audit.audited import Audited
    from ..audit.finding import Question


@click.command("audit")
@subject_argument
@clauses_option
@click.option(
    "--question", "questions", multiple=True, metavar="NAME", help="Ask only this question. [all nine]"
)
@click.option(
    "--finding",
    "-f",
    "findings",
    multiple=True,
    metavar="ID",
    help="Tell this finding in full, as it is stored; with --clauses: is it closed now?",
)
@click.option("--again", is_flag=True, help="Look for the findings anew, whatever is stored.")
@click.option(
    "--patience",
    type=float,
    callback=above_0("factor"),
    default=1.0,
    show_default=True,
    metavar="FACTOR",
    help="So many times the usual work for each search, where one ran out.",
)
@click.option("--verbose", "-v", is_flag=True, help="Tell every finding in full, and what was found sound.")
@result_options
@click.option(
    "--page", "page_file", metavar="FILE", callback=output_file, help="Write the page for spec authors."
)
@click.option(
    "--text",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the specification's pages are: --sarif points at their lines.",
)
@click.option("--keep", is_flag=True, help="Store what is found beside what is written about it.")
@click.option(
    "--matrix",
    "matrix_file",
    metavar="FILE",
    callback=output_file,
    help="Instead: try every seeded design against every property, and write that page (some minutes).",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def command(
    subject: str,
    clauses: tuple[str, ...],
    questions: tuple[str, ...],
    findings: tuple[str, ...],
    again: bool,
    patience: float,
    verbose: bool,
    wanted: WantedFiles,
    page_file: Path | None,
    text: Path | None,
    keep: bool,
    matrix_file: Path | None,
    quiet: bool,
) -> int:
    """Ask the specification itself: do its rules contradict each other, leave a hole, or say nothing?

    Without FILE.py that is the one of the TCP chimney. Nine questions are put to the clauses; each finding
    comes with the sentences it is about, a situation that shows it, and a wording that would mend it.
    With --clauses FILE.py --finding ID: is that finding closed once these clauses are added (or put in the
    place of those of the same name)?
    """
    from .audit_report import show, show_closed
    from .output import out

    if matrix_file is not None:
        return _matrix(_audited(subject, clauses), matrix_file, quiet)
    if keep and (audited := _audited(subject, clauses)).findings is None:
        raise BadInput(f"there is nowhere to keep it: nothing says where the findings on {audited.title} are")
    audited, audit = ask(subject, clauses, questions, findings, patience, quiet, again or keep)
    if clauses and findings:
        show_closed(out(), audit, _broken_by_the_design(audited, clauses))
    else:
        show(out(), audit, findings, verbose)
    _write(audit, page_file, wanted, text)
    if keep:
        _keep(audited, audit)
    return exit_code(audit)


def _write(audit: Audit, page_file: Path | None, wanted: WantedFiles, text: Path | None) -> None:
    from ..audit.json_data import as_data
    from ..audit.page import page
    from .ci_reports import of_audit

    if page_file is not None:
        write(page_file, page(audit))
    wanted.write(as_data(audit), of_audit(audit, exit_code(audit), text))


def _keep(audited: Audited, audit: Audit) -> None:
    """Store the evidence of what was found; that of questions that were not asked stays. Raises OSError."""
    from ..audit import evidence

    assert audited.findings is not None
    asked = {answer.question for answer in audit.answers}
    kept = [f for f in evidence.load(audited.findings).values() if f.question not in asked]
    evidence.save(audited.findings, [*kept, *(reviewed.finding for reviewed in audit.every)])


def ask(
    subject: str,
    clauses: Sequence[str],
    questions: Sequence[str],
    findings: Sequence[str],
    patience: float,
    quiet: bool,
    again: bool = True,
) -> tuple[Audited, Audit]:
    """Audit a subject with progress on stderr; what was audited, and what came of it. Raises BadInput.

    Unless *again*, findings that are asked for alone are told as they are stored.
    """
    from ..audit.asking import recalled

    audited = _audited(subject, clauses)
    asked = _questions((*questions, *_of(findings, audited, bool(clauses))))
    known = None if again or clauses or questions or not findings else recalled(audited, findings)
    if known is not None:
        return audited, known
    return audited, _ask(audited, asked, patience, frozenset(findings), quiet)


def _audited(subject: str, clauses: Sequence[str]) -> Audited:
    """What is to be audited. Raises BadInput."""
    from ..audit.audited import load as load_audited

    ref, whole = load(subject, clauses)
    inspect(ref, whole.bounds, ())
    with as_bad_input():
        audited = load_audited(ref)
    if not audited.clauses and not audited.guarantees:
        raise BadInput(f"{subject} has no clause and no guarantee, so there is nothing to ask")
    return audited


def _matrix(audited: Audited, file: Path, quiet: bool) -> int:
    """The mutation matrix, to a file; violated if a property catches nothing."""
    from ..audit.jobs import answer
    from ..audit.matrix_page import mutation_page
    from ..audit.mutation import matrix
    from .output import Ticker, out, say

    with Ticker("mutation matrix", None, quiet) as ticker:
        found = answer(audited, matrix(audited), ticker.note)
    write(file, mutation_page(found))
    idle = found.idle_columns()
    caught = sum(bool(found.broken(row)) for row in found.rows)
    tried = f"{caught} of {len(found.rows)} designs break some of {len(found.columns)} clauses and guarantees"
    say(out(), f"{tried}; {len(idle)} of these catch nothing{': ' if idle else ''}{', '.join(idle)}")
    return VIOLATED if idle else ALL_HOLD


def _questions(given: Sequence[str]) -> tuple[Question, ...]:
    from ..audit.asking import QUESTIONS

    for name in given:
        if name not in QUESTIONS:
            raise UnknownName("question", name, QUESTIONS, "chimneysweep audit --help")
    return tuple(name for name in QUESTIONS if not given or name in given)


def _of(findings: Sequence[str], audited: Audited, changed: bool) -> tuple[str, ...]:
    """The questions that find these; what is written about is known, and other clauses may bring others."""
    from ..audit.prose import load as load_prose

    known = load_prose(audited.findings) if findings and audited.findings else {}
    for name in findings:
        if name not in known and known and not changed:
            raise UnknownName("finding", name, known, "chimneysweep audit")
    return tuple(name.partition(".")[0] for name in findings)


def _ask(
    audited: Audited, questions: tuple[Question, ...], patience: float, only: frozenset[str], quiet: bool
) -> Audit:
    from ..audit import asking
    from ..audit.prose import ProseError
    from .output import Ticker

    with Ticker("audit", None, quiet) as ticker:
        try:
            return asking.audit(audited, questions, ticker.note, patience, only)
        except ProseError as problem:
            raise BadInput(str(problem)) from problem


def _broken_by_the_design(audited: Audited, clauses: tuple[str, ...]) -> list[str]:
    from ..audit.asking import broken_by_the_design
    from ..properties.loading import load_clauses

    names = [prop.name for file in clauses for prop in load_clauses(file) if prop.kind == "clause"]
    return list(broken_by_the_design(audited, names))


def exit_code(audit: Audit) -> int:
    """The exit code that the audit calls for."""
    if audit.partial:
        return INTERRUPTED
    if audit.misreported:
        return BUG
    if audit.findings:
        return VIOLATED
    return UNDECIDED if audit.undecided else ALL_HOLD
