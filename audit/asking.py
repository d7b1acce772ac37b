"""Asking every question of a specification, and joining the answers with what was written about them."""

from __future__ import annotations

import dataclasses
import importlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..counterexamples.model_replay import replay_on_model
from ..counterexamples.trace import Trace
from . import evidence
from .audited import Audited
from .finding import Answer, Finding, Question
from .jobs import Asks, Inquiry, Note, answered
from .mutation import passed
from .occurrences import Occurrences
from .prose import Prose, load

QUESTIONS: Mapping[Question, str] = {
    "examples": "worked_examples",
    "vocabulary": "terminology",
    "completeness": "completeness",
    "events": "events",
    "vacuity": "vacuity",
    "ambiguity": "ambiguity",
    "consistency": "consistency",
    "sufficiency": "sufficiency",
    "necessity": "necessity",
}
"""The questions, in the order in which they are told, and the modules that ask them."""


@dataclasses.dataclass(frozen=True)
class Reviewed:
    """A finding with what was written about it; ``prose`` is None while nobody has reviewed it.

    ``sides`` are the findings that show the same defect from other sides.
    """

    finding: Finding
    prose: Prose | None
    sides: tuple[Reviewed, ...] = ()

    @property
    def rank(self) -> tuple[int, str]:
        """Unreviewed findings first, then by consequence."""
        return (self.prose.consequence if self.prose else 0, self.finding.id)


@dataclasses.dataclass(frozen=True)
class Audit:
    """What came of it. ``partial``: the questions that were not asked to the end.

    ``stale``: asked for or written about, and not found although the question was settled; ``open``: the
    same, and the question is not settled. ``misreported``: findings whose trace does not replay, which is
    a bug of ours. ``stored``: nothing was asked, and the evidence is that of an earlier time. ``rules``: what
    each rule says that a finding may be about. ``occurrences``: the table of events and states.
    """

    spec: str
    answers: tuple[Answer, ...]
    findings: tuple[Reviewed, ...]
    stale: tuple[str, ...]
    seconds: float
    partial: tuple[str, ...] = ()
    misreported: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    stored: bool = False
    rules: Mapping[str, str] = dataclasses.field(default_factory=dict)
    occurrences: Occurrences = Occurrences()

    @property
    def undecided(self) -> bool:
        """Whether some question was not settled."""
        return any(answer.undecided for answer in self.answers)

    @property
    def every(self) -> Iterator[Reviewed]:
        """Every finding, also those that show a defect of another one from another side."""
        for reviewed in self.findings:
            yield from (reviewed, *reviewed.sides)


def audit(
    audited: Audited,
    questions: Sequence[Question] = tuple(QUESTIONS),
    note: Note = lambda text: None,
    effort: float = 1.0,
    only: frozenset[str] = frozenset(),
) -> Audit:
    """Ask *questions*; each has *effort* times its usual budget of work. *only*: for findings of these ids.

    Interrupted, it returns what it has and says what is missing. Raises ProseError for what is written
    about findings and is not as it has to be.
    """
    begun = time.monotonic()
    prose = {} if audited.findings is None else load(audited.findings)
    only = with_sides(prose, only)
    wanted = [q for q in QUESTIONS if q in questions]
    found: dict[str, Answer] = {}
    try:
        for name, answer in asked(Inquiry(audited, effort, only), wanted, note):
            found[name] = answer
    except KeyboardInterrupt:
        note("interrupted")
    missing = tuple(q for q in wanted if q not in found)
    answers = tuple(found[q] for q in wanted if q in found)
    shown = [f for answer in answers for f in answer.findings]
    lacking = _lacking(answers, {f.id for f in shown}, only or frozenset(prose))
    note("replaying the situations")
    return Audit(
        audited.title,
        answers,
        together(shown, prose),
        tuple(name for name, settled in lacking if settled),
        time.monotonic() - begun,
        missing,
        tuple(misreported(audited, shown)),
        tuple(name for name, settled in lacking if not settled),
        rules=sentences(audited),
        occurrences=audited.occurrences,
    )


