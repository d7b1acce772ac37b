"""What each command found as a report for a CI: how every rule came out, and what that rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..counterexamples.exports.ci_report import Came, CheckedRule, CiReport, Level, RuleResult, found
from ..counterexamples.trace import Place, Trace
from ..properties.citing import where_said
from ..properties.loading import SubjectRef
from ..properties.property import Property
from ..properties.subject import Subject

if TYPE_CHECKING:
    from ..audit.asking import Audit, Reviewed
    from ..audit.finding import Answer
    from ..audit.prose import Sentence
    from ..engines.portfolio import Report
    from ..engines.verdict import Result
    from ..targets.campaign.campaign import ConformReport


LEVELS: dict[str, Level] = {"BYTES": "error", "STUCK": "error", "DIFFER": "warning", "WORDING": "note"}
"""How grave a finding on a specification is, by what it may cost."""


def _rule(prop: Property) -> CheckedRule:
    return CheckedRule(
        prop.name, prop.kind, prop.says, where_said(prop.name, prop.source.page, prop.source.heading)
    )


def of_check(reports: Sequence[Report], subject: Subject, code: int) -> CiReport:
    """What ``check`` decided. Readings that do not count are left out."""
    from .report import rests_on
    from .verdicts import sort

    rulings, rests = [], []
    for report in reports:
        results = sort(report, subject)
        rulings += [_ruling(result, subject) for result in results.counted]
        where = f"design {report.design}, " if len(reports) > 1 else ""
        lines = rests_on(report, results, subject)
        rests += [f"{where}{label}: {text}" for label, text in lines if label != "time"]
    about = ", ".join(f"design {report.design}" for report in reports)
    return CiReport("check", about, rulings, code, rests)


def _ruling(result: Result, subject: Subject) -> RuleResult:
    from ..engines.verdict import Unknown, Violated
    from .report import verdict_line

    if isinstance(result.verdict, Violated):
        return found(result.verdict.trace, result.seconds)
    came: Came = "undecided" if isinstance(result.verdict, Unknown) else "holds"
    rule = _rule(subject.find(result.property))
    return RuleResult(rule, came, verdict_line(result), None, result.seconds)


def of_conform(report: ConformReport, ref: SubjectRef | None, code: int) -> CiReport:
    """What ``conform`` saw; *ref* is what the target was judged by, None for the chimney alone."""
    subject = (ref or SubjectRef()).load()
    known = {prop.name: prop for prop in subject.properties}
    findings = sorted(report.findings, key=lambda trace: len(trace.steps))
    rulings = [found(trace) for trace in findings]
    ruled = {ruling.rule.name for ruling in rulings}
    for name in report.also_broken:
        rulings.append(RuleResult(_named(name, known), "broken", f"{name} broke too, in another run"))
    for name, runs in report.coverage.items():
        if name not in ruled and name not in report.also_broken:
            says = f"it had something to say in {runs} runs, and did not break"
            rulings.append(RuleResult(_named(name, known), "holds" if runs else "unreached", says))
    for name in report.never_reached:
        if name not in report.coverage:
            rulings.append(RuleResult(_named(name, known), "unreached", "no run reached it"))
    return CiReport("conform", f"target {report.target}", rulings, code, [*_tested(report)])


def _named(name: str, known: dict[str, Property]) -> CheckedRule:
    """The rule of that name; what is no property is what no target may do."""
    from ..targets.judging.misbehaviour import RULES

    if name in known:
        return _rule(known[name])
    return CheckedRule(name, "misbehaviour", RULES.get(name, name), "")


def _tested(report: ConformReport) -> Iterator[str]:
    yield f"tested: {report.runs} runs (seed {report.seed}), {report.calls} calls; not proved"
    if report.played:
        yield f"played: {report.played}"
    if report.partial:
        yield f"partial: {report.why_partial or 'not every run was made'}"
    if report.stopped_after:
        yield f"stopped: after the {report.stopped_after} scenarios, since they broke something"


def of_audit(audit: Audit, code: int, text: Path | None = None) -> CiReport:
    """What ``audit`` found: a finding is broken, a question without one holds.

    *text* is the folder of the specification, in whose lines a finding then stands.
    """
    rulings = [_finding(reviewed, text) for reviewed in audit.findings]
    for answer in audit.answers:
        rulings += _answered(answer)
    for problem in audit.misreported:
        rulings.append(
            RuleResult(CheckedRule("misreported", "bug", "A situation replays.", ""), "undecided", problem)
        )
    rests = [f"not asked: {name}" for name in audit.partial]
    rests += [f"not covered: {a.question}: {text}" for a in audit.answers for text in a.remarks]
    return CiReport("audit", f"specification {audit.spec}", rulings, code, rests)


def _finding(reviewed: Reviewed, text: Path | None) -> RuleResult:
    from ..audit.finding_text import title_of

    finding, prose = reviewed.finding, reviewed.prose
    written = [r.prose for r in (reviewed, *reviewed.sides) if r.prose]
    sentences = [sentence for each in written for sentence in each.sentences]
    title, pages = title_of(reviewed), "; ".join(_pages(sentences[:4]))
    rule = CheckedRule(
        finding.id, finding.question, title, pages, LEVELS[prose.consequence.name] if prose else "error"
    )
    trace = finding.situation if isinstance(finding.situation, Trace) else None
    said = list(dict.fromkeys(_line(text, sentence) for sentence in sentences)) if text else []
    message = f"{title}. {prose.why} Proposed wording: {prose.wording}" if prose else finding.shows
    return RuleResult(rule, "broken", message, trace, notes=list(_notes(reviewed)), said=said)


def _pages(sentences: Sequence[Sentence]) -> dict[str, None]:
    return dict.fromkeys(str(sentence.source) for sentence in sentences)


def _line(text: Path, sentence: Sentence) -> Place:
    """Where a cited sentence begins in the specification's text; or where its heading does."""
    file = text / sentence.source.page
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    there = [
        (w, n) for n, line in enumerate(lines, 1) for w in re.findall(r"\w+", line.lower().replace("*", ""))
    ]
    for phrase in (sentence.opens, sentence.source.heading):
        words = re.findall(r"\w+", phrase.lower())
        for at in range(len(there) - len(words) + 1):
            if words and [word for word, _ in there[at : at + len(words)]] == words:
                return Place("", str(file), there[at][1])
    return Place("", str(file), 1)


