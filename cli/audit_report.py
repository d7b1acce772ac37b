"""An audit in the terminal: the findings, what was examined, and what was not settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import say, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ..audit.asking import Audit, Reviewed
    from ..audit.finding import Answer

MORE = "Give it more work: --patience 3. Work is counted, so how busy the machine is changes nothing."
FEW = 3
"""More remarks on one question are counted, unless everything is told."""
YELLOW, RED, GREEN = "yellow", "bold red", "bold green"


def show(console: Console, audit: Audit, wanted: Sequence[str], verbose: bool) -> None:
    """The whole audit; the findings *wanted* in full, or all if *verbose*."""
    for reviewed in audit.findings:
        if verbose or reviewed.finding.id in wanted:
            _tell(console, reviewed, audit)
    if not wanted:
        _list(console, audit)
    _table(console, audit)
    for answer in audit.answers:
        _besides(console, answer, verbose)
    for name in audit.stale:
        text = "is not found" if wanted else "is written about, and no longer found"
        wrapped(console, f"  stale         {name} {text}", RED)
    for name in audit.open:
        wrapped(
            console, f"  open          {name} is not found so far, and its question is not settled", YELLOW
        )
    _misreported(console, audit)
    say(console)
    _title(console, audit)


def show_closed(console: Console, audit: Audit, broken: Sequence[str]) -> None:
    """Whether the findings asked for are closed by the clauses that were added; *broken*: by the design."""
    for reviewed in audit.findings:
        _tell(console, reviewed, audit)
    for answer in audit.answers:
        _besides(console, answer, True)
    _misreported(console, audit)
    say(console)
    for reviewed in audit.findings:
        wrapped(console, f"still open: {reviewed.finding.id}: {reviewed.finding.shows}", RED)
    for name in audit.open:
        wrapped(console, f"UNDECIDED: {name}: {MORE}", YELLOW)
    for name in audit.stale:
        wrapped(console, f"closed: {name} is not found with these clauses", GREEN)
    for text in broken:
        wrapped(console, f"but {text}: do the clauses forbid more than they should?", YELLOW)


def _table(console: Console, audit: Audit) -> None:
    from ..audit.page import ASKS

    asked = [answer for answer in audit.answers if not answer.skipped]
    rows = [[a.question, *_numbers(a), f"{a.seconds:.1f} s", ASKS[a.question]] for a in asked]
    if rows:
        table(console, ("question", "examined", "findings", "sound", "open", "work", "asks"), rows)


def _numbers(answer: Answer) -> list[str]:
    return [str(n) for n in (answer.examined, len(answer.findings), len(answer.sound), len(answer.undecided))]


def _besides(console: Console, answer: Answer, verbose: bool) -> None:
    """What was skipped, what is not settled, what is not covered; if *verbose*, what was found sound."""
    if answer.skipped:
        wrapped(console, f"  not asked     {answer.question}: {answer.skipped}")
    for text in answer.undecided:
        wrapped(console, f"  not settled   {answer.question}: {text}", YELLOW)
    if verbose or len(answer.remarks) <= FEW:
        for text in answer.remarks:
            wrapped(console, f"  not covered   {answer.question}: {text}")
    else:
        few = f"{len(answer.remarks)} remarks; --verbose and --page tell them"
        wrapped(console, f"  not covered   {answer.question}: {few}")
    for sound in answer.sound if verbose else ():
        wrapped(console, f"  sound         {answer.question}: {sound.what} ({sound.rests_on})")


def _misreported(console: Console, audit: Audit) -> None:
    for problem in audit.misreported:
        text = f"this is a bug in chimneysweep: a situation does not replay on the model: {problem}"
        wrapped(console, text, RED)


def _tell(console: Console, reviewed: Reviewed, audit: Audit) -> None:
    from ..audit.finding_text import paragraphs

    for line in paragraphs(reviewed, audit.rules, max(40, min(console.width, 120))):
        say(console, line)
    say(console)


def _list(console: Console, audit: Audit) -> None:
    from ..audit.finding_text import heading, title_of

    groups: dict[str, list[list[str]]] = {}
    for reviewed in audit.findings:
        row = [reviewed.finding.id, title_of(reviewed)]
        groups.setdefault(heading(reviewed.prose), []).append(row)
    for title, rows in groups.items():
        say(console, title, "bold")
        table(console, ("  finding", ""), [[f"  {name}", text] for name, text in rows])
        say(console)


def _title(console: Console, audit: Audit) -> None:
    count = len(audit.findings)
    unsettled = sum(bool(answer.undecided) for answer in audit.answers)
    found = f"{count} FINDING{'' if count == 1 else 'S'}" if count else "NOTHING FOUND"
    if unsettled:
        unclear = f"{unsettled} question{'' if unsettled == 1 else 's'} not settled"
        found = f"{found}, {unclear}" if count else f"UNDECIDED: {unclear}"
    if audit.partial:
        found = f"PARTIAL, not asked: {', '.join(audit.partial)}; {found}"
    style = RED if count else YELLOW if unsettled or audit.partial else GREEN
    when = "as stored; --again looks anew" if audit.stored else f"{audit.seconds:.0f} s"
    say(console, f"{found} in {audit.spec} ({when})", style)
    if unsettled:
        wrapped(console, MORE)
    if count and not audit.stored:
        wrapped(console, "Read one: `chimneysweep audit --finding ID`. All of them: `--page FILE.md`.")
