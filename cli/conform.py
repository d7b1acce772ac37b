"""``chimneysweep conform``: drive an executable target and watch whether it keeps the rules."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import ALL_HOLD, INTERRUPTED, UNDECIDED, VIOLATED, BadInput, output_file, seconds, write

if TYPE_CHECKING:
    from rich.console import Console

    from ..counterexamples.trace import Trace
    from ..targets.conform import ConformReport, Options


@click.command("conform")
@click.argument("target", metavar="TARGET")
@click.option(
    "--runs",
    metavar="N",
    type=click.IntRange(0),
    default=300,
    show_default=True,
    help="Random runs, after the directed ones.",
)
@click.option("--seed", metavar="N", type=int, default=None, help="Seed of the runs. [a fresh one]")
@click.option(
    "--timeout",
    type=float,
    callback=seconds,
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="Seconds for one call.",
)
@click.option("--json", "json_file", metavar="FILE", callback=output_file, help="Write the result as JSON.")
@click.option(
    "--trace", "trace_file", metavar="FILE", callback=output_file, help="Keep the shortest finding there."
)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def command(
    target: str,
    runs: int,
    seed: int | None,
    timeout: float,
    json_file: Path | None,
    trace_file: Path | None,
    quiet: bool,
) -> int:
    """Drive the executable target TARGET with many runs, and watch whether it keeps the rules.

    A target that keeps them in every run is tested, not proved: the summary says how much
    of the interface the runs reached.
    """
    from ..targets.conform import Options
    from .output import out, result_json

    report = _drive(target, Options(runs=runs, seed=seed, timeout=timeout), quiet)
    findings = sorted(report.findings, key=lambda trace: len(trace.steps))
    code = _exit_code(report)
    if trace_file is not None and findings:
        from ..counterexamples.storage import dumps

        write(trace_file, dumps(findings[0]))
    _show(out(), report, findings, trace_file)
    if json_file is not None:
        write(json_file, result_json("conform", code, _json(report)))
    return code


def _exit_code(report: ConformReport) -> int:
    if report.why_partial == "interrupted":
        return INTERRUPTED
    if report.findings:
        return VIOLATED
    return UNDECIDED if report.partial else ALL_HOLD


def _drive(target: str, options: Options, quiet: bool) -> ConformReport:
    from ..targets.conform import conform
    from ..targets.load import BadTarget
    from .output import Ticker

    with Ticker(f"conform {target}", None, quiet) as ticker:
        try:
            return conform(target, options, ticker.note)
        except BadTarget as problem:
            raise BadInput(str(problem)) from problem


def _show(console: Console, report: ConformReport, findings: list[Trace], trace_file: Path | None) -> None:
    from ..counterexamples.render import render
    from .output import say, wrapped
    from .report import finding_line

    for number, finding in enumerate(findings):
        if number == 0:
            render(finding, console)
            say(console)
        else:
            wrapped(console, finding_line(finding), "bold red")
    title, style = _title(report, findings)
    say(console, f"target {report.target}: {title}", style)
    tested = (
        f"{report.runs} runs (seed {report.seed}), {report.calls} calls, {report.seconds:.1f} s; not proved"
    )
    wrapped(console, f"  {'tested':13}{tested}")
    reached = sum(1 for runs in report.coverage.values() if runs)
    total = len(set(report.coverage) | set(report.never_reached))
    wrapped(console, f"  {'reached':13}{reached} of {total} properties had something to say in some run")
    if report.never_reached:
        wrapped(console, f"  {'not reached':13}{', '.join(report.never_reached)}")
    if report.also_broken:
        wrapped(console, f"  {'broke too':13}{', '.join(report.also_broken)}")
    if trace_file is not None and findings:
        say(console, f"  {'trace':13}chimneysweep show {trace_file}")


def _title(report: ConformReport, findings: list[Trace]) -> tuple[str, str]:
    partial = f"PARTIAL: {report.why_partial or 'not every run was made'}, after {report.runs} runs"
    if findings:
        told = f"VIOLATED: {len(findings)} finding{'' if len(findings) == 1 else 's'}"
        return (f"{told}; {partial}" if report.partial else told), "bold red"
    return (partial, "bold yellow") if report.partial else ("NOTHING BROKEN in any run", "bold green")


def _json(report: ConformReport) -> dict[str, Any]:
    from ..counterexamples.storage import to_json

    body = {f.name: getattr(report, f.name) for f in dataclasses.fields(report)}
    body["findings"] = [to_json(trace) for trace in report.findings]
    body["coverage"] = dict(report.coverage)
    body["never_reached"] = list(report.never_reached)
    return body
