"""Situations in which an answer is due, each with a run that leads to it.

A small system is explored to the end. In a larger one they come from its scripted runs,
from shortest runs of the design that break a reading or reach its premise, and from
random runs of the most general target on which every clause holds.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..counterexamples.trace import Trace, TracedSubject, flat, run, violation
from ..engines.bmc import ShortestRun
from ..engines.compliance import CompliantSearch
from ..engines.effort import MILLION, Effort
from ..engines.encode import Encoded
from ..model.bounds import Bounds
from ..model.kernel import Action, State, System, arguments
from ..model.logic import Not, Value
from ..model.records import Sort, rebuild, values
from ..properties.property import Property
from .audited import Audited, Duty
from .possible_answers import Choice

Goal = Callable[[State], Value]
Happened = tuple[str, Mapping[str, int | bool]]

DEPTH = 6
"""Steps within which a run to a situation is sought."""
REACH = 50 * MILLION
"""Work for a run to a situation: where that is not enough, there is a situation less."""
FIRSTS = 3
"""So many initial states are tried in random runs."""
FEW = 128
"""Up to so many choices of one action's parameters, a system counts as small."""


@dataclasses.dataclass(frozen=True)
class AnswerDue:
    """A state in which an answer is due, the run to it, and the size of its world."""

    state: State
    system: System
    bounds: Bounds
    first: State
    choices: tuple[Choice, ...]

    @classmethod
    def of(cls, trace: Trace, system: System) -> AnswerDue:
        """Where a trace of *system* ends."""
        first = rebuild(system.template, [trace.initial[v.name] for v in system.variables])
        return end(system, trace.bounds, first, [(s.action, s.parameters) for s in trace.steps])

    def trace(self, subject: TracedSubject, broken: Property | None = None) -> Trace:
        """The run as a trace of *subject*; *broken* is what fails in its last state."""
        steps, last = run(self.system, self.first, self.choices)
        broken_last = violation(broken, last) if broken else None
        return Trace(
            "model", self.system.name, self.bounds, flat(self.first), steps, broken_last, subject=subject
        )

    def states(self) -> list[State]:
        """Every state of the run."""
        passed = [self.first]
        for name, parameters in self.choices:
            passed.append(self.system.action(name).effect(passed[-1], arguments(parameters)))
        return passed

    def without(self, number: int) -> AnswerDue | None:
        """The place that the same run without one of its steps leads to; None if it does not go on then."""
        choices = self.choices[:number] + self.choices[number + 1 :]
        try:
            _, state = run(self.system, self.first, choices)
        except ValueError:
            return None
        return dataclasses.replace(self, state=state, choices=choices)


def end(system: System, bounds: Bounds, first: State, choices: Sequence[Happened]) -> AnswerDue:
    """Where a run ends. Raises ValueError if it is not one of the system's."""
    _, state = run(system, first, choices)
    return AnswerDue(state, system, bounds, first, tuple((name, dict(p)) for name, p in choices))


def reached(system: System, bounds: Bounds, found: ShortestRun) -> AnswerDue:
    """Where a run that a search found ends."""
    return end(system, bounds, rebuild(system.template, found.first), found.choices)


def shortened(place: AnswerDue, needed: Callable[[AnswerDue], bool]) -> AnswerDue:
    """A place that is reached by no step more than it needs to be *needed*."""
    for n in reversed(range(len(place.choices))):
        fewer = place.without(n)
        if fewer is not None and needed(fewer):
            place = fewer
    return place


def along(
    system: System,
    bounds: Bounds,
    first: State,
    choices: Sequence[Happened],
    duty: Duty,
) -> list[AnswerDue]:
    """Places of a run where an answer is due: the first, the last before the target moves, the very last."""
    place = AnswerDue(first, system, bounds, first, ())
    found = [place] if duty.due(first) else []
    untouched = 0
    for name, parameters in choices:
        action, p = system.action(name), arguments(parameters)
        if not action.guard(place.state, p):
            break
        if not untouched and found and action.actor == "target":
            untouched = len(found)
        steps = (*place.choices, (name, dict(parameters)))
        place = AnswerDue(action.effect(place.state, p), system, bounds, first, steps)
        if duty.due(place.state):
            found.append(place)
    wanted = {0, (untouched or len(found)) - 1, len(found) - 1}
    return [found[n] for n in sorted(wanted) if 0 <= n < len(found)]


def small(system: System) -> bool:
    """Whether every state and every parameter has so few values that all can be tried."""
    bounded = all(v.sort.low is not None or v.sort.kind == "bool" for v in system.variables)
    return bounded and all(_choices(action) is not None for action in system.actions)


def _domain(sort: Sort) -> list[int | bool] | None:
    if sort.kind == "bool":
        return [False, True]
    if sort.low is None or sort.high is None or sort.high - sort.low >= FEW:
        return None
    return list(range(sort.low, sort.high + 1))


