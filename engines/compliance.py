"""Shortest runs on which claims hold in every state, and that end in a goal.

The claims are asserted lazily. A run is sought without them; if the same actions, with
other values, keep every claim, that is the answer. If not, the claims that stand in the
way there are asserted in every state, and the search goes on. So a query reads only what
the claims so far read, which keeps the prunings of :mod:`.relevance` worth their while,
and where there is no run at all, that is owed to the claims asserted and to no others.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import z3

from ..model.kernel import State
from ..model.logic import Value
from ..properties.property import Property
from .bmc import Exhausted, Outcome, OutOfTime, ShortestRun, Unrolling, pleasant, solver
from .effort import OUTER, Effort
from .encode import Encoded
from .relevance import Relevance

Goal = Callable[[State], Value]


class Watched(Relevance):
    """The prunings where claims are watched in every state, not only at the end.

    What a claim reads matters as what the goal reads does. Two steps may be swapped only if
    no claim can see the state between them, that is, if none reads what both write.
    """

    def __init__(self, encoded: Encoded) -> None:
        super().__init__(encoded)
        self._claims: list[Any] = []
        self._touched: list[frozenset[int]] = []

    def watch(self, claims: Sequence[Any]) -> None:
        """Take these claims into account, and no others."""
        self._claims = list(claims)
        seen = [self.variables(claim) for claim in self._claims]
        self._touched = [
            frozenset(n for n, read in enumerate(seen) if not read.isdisjoint(mark.writes))
            for mark in self.footprints
        ]

    def plan(self, goal: Any, depth: int) -> tuple[list[list[int]], list[frozenset[int]]]:
        """As for the goal alone, with the claims counted to it."""
        return super().plan(z3.And(goal, *self._claims), depth)

    def _independent(self, left: int, right: int) -> bool:
        return self._touched[left].isdisjoint(self._touched[right]) and super()._independent(left, right)


class Along(Unrolling):
    """All runs of exactly *depth* steps to a goal; ``held``: each claim holds in every state."""

    def __init__(
        self, encoded: Encoded, relevance: Watched, goal: Any, claims: Sequence[Property], depth: int
    ) -> None:
        terms = {claim.name: encoded.claim(claim) for claim in claims}
        relevance.watch(list(terms.values()))
        self._passed: list[list[tuple[Any, Any]]] = []
        super().__init__(encoded, relevance, goal, depth)
        self._passed.append(self._pairs())
        bundle = z3.And(*terms.values())  # one substitution for all: calls into Z3 are what it costs
        passed = [z3.substitute(bundle, *pairs).children() for pairs in self._passed]
        self.held = {name: z3.And(*(state[n] for state in passed)) for n, name in enumerate(terms)}

    def _step(self, level: int, wanted: frozenset[int]) -> Any:
        self._passed.append(self._pairs())
        return super()._step(level, wanted)


@dataclasses.dataclass(frozen=True)
class Compliance:
    """What came of a search; where nothing was found, that is owed to the claims ``asserted``."""

    outcome: Outcome
    asserted: tuple[Property, ...]


class CompliantSearch:
    """Compliant runs of one system, for one goal after the other."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self._relevance = Watched(encoded)

    def shortest(
        self,
        claims: Sequence[Property],
        goal: Goal,
        depth: int,
        effort: Effort,
        *,
        asserted: Sequence[Property] = (),
        polish: bool = True,
    ) -> Compliance:
        """A shortest run of up to *depth* steps to *goal* on which all *claims* hold throughout.

        *asserted* are the claims to assert from the start; *polish*: make the run easy to read.
        """
        wanted = self.encoded.formula(goal)
        owed = list(asserted)
        for level in range(depth + 1):
            attempt = _Attempt(self.encoded, self._relevance, wanted, claims, level, polish)
            outcome = attempt.decide(owed, effort)
            if not isinstance(outcome, Exhausted):
                return Compliance(outcome, tuple(owed))
        return Compliance(Exhausted(depth), tuple(owed))


