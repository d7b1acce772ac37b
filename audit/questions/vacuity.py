"""Vacuity: can the premise of each clause hold, in each kind of its cases, while every clause is kept?

A premise is seen to hold in a scripted run, in a random run of the most general target, or
in a run that is sought. Where none is found, it is asked whether another clause must fail
first, and whether the premise can be proved never to hold: by induction, if that suffices.
What is presumed of others than the target is then taken as given: premises that need it broken.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...counterexamples.trace import Trace, run
from ...engines.bmc import Exhausted, Found
from ...engines.compliance import Search, inductive
from ...engines.encode import Encoded
from ...model.bounds import Bounds
from ...model.kernel import State, System, arguments
from ...model.logic import Not, Value, any_of
from ...model.records import rebuild
from ...properties.property import Case, Conjunct, Property, Source
from ..finding import Answer, Computed, Finding, Sound
from ..situations import Place, traced_run, walked
from ..spec import Spec

DEPTH = 7
"""Steps within which a premise is sought."""
WALKS = 40
"""Random runs of the most general target in which premises are looked for."""

Note = Callable[[str], None]


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


def premises(spec: Spec) -> list[Premise]:
    """Every clause in each kind of its cases."""
    template = spec.design(spec.bounds).template
    return [
        Premise(clause, kind)
        for clause in spec.clauses
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


def ask(spec: Spec, budget: float, note: Note) -> Answer:
    """Look for a compliant run to every premise, and say what is the matter where there is none."""
    until = time.monotonic() + budget
    wanted = premises(spec)
    runs = list(compliant(spec))
    left = [p for p in wanted if not any(p.holds(state) for r in runs for state in r.states)]
    held = len(wanted) - len(left)
    note(f"{held} of {len(wanted)} premises hold in {len(runs)} runs")
    findings: list[Finding] = []
    undecided: list[str] = []
    sought = _Sought(spec)
    for premise in left:
        note(f"{premise.clause.name}, {premise.kind}")
        found = sought.find(premise, until)
        held += found is None
        findings += [found] if isinstance(found, Finding) else []
        undecided += [found] if isinstance(found, str) else []
    for rule in spec.presumed:
        note(f"what {rule.name} leaves of the premises")
        findings += _needing(spec, rule, runs, sought.design, until)
    rests = "each holds in a run on which every clause holds, followed in the model step by step"
    sound = (Sound(f"{held} premises of {len(spec.clauses)} clauses", rests),)
    return Answer("vacuity", len(wanted), tuple(findings), sound, tuple(undecided))


def compliant(spec: Spec) -> Iterator[_Run]:
    """Scripted and random runs, as far as every clause holds on them."""
    given = [(system, bounds, first, list(choices)) for system, bounds, first, choices in spec.runs()]
    if spec.duty is not None:
        places = walked(spec, spec.general(spec.bounds), spec.duty, WALKS)
        given += [(p.system, p.bounds, p.first, list(p.choices)) for p in places]
    for system, bounds, first, choices in given:
        passed = [first]
        for name, parameters in choices:
            action, p = system.action(name), arguments(parameters)
            if not action.guard(passed[-1], p) or _broken(spec.clauses, passed[-1:]):
                break
            passed.append(action.effect(passed[-1], p))
        if _broken(spec.clauses, passed[-1:]):
            passed.pop()
        yield _Run(system, bounds, first, choices, passed)


class _Sought:
    """Premises that no run has shown so far, sought one by one."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.design = Search(Encoded(spec.design(spec.bounds)))
        self._general = Search(Encoded(spec.general(spec.bounds)))

    def find(self, premise: Premise, until: float) -> Finding | str | None:
        """None where a compliant run leads to it; a finding, or why it is undecided, where none does."""
        clauses = self._spec.clauses
        for search in (self.design, self._general):
            outcome = self._search(search, premise, clauses, until)
            if isinstance(outcome, Found):
                return None
        if not isinstance(outcome, Exhausted):
            return f"{premise.clause.name}, {premise.kind}: out of time"
        never = inductive(self._general.encoded, clauses, [premise.never()], 5.0)
        rests = "by induction, for any number of steps" if never else f"in any run of up to {DEPTH} steps"
        return self._needing_a_failure(premise, rests, until)

    def _needing_a_failure(self, premise: Premise, rests: str, until: float) -> Finding:
        """Which clause has to fail first; none, if the premise cannot hold in any run."""
        name = premise.clause.name
        outcome = self._search(self._general, premise, [premise.clause], until)
        if not isinstance(outcome, Found):
            told = f"The premise of {name} ({premise.kind}) does not hold {rests}, whatever the target does."
            rows = (("a run to the premise", "there is one", "there is none"),)
            return Finding(f"vacuity.{name}", "vacuity", (name,), told, Computed(told, rows))
        culprits = _broken(self._spec.clauses, self._states(outcome))
        for culprit in culprits:
            rest = [c for c in self._spec.clauses if c is not culprit]
            single = self._search(self._general, premise, rest, until)
            if isinstance(single, Found):
                outcome, culprits = single, [culprit]
                break
        names = [c.name for c in culprits]
        told = (
            f"While every clause is kept, the premise of {name} ({premise.kind}) does not hold {rests}; it "
            f"holds once {' and '.join(names)} failed."
        )
        return Finding(f"vacuity.{name}", "vacuity", (name, *names), told, self._trace(outcome))

    def _search(self, search: Search, premise: Premise, claims: Sequence[Property], until: float) -> object:
        left = max(0.0, until - time.monotonic())
        return search.shortest(claims, premise.holds, DEPTH, budget=left).outcome

    def _states(self, found: Found) -> list[State]:
        system = self._general.encoded.system
        first = rebuild(system.template, found.first)
        return Place(first, system, self._spec.bounds, first, tuple(found.choices)).states()

    def _trace(self, found: Found) -> Trace:
        return _traced(self._general.encoded.system, self._spec.bounds, found)