def _choices(action: Action) -> list[dict[str, int | bool]] | None:
    domains = [_domain(p.sort) for p in action.parameters]
    known = [d for d in domains if d is not None]
    count = 1
    for domain in known:
        count *= len(domain)
    if len(known) < len(domains) or count > FEW:
        return None
    names = [p.name for p in action.parameters]
    return [dict(zip(names, choice, strict=True)) for choice in itertools.product(*known)]


def explored(system: System, bounds: Bounds, duty: Duty) -> list[AnswerDue]:
    """Every state of a small system in which an answer is due, by a shortest run."""
    found: list[AnswerDue] = []
    first = _first(system)
    seen = {tuple(values(s)) for s in first}
    queue: list[AnswerDue] = [AnswerDue(s, system, bounds, s, ()) for s in first]
    for place in queue:
        if duty.due(place.state):
            found.append(place)
        for action in system.actions:
            for parameters in _choices(action) or ():
                p = arguments(parameters)
                if action.name != duty.call and action.guard(place.state, p):
                    after = action.effect(place.state, p)
                    if tuple(values(after)) not in seen:
                        seen.add(tuple(values(after)))
                        steps = (*place.choices, (action.name, parameters))
                        queue.append(AnswerDue(after, system, bounds, place.first, steps))
    return found


def _anything(state: State) -> Value:
    return True


def _first(system: System, premises: Sequence[Property] = (), most: int = 1) -> list[State]:
    """Initial states from which the premises of properties can be reached: up to *most* different ones."""
    search = CompliantSearch(Encoded(system))
    apart = max(1, len(premises) // (most + 1))
    goals: list[Goal] = [p.premise for p in premises[apart - 1 :: apart]] or [_anything]
    found: dict[tuple[int | bool, ...], State] = {}
    for goal in goals:
        if len(found) < most:
            outcome = search.shortest((), goal, DEPTH if premises else 0, Effort(REACH)).outcome
            if isinstance(outcome, ShortestRun):
                found[tuple(outcome.first)] = rebuild(system.template, outcome.first)
    return list(found.values())


def searched(audited: Audited, rules: Iterable[Property], duty: Duty) -> Iterator[AnswerDue]:
    """Where a shortest run of the design that breaks a rule has an answer due."""
    system = audited.design()
    search = CompliantSearch(Encoded(system))
    for rule in rules:
        outcome = search.shortest((), breaking(rule), DEPTH, Effort(REACH)).outcome
        if isinstance(outcome, ShortestRun):
            place = reached(system, audited.world, outcome)
            yield from along(system, audited.world, place.first, place.choices, duty)


def breaking(rule: Property) -> Goal:
    """The goal of a run to where *rule* fails."""
    return lambda state: Not(rule.holds(state))


def walked(audited: Audited, system: System, duty: Duty, count: int, seed: int = 1) -> Iterator[AnswerDue]:
    """Where random runs of a general target, on which every clause holds, have an answer due."""
    firsts = _first(system, audited.clauses, FIRSTS)
    for number in range(count):
        walk = _Walk(system, audited.clauses, random.Random(seed + number))
        first = firsts[number % len(firsts)]
        choices = walk.take(first, duty)
        yield from along(system, audited.world, first, choices, duty)[-1:]


class _Walk:
    """One random run on which every clause holds."""

    STEPS, TRIES = 14, 40

    def __init__(self, system: System, clauses: Sequence[Property], source: random.Random) -> None:
        self._clauses = clauses
        self._source = source
        self._actions = system.actions
        self._used: Counter[str] = Counter()

    def take(self, state: State, duty: Duty) -> list[Choice]:
        """Its steps; in the second half only those after which an answer is due, or that lead there."""
        choices: list[Choice] = []
        for step in range(self.STEPS):
            late = step >= self.STEPS // 2
            chosen = self._step(state, duty, urgent=late and not duty.due(state))
            if chosen is not None:
                name, parameters, state = chosen
                self._used[name] += 1
                choices.append((name, parameters))
        return choices

    def _step(
        self, state: State, duty: Duty, urgent: bool
    ) -> tuple[str, dict[str, int | bool], State] | None:
        for _ in range(self.TRIES):
            action = self._source.choice(self._actions)
            if self._source.random() > 0.5 ** self._used[action.name]:
                continue
            parameters = {p.name: self._value(p.sort) for p in action.parameters}
            p = arguments(parameters)
            if action.name == duty.call or not action.guard(state, p):
                continue
            after = action.effect(state, p)
            if (duty.due(after) or not (urgent or duty.due(state))) and self._complies(after):
                return action.name, parameters, after
        return None

    def _complies(self, state: Any) -> bool:
        return all(clause.holds(state) for clause in self._clauses)

    def _value(self, sort: Sort) -> int | bool:
        if sort.kind == "bool":
            return self._source.random() < 0.5
        low = -1 if sort.low is None else sort.low
        high = low + 8 if sort.high is None else min(sort.high, low + 8)
        return self._source.randint(low, high)
