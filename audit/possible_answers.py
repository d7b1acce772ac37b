"""Every answer that a target can give in one situation, as formulas over what it chooses.

A situation is a concrete state in which an answer is due. An answer is a choice among the
steps that a :class:`.audited.Duty` names, in its order, each taken at most once for each instance
and with any values: what is completed, what is written into the tree, the call itself,
and what becomes of it. A rule is kept if it holds before the call, after it, and at the end.

Known limitation: an answer that takes the steps in another order is not among them.
Completions of different requests do not depend on one another, so in the worlds that are
asked here an order is lost only where a rule speaks of the order itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import z3

from ..engines.encode import concrete, constant, inside, term
from ..model.kernel import State, System, arguments
from ..model.logic import And, If, Implies, Not, Value, all_of, any_of
from ..model.records import Variable
from ..properties.property import Property
from .audited import Duty

Choice = tuple[str, dict[str, int | bool]]


@dataclasses.dataclass(frozen=True)
class _Step:
    name: str
    taken: Any
    fixed: dict[str, int]
    free: dict[str, Any]


class Answers:
    """The answers that are possible in one situation.

    ``states`` are the state before the call and each one from there on; ``possible`` says
    that the choices make up something that can happen, ``settled`` that nothing is owed then.
    """

    def __init__(self, system: System, situation: State, duty: Duty) -> None:
        self._system = system
        self._steps: list[_Step] = []
        self._guards: list[Value] = []
        state = self._optional(situation, duty.before)[-1]
        called = self._take(state, duty.call, {}, z3.BoolVal(True))
        self.states = [state, *self._optional(called, duty.after)]
        self.possible = all_of(self._guards)
        self.settled = duty.settled(self.states[-1])

    def keeps(self, rule: Property) -> Value:
        """Whether an answer keeps *rule* before the call, after it and at the end."""
        return all_of(rule.holds(self.states[n]) for n in sorted({0, 1, len(self.states) - 1}))

    def breaks(self, rule: Property) -> Value:
        """Whether *rule* is broken after the call or in some state from there on."""
        return any_of(Not(rule.holds(state)) for state in self.states[1:])

    def chosen(self, model: Any) -> list[Choice]:
        """The steps of the answer that a model of the formulas describes."""

        def value(t: Any) -> int | bool:
            return concrete(model.eval(t, model_completion=True))

        taken = [s for s in self._steps if value(s.taken)]
        return [(s.name, {**s.fixed, **{n: value(x) for n, x in s.free.items()}}) for s in taken]

    def _optional(self, state: State, names: Iterable[str]) -> list[State]:
        """The states while the steps of these names are taken or left out, one after the other."""
        passed = [state]
        for name in names:
            for fixed in self._system.action(name).instances():
                after = self._take(passed[-1], name, fixed, z3.Bool(f"take{len(self._steps)}"))
                if after is not passed[-1]:
                    passed.append(after)
        return passed

    def _take(self, state: State, name: str, fixed: dict[str, int], taken: Any) -> State:
        """The state after a step if it is taken; one that is impossible here is left out."""
        action = self._system.action(name)
        sorts = {p.name: p.sort for p in action.parameters if p.name not in fixed}
        free = {n: constant(Variable(n, sort), f"?{len(self._steps)}") for n, sort in sorts.items()}
        p = arguments({**fixed, **free})
        guard = And(action.guard(state, p), *(inside(sort, free[n]) for n, sort in sorts.items()))
        if guard is False and not z3.is_true(taken):
            return state
        self._steps.append(_Step(name, taken, fixed, free))
        self._guards.append(term(Implies(taken, guard)))
        return If(taken, action.effect(state, p), state)
