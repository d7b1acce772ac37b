"""Ambiguity: on which situations do two readings of a clause disagree, and does a guarantee depend on it?

A disagreement is a shortest run on which every other clause holds, one reading holds, and
the other does not. A guarantee depends on the choice where, in one situation, an answer
that keeps the one reading and every other clause breaks it, and none that keeps the other
does. The target that answers is the most general one whose holes are closed, since what
every reading allows says nothing about the choice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...counterexamples.trace import Trace
from ...engines.bmc import Choice, Exhausted, Outcome, ShortestRun
from ...engines.compliance import CompliantSearch
from ...engines.effort import Effort
from ...engines.encode import Encoded
from ...model.kernel import System
from ...model.logic import And, Not, Or, Value
from ...properties.property import Case, Conjunct, Property, Source
from ..audited import Audited
from ..clashes import EACH, RulesAtOnce, Undecided
from ..finding import Answer, Finding, Sound
from ..harm import SEARCH, Harm, Harmful
from ..jobs import Asks, Computation, Failed, Inquiry
from ..places import AnswerDue, along, end, reached, walked
from ..possible_answers import Answers
from ..rules import Decision, restrained
from . import sufficiency

DEPTH = 7
"""Steps within which a disagreement is sought."""
OTHERWISE = 6
"""Steps: the longest harmful run that is looked for where a decision is the other way."""
WALKS = 8
"""Random runs of the most general target on whose situations a guarantee may be broken."""


@dataclasses.dataclass(frozen=True)
class ReadingPair:
    """A clause in another reading and in its default one, and the rest of the clauses."""

    reading: Property
    default: Property
    others: tuple[Property, ...]


@dataclasses.dataclass(frozen=True)
class _Harm:
    """An answer that one reading allows, after which a guarantee is broken; the other reading has none."""

    guarantee: Property
    allowed_by: Property
    place: AnswerDue
    answer: list[Choice]


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.decided or any(pairs(audited)) else "no clause has a second reading"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Compare every reading with the default one of its clause, and every decision with its alternative."""
    job = Computation(asked, (inquiry.effort, inquiry.only), "where readings part ways")
    wanted = [d for d in inquiry.audited.decided if inquiry.wants(f"ambiguity.{d.name}")]
    jobs = {d.name: Computation(otherwise, (d.name, inquiry.effort), f"with {d.name}") for d in wanted}
    done = yield [job, *jobs.values()]
    first: Answer | Failed = done[job]
    answer = Answer("ambiguity", 0, undecided=(first.reason,)) if isinstance(first, Failed) else first
    return _with_decisions(
        answer, inquiry.audited, [(d, sufficiency.result(done[jobs[d.name]])) for d in wanted]
    )


def otherwise(audited: Audited, name: str, effort: float) -> Harm:
    """A shortest run that keeps everything, and does harm where a decision is the other way: a job."""
    number, decision = next((n, d) for n, d in enumerate(audited.decided) if d.name == name)
    world = audited.worlds[number - len(audited.decided)]
    return Harmful(world).search(decision.guards, OTHERWISE, effort * SEARCH)


def _with_decisions(answer: Answer, audited: Audited, found: Sequence[tuple[Decision, Harm]]) -> Answer:
    """The answer, and what came of each decision's alternative."""
    findings, sound, undecided = list(answer.findings), list(answer.sound), list(answer.undecided)
    for decision, harm in found:
        told = f"{decision.says} No sentence decides it; otherwise: {decision.otherwise}"
        if harm.trace is not None:
            shows = (
                f"{told} Then {harm.broken} is broken in {len(harm.trace.steps)} steps, with all else kept."
            )
            names = [d.name for d in audited.decided]
            world = len(audited.worlds) - len(names) + names.index(decision.name)
            clauses = (harm.broken,)
            findings.append(
                Finding(f"ambiguity.{decision.name}", "ambiguity", clauses, shows, harm.trace, world)
            )
        elif harm.bound.reason:
            undecided.append(f"{decision.name}: {harm.bound.reason}")
        else:
            sound.append(Sound(told, f"either way no run of up to {harm.bound.depth} steps does harm"))
    return dataclasses.replace(
        answer,
        examined=answer.examined + len(found),
        findings=tuple(findings),
        sound=tuple(sound),
        undecided=tuple(undecided),
    )


