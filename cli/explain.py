"""What is known of why a run breaks: computed for ``show --explain``, and for pages of findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from .errors import BadInput

MOST = 8
"""Findings of a page that are explained: each takes a second or a few."""

if TYPE_CHECKING:
    from ..counterexamples.explanation import Explanation, Needed
    from ..counterexamples.exports.ci_report import CiReport, RuleResult
    from ..counterexamples.trace import Trace
    from ..properties.subject import Subject


def explain(trace: Trace, others: Sequence[str] = ()) -> Explanation:
    """What is known of a trace; *others* are rules that the same target breaks. Raises BadInput."""
    from ..counterexamples.explanation import Explanation
    from ..counterexamples.trace import OtherWorld
    from ..engines.mending import mending_of
    from ..engines.too_late import lost_at
    from ..properties.loading import BadFile
    from ..targets.machine.refusal import BadTarget

    if trace.violation is None:
        return Explanation()
    try:
        subject = trace.subject.ref.load()
        causes = _causes(trace, others, subject)
        needs = _needed(trace)
        mending = mending_of(trace, subject)
        change = mending.found() if mending else None
        lost = lost_at(mending, change) if mending and change else None
    except (BadFile, BadTarget, OtherWorld, KeyError) as problem:
        raise BadInput(f"it cannot be explained: {problem}") from problem
    instead = (change.number, change.says) if change else None
    nearest = mending.nearest(change, trace) if mending and change else None
    return Explanation(needs, instead, len(trace.steps), lost, causes, nearest)


def by_cause(findings: Sequence[Trace]) -> list[tuple[Trace, tuple[str, ...]]]:
    """Findings with what each only follows from, and behind that; the others in their order."""
    follows = [causes(finding, findings) for finding in findings]
    names = [
        f.violation.property if f.violation and not why else ""
        for f, why in zip(findings, follows, strict=True)
    ]

    def place(number: int) -> tuple[int, bool]:
        roots = [names.index(name) for name in follows[number] if name in names]
        return min(roots, default=number), bool(roots)

    return [(findings[n], follows[n]) for n in sorted(range(len(findings)), key=place)]


def causes(trace: Trace, findings: Sequence[Trace]) -> tuple[str, ...]:
    """The rules broken in *findings*, of the same target, from which *trace* only follows, if known."""
    from ..counterexamples.trace import OtherWorld
    from ..properties.loading import BadFile

    others = [other.violation.property for other in findings if other.violation]
    try:
        return _causes(trace, others, trace.subject.ref.load()) if trace.source == "target" else ()
    except (BadFile, OtherWorld, KeyError):
        return ()


def _causes(trace: Trace, others: Sequence[str], subject: Subject) -> tuple[str, ...]:
    from ..engines.mending import follows

    own = trace.violation.property if trace.violation else ""
    return tuple(name for name in others if name != own and follows(trace, name, subject))


def _needed(trace: Trace) -> Needed | None:
    from ..counterexamples.explanation import needed_on_model
    from ..counterexamples.model_replay import as_recorded
    from ..counterexamples.trace import sized
    from ..properties.loading import load_design, users_code

    assert trace.violation is not None
    if trace.source == "target":
        from ..targets.running.needed import needed_on_target

        return needed_on_target(trace)
    own = trace.subject.ref.files(trace.target)
    subject = as_recorded(trace, trace.subject.ref.load())
    with users_code(own[-1]) if own else nullcontext():
        system = subject.system(load_design(trace.target, subject), sized(subject, trace))
        return needed_on_model(trace, system, subject.find(trace.violation.property))


def explained(report: CiReport) -> CiReport:
    """A report with what is known of its first findings; what cannot be explained says why it is not."""
    rules = [ruling.rule.name for ruling in report.rulings if ruling.came == "broken"]
    broken = [ruling for ruling in report.rulings if ruling.came == "broken" and ruling.breaks_it][:MOST]
    rulings = [_explained(r, rules) if r in broken else r for r in report.rulings]
    return dataclasses.replace(report, rulings=rulings)


def _explained(ruling: RuleResult, rules: Sequence[str]) -> RuleResult:
    assert ruling.trace is not None
    try:
        found = explain(ruling.trace, rules)
    except BadInput as problem:
        return dataclasses.replace(ruling, notes=[*ruling.notes, ("not told", problem.message)])
    needless = found.needs.idle if found.needs else ()
    notes = [*ruling.notes, *found.facts()]
    return dataclasses.replace(ruling, notes=notes, needless=needless, nearest=found.nearest)