def _broken(clauses: Iterable[Property], passed: Sequence[State]) -> list[Property]:
    """The clauses that do not hold in some state."""
    return [clause for clause in clauses if not all(clause.holds(state) for state in passed)]


def _traced(system: System, bounds: Bounds, found: Found) -> Trace:
    first = rebuild(system.template, found.first)
    steps, _ = run(system, first, found.choices)
    return traced_run(system, bounds, first, steps, None)


def _needing(
    spec: Spec, rule: Property, runs: Sequence[_Run], search: Search, until: float
) -> Iterator[Finding]:
    """The clauses that only apply to the design once a rule on others than the target is broken."""
    kept = [state for r in runs for state in _while(rule, r.states)]
    idle = []
    for clause in spec.clauses:
        if any(clause.premise(state) for state in kept):
            continue
        left = max(0.0, until - time.monotonic())
        with_rule = search.shortest([rule], clause.premise, DEPTH, budget=left)
        without = search.shortest([], clause.premise, DEPTH, budget=left)
        if isinstance(with_rule.outcome, Exhausted) and isinstance(without.outcome, Found):
            idle.append((clause.name, without.outcome))
    if idle:
        names = tuple(name for name, _ in idle)
        told = (
            f"Where {rule.name} is kept, {', '.join(names)} never applied to the design in any run of up to "
            f"{DEPTH} steps; this run breaks it first."
        )
        shown = min((found for _, found in idle), key=lambda f: len(f.choices))
        trace = _traced(search.encoded.system, spec.bounds, shown)
        yield Finding(f"vacuity.{rule.name}", "vacuity", (rule.name, *names), told, trace)


def _while(rule: Property, passed: Iterable[State]) -> Iterator[State]:
    """The states up to the first one that breaks a rule."""
    for state in passed:
        if not rule.holds(state):
            return
        yield state
