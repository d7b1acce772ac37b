"""What a report of ``check`` comes to: which results count, and the exit code."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ..counterexamples.model_replay import Replay, replay_on_model
from ..counterexamples.storage import to_json
from ..engines.verdict import Proved, Result, Unknown, Violated
from ..properties.loading import load_design
from ..properties.property import Property
from ..properties.subject import Subject
from .errors import ALL_HOLD, BUG, INTERRUPTED, UNDECIDED, VIOLATED

if TYPE_CHECKING:
    from ..engines.portfolio import Report


@dataclasses.dataclass(frozen=True)
class Sorted:
    """The results of a report, each in one place.

    ``literal`` are refuted readings that no target can keep, ``readings`` the results of
    the other readings that are not the default one: neither counts.
    """

    proved: tuple[Result, ...]
    violated: tuple[Result, ...]
    undecided: tuple[Result, ...]
    literal: tuple[Result, ...]
    readings: tuple[Result, ...]

    @property
    def counted(self) -> tuple[Result, ...]:
        """What the exit code depends on."""
        return (*self.proved, *self.violated, *self.undecided)


def sort(report: Report, subject: Subject) -> Sorted:
    """The report's results, sorted; violations with the shortest trace first."""
    places: dict[str, list[Result]] = {f.name: [] for f in dataclasses.fields(Sorted)}
    for result in report.results:
        places[_place(result, subject.find(result.property))].append(result)
    for refuted in (places["violated"], places["literal"]):
        refuted.sort(key=_length)
    return Sorted(**{name: tuple(results) for name, results in places.items()})


def _length(result: Result) -> int:
    return len(result.verdict.trace.steps) if isinstance(result.verdict, Violated) else 0


def _place(result: Result, prop: Property) -> str:
    if prop.impossible_with and isinstance(result.verdict, Violated):
        return "literal"
    if prop.reading:
        return "readings"
    match result.verdict:
        case Proved():
            return "proved"
        case Violated():
            return "violated"
        case Unknown():
            return "undecided"


def vacuous(report: Report) -> list[str]:
    """The properties whose premise can never hold: true, and worth nothing."""
    return [w.property for w in report.witnesses if w.reachable is False]


def misreported(report: Report, subject: Subject) -> list[tuple[Result, Replay]]:
    """The violations whose trace does not replay on the model: bugs of ours, not findings."""
    refuted = [r for r in report.results if isinstance(r.verdict, Violated)]
    if not refuted:
        return []
    design = load_design(report.design, subject)
    systems = {}  # the engines may have looked in a smaller world
    found = []
    for result in refuted:
        assert isinstance(result.verdict, Violated)
        trace = result.verdict.trace
        if trace.bounds not in systems:
            systems[trace.bounds] = subject.system(design, trace.bounds)
        replay = replay_on_model(trace, systems[trace.bounds], subject.find)
        if not replay.ok:
            found.append((result, replay))
    return found


def exit_code(reports: list[Report], subject: Subject) -> int:
    """The exit code that the reports call for."""
    if any(misreported(report, subject) for report in reports):
        return BUG
    if any(report.partial for report in reports):
        return INTERRUPTED
    found = [sort(report, subject) for report in reports]
    if any(s.violated for s in found):
        return VIOLATED
    # A transition relation that is not total proves nothing, so nothing was decided.
    return UNDECIDED if any(s.undecided for s in found) or not all(r.total for r in reports) else ALL_HOLD


def as_data(reports: list[Report], subject: Subject) -> tuple[int, dict[str, Any]]:
    """The exit code, and the reports as JSON data."""
    return exit_code(reports, subject), {
        "subject": subject.name,
        "parts": [part.name for part in subject.parts],
        "partial": any(report.partial for report in reports),
        "reports": [_report(report, subject) for report in reports],
    }


def _report(report: Report, subject: Subject) -> dict[str, Any]:
    return {
        "design": report.design,
        "engine": report.engine,
        "bounds": dict(report.bounds),
        "seconds": report.seconds,
        "total": report.total,
        "partial": report.partial,
        "results": [_result_json(result, subject) for result in report.results],
        "witnesses": [
            {"property": w.property, "reachable": w.reachable, "steps": w.steps, "seconds": w.seconds}
            for w in report.witnesses
        ],
    }


def _result_json(result: Result, subject: Subject) -> dict[str, Any]:
    prop = subject.find(result.property)
    head = {
        "property": result.property,
        "kind": prop.kind,
        "counts": _place(result, prop) not in ("literal", "readings"),
        "seconds": result.seconds,
    }
    match result.verdict:
        case Proved(certificate, rechecked):
            return {**head, "verdict": "proved", "certificate": list(certificate), "rechecked": rechecked}
        case Violated(trace, exhausted):
            return {**head, "verdict": "violated", "exhausted": exhausted, "trace": to_json(trace)}
        case Unknown(reason, bound, induction):
            step = to_json(induction) if induction else None
            return {**head, "verdict": "undecided", "reason": reason, "bound": bound, "induction": step}
