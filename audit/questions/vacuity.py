"""Vacuity: can the premise of each clause hold, in each kind of its cases, while every clause is kept?

A premise is seen to hold in a scripted run, in a random run of the most general target, or
in a run that is sought. Where none is found, it is asked whether another clause must fail
first, and whether the premise can be proved never to hold: by induction, if that suffices.
What is presumed of others than the target is then taken as given: premises that need it broken.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...counterexamples.trace import Trace
from ...engines.bmc import Exhausted, Outcome, OutOfTime, ShortestRun
from ...engines.compliance import CompliantSearch, inductive
from ...engines.effort import Effort
from ...engines.encode import Encoded
from ...model.bounds import Bounds
from ...model.kernel import State, System, arguments
from ...model.logic import Not, Value, any_of
from ...properties.property import Case, Conjunct, Property, Source
from ..audited import Audited
from ..finding import Answer, Computed, Finding, Sound
from ..harm import PROOF, SEARCH
from ..jobs import Asks, Computation, Failed, Inquiry
from ..places import reached, walked

DEPTH = 7
"""Steps within which a premise is sought."""
WALKS = 40
"""Random runs of the most general target in which premises are looked for."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.clauses else "there are no clauses"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Look for a compliant run to every premise, and say what is the matter where there is none."""
    job = Computation(asked, (inquiry.effort, inquiry.only), "runs to the premises of the clauses")
    done: Answer | Failed = (yield [job])[job]
    return Answer("vacuity", 0, undecided=(done.reason,)) if isinstance(done, Failed) else done


@dataclasses.dataclass(frozen=True)
class Premise:
    """A clause in one kind of case: ``connection N, with sends outstanding``."""

    clause: Property
    kind: str

    def holds(self, state: State) -> Value:
        """Whether it applies in some case of this kind."""
        return any_of(c.premise for c in self.clause.cases(state) if _kind(c) == self.kind)

    def never(self) -> Property:
        """That it never applies."""

        def cases(state: Any) -> Iterator[Case]:
            yield Case(self.kind, True, (Conjunct("it does not apply", Not(self.holds(state))),))

        return Property(f"never.{self.clause.name}", "lemma", "", Source(""), cases)


def _kind(case: Case) -> str:
    return re.sub(r"\d+", "N", case.where)


def premises(audited: Audited) -> list[Premise]:
    """Every clause in each kind of its cases, but for those that are about what no model does."""
    template = audited.design().template
    return [
        Premise(clause, kind)
        for clause in audited.clauses
        if not clause.watched
        for kind in dict.fromkeys(_kind(case) for case in clause.cases(template))
    ]


@dataclasses.dataclass(frozen=True)
class _Run:
    """A run on which every clause holds, and its states."""

    system: System
    bounds: Bounds
    first: State
    choices: Sequence[tuple[str, Mapping[str, int | bool]]]
    states: Sequence[State]


def asked(audited: Audited, effort: float, only: frozenset[str]) -> Answer:
    """The answer, for the findings *only* or for all: a job."""
    inquiry = Inquiry(audited, effort, only)
    wanted = [p for p in premises(audited) if inquiry.wants(f"vacuity.{p.clause.name}")]
    runs = list(compliant(audited))
    left = [p for p in wanted if not any(p.holds(state) for r in runs for state in r.states)]
    sought = _Sought(audited, effort)
    found = [sought.find(premise) for premise in left]
    held = len(wanted) - len(left) + sum(outcome is None for outcome in found)
    for rule in audited.presumed:
        if inquiry.wants(f"vacuity.{rule.name}"):
            found += sought.needing(rule, runs)
    clauses = {p.clause.name for p in premises(audited)}
    rests = "each holds in a run on which every clause holds, followed in the model step by step"
    return Answer(
        "vacuity",
        len(wanted),
        tuple(outcome for outcome in found if isinstance(outcome, Finding)),
        (Sound(f"{held} premises of {len(clauses)} clauses", rests),) if held else (),
        tuple(outcome for outcome in found if isinstance(outcome, str)),
    )


def compliant(audited: Audited) -> Iterator[_Run]:
    """Scripted and random runs, as far as every clause holds on them."""
    given = [(system, bounds, first, list(choices)) for system, bounds, first, choices in audited.scripted()]
    if audited.duty is not None:
        places = walked(audited, audited.general(), audited.duty, WALKS)
        given += [(p.system, p.bounds, p.first, list(p.choices)) for p in places]
    for system, bounds, first, choices in given:
        passed = [first]
        for name, parameters in choices:
            action, p = system.action(name), arguments(parameters)
            if not action.guard(passed[-1], p) or _broken(audited.clauses, passed[-1:]):
                break
            passed.append(action.effect(passed[-1], p))
        if _broken(audited.clauses, passed[-1:]):
            passed.pop()
        yield _Run(system, bounds, first, choices, passed)


