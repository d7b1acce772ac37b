"""Induction with lemmas: what every step preserves, given that it all held before.

A conjunction of claims holds in every reachable state if the initial states satisfy it
and each action instance leads from a state that satisfies it to one that does. One
query decides an instance for all claims; where it fails, the model tells which claims
fell, and the rest is decided again. :func:`recheck` decides a finished invariant once
more, in a fresh solver with other preprocessing.
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
START = -1
"""The number that stands for the initial states where action instances are counted from 0."""


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


@dataclasses.dataclass(frozen=True)
class Step:
    """What one instance does to a set of claims: which fell, and why the rest is open (if it is)."""

    fallen: dict[str, Obstacle]
    open: str = ""


class Induction:
    """Induction steps over one encoded system, relative to a set of claims (the support)."""

    def __init__(self, encoded: Encoded, support: Sequence[Property], timeout: float) -> None:
        self.encoded = encoded
        self._timeout = timeout
        self._support = [encoded.claim(claim) for claim in support]

    def step(self, number: int, claims: Sequence[Property]) -> Step:
        """Which of *claims* instance *number* (or START) fails to establish from the support."""
        instance = None if number == START else self.encoded.instances[number]
        premises = [self.encoded.init] if instance is None else [*self._support, instance.guard]
        targets = self._targets(instance, claims)
        fallen: dict[str, Obstacle] = {}
        while targets:
            query = fresh_solver(self._timeout)
            query.add(*premises, z3.Not(z3.And(*targets.values())))
            answer = query.check()
            if answer == z3.unknown:
                return Step(fallen, query.reason_unknown())
            if answer == z3.unsat:
                break
            model = query.model()
            lost = [n for n, t in targets.items() if not z3.is_true(model.eval(t, True))]
            if not lost:
                return Step(fallen, "the solver's model does not show which claim fell")
            obstacle = self._obstacle(model, instance)
            fallen.update((name, obstacle) for name in lost)
            targets = {n: t for n, t in targets.items() if n not in fallen}
        return Step(fallen)

    def _targets(self, instance: Instance | None, claims: Sequence[Property]) -> dict[str, Any]:
        """What must hold after the step, for the claims that it can affect."""
        if instance is None:
            return {c.name: self.encoded.claim(c) for c in claims}
        targets = {}
        for claim in claims:
            before = self.encoded.claim(claim)
            after = z3.substitute(before, *instance.changes)
            if not after.eq(before):
                targets[claim.name] = after
        return targets

    def obstacle(self, prop: Property) -> Obstacle | None:
        """The first step that does not preserve *prop*; None if it is inductive given the support."""
        relative = Induction(self.encoded, [], self._timeout)
        relative._support = [*self._support, self.encoded.claim(prop)]
        for number in range(START, len(self.encoded.instances)):
            step = relative.step(number, [prop])
            if step.fallen:
                return step.fallen[prop.name]
            if step.open:
                return Obstacle(self.encoded.step_name(number), reason=step.open)
        return None

    def _obstacle(self, model: Any, instance: Instance | None) -> Obstacle:
        before = tuple(self.encoded.value(model, self.encoded.constants))
        if instance is None:
            return Obstacle(INITIAL, before=before)
        free = zip(instance.free, self.encoded.value(model, list(instance.free.values())), strict=True)
        parameters = tuple({**instance.fixed, **dict(free)}.items())
        return Obstacle(instance.name, instance.action.name, before, parameters)


def recheck(encoded: Encoded, invariant: Sequence[Property], number: int, timeout: float) -> str:
    """Decide again, in a fresh solver, that one instance preserves the whole invariant.

    *number* is the instance's index, or START. Returns "" if it
    does, else what was found instead.
    """
    claims = [encoded.claim(prop) for prop in invariant]
    if number == START:
        where, premises, after = INITIAL, [encoded.init], claims
    else:
        instance = encoded.instances[number]
        where, premises = instance.name, [*claims, instance.guard]
        after = [a for c in claims for a in [z3.substitute(c, *instance.changes)] if not a.eq(c)]
    found = _refuted([*premises, z3.Not(z3.And(*after))], timeout)
    if found.startswith("unknown"):  # too much at once
        each = (_refuted([*premises, z3.Not(a)], timeout) for a in after)
        found = next((f for f in each if f), "")
    return f"{where}: {found}" if found else ""


def _refuted(formulas: Sequence[Any], timeout: float) -> str:
    """Nothing if no state satisfies the formulas, by one of two fresh solvers; else what they said."""
    plain = z3.SimpleSolver()
    plain.set("timeout", max(1, int(timeout * 1000)))
    found = ""
    for query in (plain, fresh_solver(timeout)):
        query.add(*formulas)
        answer = query.check()
        if answer != z3.unknown:
            return "" if answer == z3.unsat else "sat"
        found = f"unknown ({query.reason_unknown()})"
    return found


def total(encoded: Encoded) -> bool:
    """Whether every state has a successor: some guard holds, or the system stutters."""
    guards = [instance.guard for instance in encoded.instances]
    query = z3.Solver()
    query.add(z3.Not(z3.Or(*guards, encoded.stutter)))
    return bool(query.check() == z3.unsat)
