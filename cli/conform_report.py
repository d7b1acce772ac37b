"""How what came of the runs against a target reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import ALL_HOLD, INTERRUPTED, UNDECIDED, VIOLATED

if TYPE_CHECKING:
    from rich.console import Console

    from ..counterexamples.trace import Trace
    from ..targets.campaign.campaign import ConformReport


def exit_code(report: ConformReport) -> int:
    """The exit code that the report calls for."""
    if report.why_partial == "interrupted":
        return INTERRUPTED
    if report.findings:
        return VIOLATED
    return UNDECIDED if report.partial else ALL_HOLD


def show(console: Console, report: ConformReport, findings: Sequence[Trace], verbose: bool) -> None:
    """How the report reads: the story of the first finding, the others in a line, and a summary."""
    from .coverage_lines import NEVER_COVERED, covered, listed, run
    from .exploring import explored_lines
    from .output import fact, say

    _findings(console, findings)
    title, style = _title(report, findings)
    say(console, f"target {report.target}: {title}", style)
    seed = "" if report.explored else f" (seed {report.seed})"
    tested = f"{report.runs} runs{seed}, {report.calls} calls, {report.seconds:.1f} s; not proved"
    for heading, line in explored_lines(report.explored) if report.explored else ():
        fact(console, heading, line)
    fact(console, "tested", tested)
    if report.played:
        fact(console, "played", report.played)
    reached = sum(1 for runs in report.coverage.values() if runs)
    total = len(set(report.coverage) | set(report.never_reached))
    fact(console, "reached", f"{reached} of {total} properties had something to say in some run")
    if report.never_reached and not report.stopped_after:
        fact(console, "not reached", listed(report.never_reached, verbose))
    for heading, line in covered(report.world, verbose):
        if heading != NEVER_COVERED or verbose or not report.stopped_after:
            fact(console, heading, line)
    for heading, line in run(report.code, verbose):
        fact(console, heading, line)
    if report.stopped_after:
        rest = f"after the {report.stopped_after} scenarios, since they broke something; --all plays the rest"
        fact(console, "stopped", rest)
    if report.also_broken:
        fact(console, "broke too", ", ".join(report.also_broken))


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


def _title(report: ConformReport, findings: Sequence[Trace]) -> tuple[str, str]:
    partial = f"PARTIAL: {report.why_partial or 'not every run was made'}, after {report.runs} runs"
    if findings:
        verdict = f"VIOLATED: {len(findings)} finding{'' if len(findings) == 1 else 's'}"
        return (f"{verdict}; {partial}" if report.partial else verdict), "bold red"
    return (partial, "bold yellow") if report.partial else ("NOTHING BROKEN in any run", "bold green")