class _Attempt:
    """The search among the runs of one length."""

    def __init__(
        self,
        encoded: Encoded,
        relevance: Watched,
        goal: Any,
        claims: Sequence[Property],
        level: int,
        polish: bool,
    ) -> None:
        self._encoded = encoded
        self._relevance = relevance
        self._goal = goal
        self._claims = claims
        self._level = level
        self._polish = polish

    @functools.cached_property
    def _every(self) -> Along:
        return self._along(self._claims)

    def decide(self, owed: list[Property], effort: Effort) -> Outcome:
        """A compliant run, or that there is none; extends *owed* by the claims that stood in the way."""
        while True:
            some = self._along(owed)
            query = solver(OUTER)
            query.add(*some.constraints, *some.held.values())
            answer = effort.check(query)
            if answer == z3.unsat:
                return Exhausted(self._level)
            if answer == z3.unknown:
                return OutOfTime(self._level - 1, effort.reason(query))
            found = self._keeping_all(some.taken(query.model()), owed, effort)
            if isinstance(found, ShortestRun | OutOfTime):
                return found
            owed += found

    def _along(self, claims: Sequence[Property]) -> Along:
        return Along(self._encoded, self._relevance, self._goal, claims, self._level)

    def _keeping_all(
        self, taken: Sequence[Any], owed: Sequence[Property], effort: Effort
    ) -> ShortestRun | OutOfTime | list[Property]:
        """A run by the same actions that keeps every claim, or the claims that exclude it."""
        every = self._every
        known = [claim.name for claim in owed]  # in order: another one may bring another model
        marks = {c.name: z3.Bool(f"keeps {c.name}") for c in self._claims if c.name not in known}
        query = z3.Solver()
        query.set("smt.core.minimize", True)
        query.add(*every.constraints, *taken, *(every.held[name] for name in known))
        query.add(*(z3.Implies(mark, every.held[name]) for name, mark in marks.items()))
        answer = effort.check(query, *marks.values())
        if answer == z3.unknown:
            return OutOfTime(self._level - 1, effort.reason(query))
        if answer == z3.unsat:
            core = {str(mark) for mark in query.unsat_core()}
            return [c for c in self._claims if c.name in marks and str(marks[c.name]) in core]
        every.constraints += every.held.values()
        model = query.model()
        return every.run(pleasant(every, model) if self._polish else model)


def inductive(
    encoded: Encoded, assumed: Sequence[Property], candidates: Sequence[Property], each: float
) -> tuple[Property, ...]:
    """The largest part of *candidates* that every run keeps on which *assumed* hold in every state.

    What a step or the first states do not preserve, from all that is still standing, is
    dropped until nothing falls. *each* is the work for a query; what is not decided falls.
    """
    given = [encoded.claim(prop) for prop in assumed]
    standing = {prop.name: encoded.claim(prop) for prop in candidates}
    _drop(standing, standing, [encoded.init, *given], each)
    size = -1
    while size != len(standing):
        size = len(standing)
        for instance in encoded.instances:
            after = {n: z3.substitute(c, *instance.changes) for n, c in standing.items()}
            touched = {n: c for n, c in after.items() if not c.eq(standing[n])}
            kept = [z3.substitute(c, *instance.changes) for c in given]
            _drop(standing, touched, [*given, *kept, *standing.values(), instance.guard], each)
    return tuple(prop for prop in candidates if prop.name in standing)


def _drop(standing: dict[str, Any], targets: dict[str, Any], premises: Sequence[Any], each: float) -> None:
    """Remove from *standing* what does not follow: the names of the *targets* that may fail."""
    left = dict(targets)
    while left:
        query = solver(OUTER)
        query.add(*premises, z3.Not(z3.And(*left.values())))
        answer = Effort(each).check(query)
        if answer == z3.unsat:
            return
        model = query.model() if answer == z3.sat else None
        fell = [n for n, c in left.items() if model is None or not z3.is_true(model.eval(c, True))]
        for name in fell or list(left):
            standing.pop(name, None)
            left.pop(name)