class _Sought:
    """Premises that no run has shown so far, sought one by one, with *effort* times the usual work."""

    def __init__(self, audited: Audited, effort: float) -> None:
        self._audited = audited
        self._effort = effort

    @functools.cached_property
    def _design(self) -> CompliantSearch:
        return CompliantSearch(Encoded(self._audited.design()))

    @functools.cached_property
    def _general(self) -> CompliantSearch:
        return CompliantSearch(Encoded(self._audited.general()))

    def find(self, premise: Premise) -> Finding | str | None:
        """None where a compliant run leads to it; a finding, or why it is undecided, where none does."""
        clauses = self._audited.clauses
        for search in (self._design, self._general):
            outcome = self._search(search, premise.holds, clauses)
            if isinstance(outcome, ShortestRun):
                return None
        if isinstance(outcome, OutOfTime):
            return f"{premise.clause.name}, {premise.kind}: {outcome.reason}"
        never = inductive(self._general.encoded, clauses, [premise.never()], self._effort * PROOF)
        rests = "by induction, for any number of steps" if never else f"in any run of up to {DEPTH} steps"
        return self._needing_a_failure(premise, rests)

    def _needing_a_failure(self, premise: Premise, rests: str) -> Finding:
        """Which clause has to fail first; none, if the premise cannot hold in any run."""
        name = premise.clause.name
        outcome = self._search(self._general, premise.holds, [premise.clause])
        if not isinstance(outcome, ShortestRun):
            sentence = (
                f"The premise of {name} ({premise.kind}) does not hold {rests}, whatever the target does."
            )
            rows = (("a run to the premise", "there is one", "there is none"),)
            return Finding(f"vacuity.{name}", "vacuity", (name,), sentence, Computed(sentence, rows))
        culprits = _broken(self._audited.clauses, self._states(outcome))
        for culprit in culprits:
            rest = [c for c in self._audited.clauses if c is not culprit]
            single = self._search(self._general, premise.holds, rest)
            if isinstance(single, ShortestRun):
                outcome, culprits = single, [culprit]
                break
        names = [c.name for c in culprits]
        sentence = (
            f"While every clause is kept, the premise of {name} ({premise.kind}) does not hold {rests}; it "
            f"holds once {' and '.join(names)} failed."
        )
        shown = self._trace(self._general, outcome)
        return Finding(f"vacuity.{name}", "vacuity", (name, *names), sentence, shown)

    def needing(self, rule: Property, runs: Sequence[_Run]) -> Iterator[Finding | str]:
        """The clauses that only apply to the design once a rule on others than the target is broken."""
        kept = [state for r in runs for state in _while(rule, r.states)]
        idle = []
        for clause in self._audited.clauses:
            if any(clause.premise(state) for state in kept):
                continue
            with_rule = self._search(self._design, clause.premise, [rule])
            without = self._search(self._design, clause.premise, [])
            if OutOfTime in (type(with_rule), type(without)):
                yield f"whether {clause.name} applies where {rule.name} is kept: its budget of work ran out"
            if isinstance(with_rule, Exhausted) and isinstance(without, ShortestRun):
                idle.append((clause.name, without))
        if idle:
            names = tuple(name for name, _ in idle)
            sentence = (
                f"Where {rule.name} is kept, {', '.join(names)} never applied to the design in any run of up "
                f"to {DEPTH} steps; this run breaks it first."
            )
            shown = self._trace(self._design, min((found for _, found in idle), key=lambda f: len(f.choices)))
            yield Finding(f"vacuity.{rule.name}", "vacuity", (rule.name, *names), sentence, shown)

    def _search(self, search: CompliantSearch, goal: Any, claims: Sequence[Property]) -> Outcome:
        return search.shortest(claims, goal, DEPTH, Effort(self._effort * SEARCH)).outcome

    def _states(self, found: ShortestRun) -> list[State]:
        return reached(self._general.encoded.system, self._audited.world, found).states()

    def _trace(self, search: CompliantSearch, found: ShortestRun) -> Trace:
        return reached(search.encoded.system, self._audited.world, found).trace(self._audited.traced)


def _broken(clauses: Iterable[Property], passed: Sequence[State]) -> list[Property]:
    """The clauses that do not hold in some state."""
    return [clause for clause in clauses if not all(clause.holds(state) for state in passed)]


def _while(rule: Property, passed: Iterable[State]) -> Iterator[State]:
    """The states up to the first one that breaks a rule."""
    for state in passed:
        if not rule.holds(state):
            return
        yield state