def recalled(audited: Audited, names: Sequence[str]) -> Audit | None:
    """The findings of these ids as they are stored, replayed; None where that is not possible any more."""
    if audited.findings is None:
        return None
    begun, known, prose = time.monotonic(), evidence.load(audited.findings), load(audited.findings)
    wanted = with_sides(prose, frozenset(names))
    found = [known[name] for name in sorted(wanted) if name in known]
    if len(found) < len(wanted) or any(misreported(audited, found)):
        return None
    reviewed = together(found, prose)
    seconds = time.monotonic() - begun
    return Audit(audited.title, (), reviewed, (), seconds, stored=True, rules=sentences(audited))


def sentences(audited: Audited) -> dict[str, str]:
    """What each rule of what is audited says, by name: properties, and rules on single steps."""
    parts = (audited, *audited.auxiliary)
    says = {p.name: p.says for part in parts for p in part.whole.properties}
    return says | {rule.name: rule.says for part in parts for rule in part.rules}


def with_sides(prose: Mapping[str, Prose], names: frozenset[str]) -> frozenset[str]:
    """These findings, and those that show the same defects."""
    return names.union(name for name, written in prose.items() if written.same in names)


def together(findings: Sequence[Finding], prose: Mapping[str, Prose]) -> tuple[Reviewed, ...]:
    """The findings with what is written about them, one for each defect, the worst first."""
    found = {f.id: Reviewed(f, prose.get(f.id)) for f in findings}
    sides: dict[str, list[Reviewed]] = {}
    for reviewed in found.values():
        if reviewed.prose and reviewed.prose.same in found:
            sides.setdefault(reviewed.prose.same, []).append(reviewed)
    shown_with = {side.finding.id for some in sides.values() for side in some}
    whole = (
        dataclasses.replace(r, sides=tuple(sides.get(n, ()))) for n, r in found.items() if n not in shown_with
    )
    return tuple(sorted(whole, key=lambda r: r.rank))


def asked(inquiry: Inquiry, questions: Sequence[Question], note: Note) -> Iterator[tuple[str, Answer]]:
    """Each question with its answer; the ones that cannot be asked of this subject say why."""
    asks: dict[str, Asks[Answer]] = {}
    for question in questions:
        module: Any = importlib.import_module(f".questions.{QUESTIONS[question]}", __package__)
        why = module.missing(inquiry.audited)
        if why:
            yield question, Answer(question, 0, skipped=why)
        else:
            asks[question] = module.ask(inquiry)
    for name, answer, seconds in answered(inquiry.audited, asks, note):
        yield name, dataclasses.replace(answer, seconds=seconds)


def _lacking(answers: Sequence[Answer], found: set[str], names: frozenset[str]) -> list[tuple[str, bool]]:
    """The findings among *names* that a question did not find, and whether it was settled."""
    settled = {a.question: not a.undecided for a in answers if not a.skipped}
    lacking = sorted(names - found)
    return [(n, settled[q]) for n in lacking if (q := n.partition(".")[0]) in settled]


def misreported(audited: Audited, findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each finding whose trace does not replay in the world that it was found in."""
    for finding in findings:
        if isinstance(finding.situation, Trace):
            part = audited.worlds[finding.world]
            problem = replay(part, finding.situation)
            if problem:
                yield f"{finding.id}: {problem}"


def replay(part: Audited, trace: Trace) -> str:
    """Why *trace* does not replay in a world; empty if it does."""
    for system in (part.general(trace.bounds), part.design(trace.bounds)):
        if system.name == trace.target:
            replayed = replay_on_model(trace, system, part.find)
            return "" if replayed.ok else replayed.message
    return f"there is no system called {trace.target}"


def broken_by_the_design(audited: Audited, names: Sequence[str]) -> Iterator[str]:
    """A line for each property among *names* that a run of the design breaks, of those written down."""
    for name in names:
        prop = audited.find(name)
        for system, _, first, script in audited.scripted():
            states = enumerate(passed(system, first, script))
            steps = next((n for n, state in states if not prop.holds(state)), None)
            if steps is not None:
                yield f"{name} is broken by the {system.name}, which is meant to comply, in {steps} steps"
                break