def asked(audited: Audited, effort: float, only: frozenset[str]) -> Answer:
    """The answer, for the findings *only* or for all: a job."""
    inquiry = Inquiry(audited, effort, only)
    wanted = [p for p in pairs(audited) if inquiry.wants(f"ambiguity.{p.reading.name}")]
    search = CompliantSearch(Encoded(careful(audited)))
    runs: dict[str, AnswerDue] = {}
    sound, undecided = [], []
    for pair in wanted:
        name = pair.reading.name
        outcome = disagreement(search, pair, effort * SEARCH)
        if isinstance(outcome, ShortestRun):
            runs[name] = reached(search.encoded.system, audited.world, outcome)
        elif isinstance(outcome, Exhausted):
            agreement = f"no run of up to {DEPTH} steps tells them apart"
            sound.append(Sound(f"{name} and the default reading agree", agreement))
        else:
            undecided.append(f"{name}: {outcome.reason}")
    harms = _Harms(audited, wanted, effort * EACH)
    harms.look(list(runs.values()))
    findings = [
        _finding(audited, pair, runs[n], harms.of(pair))
        for pair in wanted
        if (n := pair.reading.name) in runs
    ]
    undecided += harms.undecided
    return Answer("ambiguity", len(wanted), tuple(findings), tuple(sound), tuple(undecided))


def pairs(audited: Audited) -> Iterator[ReadingPair]:
    """Every reading whose clause has a default one."""
    for reading in audited.readings:
        for default in audited.clauses:
            if default.id == reading.id:
                others = tuple(c for c in audited.clauses if c.id != reading.id)
                yield ReadingPair(reading, default, others)


def disagreement(search: CompliantSearch, pair: ReadingPair, units: float) -> Outcome:
    """A shortest run on which every other clause holds, and in the end one reading alone.

    On the way at least one of the two holds, so the one that holds in the end held throughout.
    *units* is the work for the search.
    """

    def either(state: Any) -> Iterator[Case]:
        one = Or(pair.reading.holds(state), pair.default.holds(state))
        yield Case("either", True, (Conjunct("one of the readings holds", one),))

    def apart(state: Any) -> Value:
        return Not(And(pair.reading.holds(state), pair.default.holds(state)))

    together = Property(f"either.{pair.reading.name}", "lemma", "", Source(""), either)
    return search.shortest((*pair.others, together), apart, DEPTH, Effort(units)).outcome


class _Harms:
    """For each reading the guarantees that depend on it, each with the shortest harm that was found.

    *each* is the work for one query; ``undecided`` are the situations in which that was not enough.
    """

    def __init__(self, audited: Audited, wanted: Sequence[ReadingPair], each: float) -> None:
        self._audited = audited
        self._wanted = wanted
        self._each = each
        self._found: dict[tuple[str, str], _Harm] = {}
        self.undecided: list[str] = []

    def of(self, pair: ReadingPair) -> list[_Harm]:
        """What was found for a pair of readings, shortened."""
        mine = [harm for (name, _), harm in self._found.items() if name == pair.reading.name]
        return [self._shortened(pair, harm) for harm in mine]

    def look(self, near: Sequence[AnswerDue]) -> None:
        """Ask where an answer is due on these runs and on random ones, the nearest first."""
        audited, duty = self._audited, self._audited.duty
        if duty is None or not self._wanted:
            return
        places = [p for run in near for p in along(run.system, run.bounds, run.first, run.choices, duty)]
        places += walked(audited, careful(audited), duty, WALKS)
        for place in sorted(places, key=lambda p: len(p.choices)):
            at = _At(audited, place, audited.whole.of_kind("clause"), self._each)
            try:
                for pair in self._wanted:
                    self._ask(at, pair)
            except Undecided as gave_up:
                self.undecided.append(f"which guarantees depend on a reading, in a situation: {gave_up}")

    def _ask(self, at: _At, pair: ReadingPair) -> None:
        for guarantee in self._audited.guarantees:
            if (pair.reading.name, guarantee.name) not in self._found:
                harm = at.harm(pair, guarantee)
                if harm is not None:
                    self._found[pair.reading.name, guarantee.name] = harm

    def _shortened(self, pair: ReadingPair, harm: _Harm) -> _Harm:
        """The same harm without the steps that it does not need."""
        rules, duty = (*pair.others, pair.reading, pair.default), self._audited.duty
        for n in reversed(range(len(harm.place.choices))):
            fewer = harm.place.without(n)
            if fewer is not None and duty is not None and duty.due(fewer.state):
                same = _At(self._audited, fewer, rules, self._each).harm(pair, harm.guarantee)
                if same is not None and same.allowed_by is harm.allowed_by:
                    harm = same
        return harm


