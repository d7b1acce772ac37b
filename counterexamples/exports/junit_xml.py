"""JUnit XML: a test case for each rule, with the story of the run that breaks it."""

from __future__ import annotations

from types import ModuleType

from ..harmless import printable
from ..trace import Trace
from .ci_report import CiReport, RuleResult, of_trace
from .registry import library


def export(trace: Trace) -> str:
    """The trace as a suite of one failed case."""
    return render(of_trace(trace))


def render(report: CiReport) -> str:
    """The report as a suite. Raises CannotExport without the library."""
    junit = library("junitparser", "JUnit XML")
    suite = junit.TestSuite(printable(f"chimneysweep {report.command}, {report.about}"))
    for number, line in enumerate(report.rests_on, 1):
        suite.add_property(f"rests on {number}", printable(line))
    for ruling in report.rulings:
        suite.add_testcase(_case(junit, ruling))
    xml = junit.JUnitXml()
    xml.add_testsuite(suite)
    suite.time = xml.time = round(suite.time, 3)  # Surefire's schema has no more digits
    text: str = xml.tostring().decode("utf-8")
    return text if text.endswith("\n") else text + "\n"


def _case(junit: ModuleType, ruling: RuleResult) -> object:
    rule = ruling.rule
    case = junit.TestCase(printable(rule.name), printable(rule.kind), round(ruling.seconds, 3))
    outcomes = {"broken": junit.Failure, "undecided": junit.Error, "unreached": junit.Skipped}
    if ruling.came in outcomes:
        outcome = outcomes[ruling.came](printable(ruling.message), ruling.came)
        outcome.text = f"{ruling.story}\n\n{printable(rule.says)}\nsaid in {printable(rule.said_in)}"
        case.result = [outcome]
    return case
