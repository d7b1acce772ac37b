"""Induction with lemmas: a property that every step preserves, given what the lemmas say.

``I`` holds in every reachable state if the initial states satisfy it and each action
instance leads from a state with ``I`` to a state with ``I``. Properties are decided one
by one in an incremental solver; :func:`recheck` decides their whole conjunction again,
one action at a time, in a fresh solver with other preprocessing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import z3

from ..properties.property import Property
from .bmc import solver as fresh_solver
from .encode import Encoded, Instance

INITIAL = "the initial states"
FIRST_TRY = 2.0
"""Seconds that the incremental solver has for a query."""


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """Why a property is not inductive: the step (or the initial states), and a model if there is one.

    ``before`` and ``parameters`` describe the counterexample to induction (flat values);
    ``reason`` is set instead where the solver gave up.
    """

    step: str
    action: str = ""
    before: tuple[int | bool, ...] = ()
    parameters: tuple[tuple[str, int | bool], ...] = ()
    reason: str = ""


class Induction:
    """Induction steps over one encoded system, relative to a set of lemmas."""

    def __init__(self, encoded: Encoded, lemmas: Sequence[Property], timeout: float) -> None:
        self.encoded = encoded
        self._timeout = timeout
        self._support = [encoded.claim(lemma) for lemma in lemmas]
        self._solver = z3.Solver()
        self._solver.set("timeout", int(min(timeout, FIRST_TRY) * 1000))
        self._solver.add(*self._support)

    def obstacle(self, prop: Property) -> Obstacle | None:
        """The first step that does not preserve *prop*; None if it is inductive."""
        claim = self.encoded.claim(prop)
        if claim.eq(z3.BoolVal(True)):
            return None
        start = self._answer([self.encoded.init, z3.Not(claim)])
        if start is not None:
            return self._obstacle(start, None)
        self._solver.push()
        try:
            self._solver.add(claim)
            return self._first_step(claim)
        finally:
            self._solver.pop()

    def _first_step(self, claim: Any) -> Obstacle | None:
        for instance in self.encoded.instances:
            after = z3.substitute(claim, *instance.changes)
            if not after.eq(claim):
                answer = self._step(claim, [instance.guard, z3.Not(after)])
                if answer is not None:
                    return self._obstacle(answer, instance)
        return None

    def _step(self, claim: Any, formulas: list[Any]) -> Any:
        """A model, a reason for giving up, or None for unsatisfiable, given the support.

        The incremental solver is quick but now and then gets lost; it has a short time,
        then a fresh one with full preprocessing has the rest.
        """
        self._solver.push()
        try:
            self._solver.add(*formulas)
            answer = self._solver.check()
            if answer == z3.unsat:
                return None
            if answer == z3.sat:
                return self._solver.model()
        finally:
            self._solver.pop()
        return self._answer([*self._support, claim, *formulas])

    def _answer(self, formulas: list[Any]) -> Any:
        query = fresh_solver(self._timeout)
        query.add(*formulas)
        answer = query.check()
        if answer == z3.unsat:
            return None
        return query.model() if answer == z3.sat else query.reason_unknown()

    def _obstacle(self, answer: Any, instance: Instance | None) -> Obstacle:
        name = instance.name if instance else INITIAL
        if isinstance(answer, str):
            return Obstacle(name, reason=answer)
        before = tuple(self.encoded.value(answer, self.encoded.constants))
        if instance is None:
            return Obstacle(name, before=before)
        free = zip(instance.free, self.encoded.value(answer, list(instance.free.values())), strict=True)
        parameters = tuple({**instance.fixed, **dict(free)}.items())
        return Obstacle(name, instance.action.name, before, parameters)


def recheck(encoded: Encoded, invariant: Sequence[Property], number: int, timeout: float) -> str:
    """Decide again, in a fresh solver, that one instance preserves the whole invariant.

    *number* is the instance's index; -1 stands for the initial states. Returns "" if it
    does, else what was found instead.
    """
    claims = [encoded.claim(prop) for prop in invariant]
    query = fresh_solver(timeout)
    if number < 0:
        where = INITIAL
        query.add(encoded.init, z3.Not(z3.And(*claims)))
    else:
        instance = encoded.instances[number]
        where = instance.name
        after = [a for c in claims for a in [z3.substitute(c, *instance.changes)] if not a.eq(c)]
        query.add(*claims, instance.guard, z3.Not(z3.And(*after)))
    answer = query.check()
    if answer == z3.unsat:
        return ""
    return f"{where}: {answer}" + (f" ({query.reason_unknown()})" if answer == z3.unknown else "")


def total(encoded: Encoded) -> bool:
    """Whether every state has a successor: some guard holds, or the system stutters."""
    guards = [instance.guard for instance in encoded.instances]
    query = z3.Solver()
    query.add(z3.Not(z3.Or(*guards, encoded.stutter)))
    return bool(query.check() == z3.unsat)