def careful(audited: Audited) -> System:
    """The target that answers: the most general one, without what does harm under every reading."""
    return restrained(audited.general(), audited.rules)


class _At:
    """What answers can do in one situation."""

    def __init__(self, audited: Audited, place: AnswerDue, rules: Iterable[Property], each: float) -> None:
        assert audited.duty is not None
        self._place = place
        passed = place.states()
        kept = {rule.name: rule for rule in rules if all(rule.holds(state) for state in passed)}
        self._names = set(kept)
        self._answers = Answers(careful(audited), place.state, audited.duty)
        self._here = RulesAtOnce(self._answers, kept.values(), each)
        self._different: dict[tuple[str, str], bool] = {}

    def harm(self, pair: ReadingPair, guarantee: Property) -> _Harm | None:
        """An answer that one reading of a pair allows and that breaks a guarantee, if the other has none."""
        others = [rule.name for rule in pair.others]
        if not {*others, pair.reading.name, pair.default.name} <= self._names:
            return None
        broken = self._answers.breaks(guarantee)
        for kept, given_up in ((pair.reading, pair.default), (pair.default, pair.reading)):
            if not self._differ(others, kept, given_up):
                continue
            unlike = Not(self._answers.keeps(given_up))
            answer = self._here.answer([*others, kept.name], And(unlike, broken))
            if answer is not None and self._here.answer([*others, given_up.name], broken) is None:
                return _Harm(guarantee, kept, self._place, answer)
        return None

    def _differ(self, others: Sequence[str], kept: Property, given_up: Property) -> bool:
        """Whether an answer keeps the one reading and not the other."""
        key = kept.name, given_up.name
        if key not in self._different:
            unlike = Not(self._answers.keeps(given_up))
            self._different[key] = self._here.answer([*others, kept.name], unlike) is not None
        return self._different[key]


def _finding(audited: Audited, pair: ReadingPair, run: AnswerDue, harms: Sequence[_Harm]) -> Finding:
    name, other = pair.reading.name, pair.default.name
    failed, kept = (pair.default, name) if pair.reading.holds(run.state) else (pair.reading, other)
    steps = len(run.choices)
    shows = f"A run of {steps} steps keeps {kept} and every other clause, and does not keep {failed.name}. "
    shows += " ".join(_told(harm, pair) for harm in harms) or "No guarantee was seen to depend on the choice."
    clauses = (name, other, *(harm.guarantee.name for harm in harms))
    shown = _harmful(audited, harms[0]) if harms else run.trace(audited.traced, failed)
    return Finding(f"ambiguity.{name}", "ambiguity", clauses, shows, shown)


def _told(harm: _Harm, pair: ReadingPair) -> str:
    other = pair.default if harm.allowed_by is pair.reading else pair.reading
    return (
        f"{harm.guarantee.name} depends on the choice: an answer that keeps {harm.allowed_by.name} breaks "
        f"it, and none that keeps {other.name} does in the same situation."
    )


def _harmful(audited: Audited, harm: _Harm) -> Trace:
    """The run to the harm, as far as the state that shows it."""
    place, choices = harm.place, (*harm.place.choices, *harm.answer)
    passed = dataclasses.replace(place, choices=choices).states()
    last = next(n for n, state in enumerate(passed) if not harm.guarantee.holds(state))
    return end(place.system, place.bounds, place.first, choices[:last]).trace(audited.traced, harm.guarantee)