def _notes(reviewed: Reviewed) -> Iterator[tuple[str, str]]:
    """What is written of a finding, and the table that shows it if no trace does."""
    from ..audit.finding_text import cited, repeats

    finding, prose = reviewed.finding, reviewed.prose
    if not isinstance(finding.situation, Trace):
        yield "asked", finding.situation.says
        for what, *besides in finding.situation.rows:
            yield "there", f"{what}: {'; '.join(filter(None, besides))}"
    if not repeats(finding):
        yield "shows", finding.shows
    if prose:
        yield from (("sentence", cited(s).replace("*", "")) for s in prose.sentences)
    for side in reviewed.sides:
        yield (
            "from another side",
            f"{side.prose.title if side.prose else side.finding.id}: {side.finding.shows}",
        )


def _answered(answer: Answer) -> Iterator[RuleResult]:
    from ..audit.page import ASKS

    rule = CheckedRule(answer.question, "question", ASKS[answer.question], "")
    for text in answer.undecided:
        yield RuleResult(rule, "undecided", text, None, answer.seconds)
    if answer.skipped:
        yield RuleResult(rule, "unreached", answer.skipped)
    elif not answer.findings and not answer.undecided:
        message = f"{answer.examined} examined, and nothing found"
        yield RuleResult(rule, "holds", message, None, answer.seconds)
