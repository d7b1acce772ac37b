"""GitHub Actions: annotations on the lines of source (workflow commands), and the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator

from ..harmless import printable
from ..trace import Trace
from .ci_report import CiReport, RuleResult, of_trace
from .mermaid_diagram import diagram

MOST = 10
"""Annotations of a kind that a step may have; what is over that is not shown."""
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable that names the file of the job summary."""


def export(trace: Trace) -> str:
    """The trace as annotations."""
    return commands(of_trace(trace))


def commands(report: CiReport) -> str:
    """A workflow command for each rule that is broken or undecided, and one for what came of it."""
    lines = [_command("error", ruling) for ruling in list(report.those("broken"))[:MOST]]
    lines += [_command("warning", ruling) for ruling in list(report.those("undecided"))[:MOST]]
    rests = "; ".join(report.rests_on)
    message = f"{report.title}. It rests on: {rests}" if rests else report.title
    return "".join(f"{line}\n" for line in (*lines, f"::notice title=chimneysweep::{_data(message)}"))


def _command(level: str, ruling: RuleResult) -> str:
    at = {"file": ruling.file} if ruling.file else {}
    at |= {"line": str(ruling.place.line)} if ruling.place else {}
    fields = {**at, "title": f"chimneysweep: {ruling.rule.name}"}
    attributes = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    return f"::{level} {attributes}::{_data(ruling.message)}"


def _data(text: str) -> str:
    """The text of a command: what would end it, or begin another, is escaped."""
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(report: CiReport) -> str:
    """The report in Markdown: what did not hold, the first story with its diagram, what it rests on."""
    return "\n".join(_summary(report)) + "\n"


def _summary(report: CiReport) -> Iterator[str]:
    yield f"### {markdown(report.title)}\n"
    wrong = [ruling for ruling in report.rulings if ruling.came in ("broken", "undecided")]
    if wrong:
        yield "| | rule | what came of it | source |\n| --- | --- | --- | --- |"
    for ruling in wrong:
        place = ruling.place
        where = f"{place.file}:{place.line}" if place else ruling.rule.said_in
        cells = (ruling.came, ruling.rule.name, ruling.message, where)
        yield f"| {' | '.join(map(markdown, cells))} |"
    first = next((ruling for ruling in wrong if ruling.trace), None)
    if first is not None and first.trace is not None:
        yield f"\n{fenced(first.story)}\n\n{fenced(diagram(first.trace), 'mermaid')}"
    if report.rests_on:
        yield "\nIt rests on:\n"
        yield from (f"- {markdown(line)}" for line in report.rests_on)


def markdown(text: str) -> str:
    """Plain text in a line, or a cell, of Markdown: nothing in it is markup."""
    plain = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"&#{ord(c)};" if c in "|`*_[]\\~#@!" else c for c in plain)


def fenced(text: str, kind: str = "text") -> str:
    """A block of code, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{text.rstrip()}\n{fence}"
