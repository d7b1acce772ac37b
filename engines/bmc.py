"""Bounded model checking: shortest runs to a goal, one depth after the other.

Depths are searched in ascending order and each is exhausted before the next, so a run
that is found is as short as any. A search that ran out of depth or time says so; it
proves nothing. Each depth is a fresh query: Z3's preprocessing, which incremental
solving switches off, is worth more here than what it would remember.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import z3

from ..model.logic import And, If, Not, Or, Value
from .effort import MILLION, OUTER, Effort
from .encode import Encoded, term
from .rawterms import constant_like, equation, replaced
from .relevance import Relevance

Choice = tuple[str, dict[str, int | bool]]


@dataclasses.dataclass(frozen=True)
class ShortestRun:
    """A shortest run: the first state (flat values) and what happens, step by step."""

    first: list[int | bool]
    choices: list[Choice]


@dataclasses.dataclass(frozen=True)
class Exhausted:
    """No run of up to ``depth`` steps reaches the goal."""

    depth: int


@dataclasses.dataclass(frozen=True)
class OutOfTime:
    """The solver gave up at ``depth + 1``; no run of up to ``depth`` steps reaches the goal."""

    depth: int
    reason: str


Outcome = ShortestRun | Exhausted | OutOfTime


class Unrolling:
    """All runs of exactly *depth* steps to a goal, as one formula.

    Each step is written over the encoded constants, then renamed to its level in one
    substitution: calls into Z3 are what building costs.
    """

    def __init__(self, encoded: Encoded, relevance: Relevance, goal: Any, depth: int) -> None:
        self.encoded = encoded
        self.relevance = relevance
        self.steps, states = relevance.plan(goal, depth)
        self._by_id = {c.get_id(): c for c in encoded.constants}
        self._now = dict(self._by_id)
        self.constraints: list[Any] = [encoded.init]
        for level in range(depth):
            self.constraints.append(self._step(level, states[level + 1]))
        self.constraints.append(replaced(goal, self._pairs()))

    def _pairs(self) -> list[tuple[Any, Any]]:
        return [(self._by_id[v], t) for v, t in self._now.items() if t is not self._by_id[v]]

    def _step(self, level: int, wanted: frozenset[int]) -> Any:
        matter = self.steps[level]
        acts = {n: z3.Bool(f"act{n}") for n in matter}
        parts: list[Any] = [Or(*acts.values()), z3.AtMost(*acts.values(), 1)] if acts else [z3.BoolVal(False)]
        after: dict[int, Any] = {}
        free: dict[int, Any] = {}
        for n in matter:
            instance = self.encoded.instances[n]
            parts.append(Or(Not(acts[n]), instance.guard))
            free.update((c.get_id(), c) for c in instance.free.values())
            for key, old, new in self.encoded.changes[n]:
                if key in wanted:
                    after[key] = If(acts[n], new, after.get(key, old))
        named = {v: constant_like(self._by_id[v], f"@{level + 1}") for v in after}
        parts += [equation(named[v], value) for v, value in after.items()]
        parts += self._ordered(level, acts)
        renamed = [(act, constant_like(act, f"@{level}")) for act in acts.values()]
        renamed += [(c, constant_like(c, f"@{level}")) for c in free.values()]
        step = replaced(And(*parts), [*self._pairs(), *renamed])
        self._now = {v: named.get(v, t) for v, t in self._now.items() if v in wanted}
        return step

    def _ordered(self, level: int, acts: dict[int, Any]) -> list[Any]:
        """Of two independent steps, the one with the smaller number comes first."""
        if not level:
            return []
        earlier = self.steps[level - 1]
        not_taken = {n: Not(z3.Bool(f"act{n}@{level - 1}")) for n in earlier}
        early = {right: self.relevance.after_independent(right, earlier) for right in acts}
        return [Or(Not(acts[n]), And(*(not_taken[m] for m in some))) for n, some in early.items() if some]

    def _chosen(self, model: Any) -> list[int]:
        """The number of the instance that a model takes at each step."""
        return [
            next(n for n in matter if z3.is_true(model.eval(z3.Bool(f"act{n}@{level}"), True)))
            for level, matter in enumerate(self.steps)
        ]

    def taken(self, model: Any) -> list[Any]:
        """The choice of actions in a model, as literals."""
        return [z3.Bool(f"act{n}@{level}") for level, n in enumerate(self._chosen(model))]

    def _free(self, level: int, number: int) -> list[Any]:
        return [constant_like(c, f"@{level}") for c in self.encoded.instances[number].free.values()]

    def parameters(self, model: Any) -> list[Any]:
        """The free parameters of the steps that a model takes."""
        return [p for level, n in enumerate(self._chosen(model)) for p in self._free(level, n)]

    def run(self, model: Any) -> ShortestRun:
        """The run that a model of the constraints describes."""
        encoded = self.encoded
        choices: list[Choice] = []
        for level, number in enumerate(self._chosen(model)):
            instance = encoded.instances[number]
            values = dict(zip(instance.free, encoded.value(model, self._free(level, number)), strict=True))
            choices.append((instance.action.name, {**instance.fixed, **values}))
        return ShortestRun(encoded.value(model, encoded.constants), choices)


def solver(timeout: float) -> Any:
    """A solver with the preprocessing that bounded runs profit from; *timeout* in seconds."""
    steps = ("simplify", "propagate-values", "solve-eqs", "simplify", "smt")
    result = z3.Then(*steps).solver()
    result.set("timeout", max(1, int(timeout * 1000)))
    return result


READABLE = 20
"""A length that is easy to read, in bytes: preferred in counterexamples, where possible."""
POLISH = 8 * MILLION
"""Work that may go into making a counterexample easy to read."""


def pleasant(unrolling: Unrolling, model: Any, work: int = POLISH) -> Any:
    """A model of the same run, action by action, that reads well.

    Small parameters and what a reader prefers to see are granted where they can be, one after the
    other, within so much *work*.
    """
    encoded, effort = unrolling.encoded, Effort(work)
    query = solver(OUTER)
    query.add(*unrolling.constraints, *unrolling.taken(model))
    small = [p <= READABLE for p in unrolling.parameters(model) if z3.is_int(p)]
    preferred = [z3.And(*small), *(term(w) for w in encoded.system.prefers(encoded.state))]
    for preference in [z3.And(*preferred), *preferred]:
        if effort.left <= 0:
            break
        if z3.is_true(model.eval(preference, True)):
            query.add(preference)
            continue
        query.push()
        query.add(preference)
        if effort.check(query) == z3.sat:
            model = query.model()
        else:
            query.pop()
    return model


SEARCH = 250 * MILLION
"""Work for one search, if nothing else is said."""


def search(
    encoded: Encoded,
    goal: Callable[[Any], Value],
    depth: int,
    effort: Effort | None = None,
    seconds: float = OUTER,
    relevance: Relevance | None = None,
) -> Outcome:
    """Look for a shortest run to a state where *goal* holds.

    *depth* bounds the steps, *effort* the work in all; *seconds* is an outer limit for each query.
    *relevance*: what is known of the system from another search.
    """
    effort = effort or Effort(SEARCH)
    relevance = relevance or Relevance(encoded)
    wanted = encoded.formula(goal)
    for level in range(depth + 1):
        unrolling = Unrolling(encoded, relevance, wanted, level)
        query = solver(seconds)
        query.add(*unrolling.constraints)
        answer = effort.check(query)
        if answer == z3.sat:
            return unrolling.run(pleasant(unrolling, query.model()))
        if answer == z3.unknown:
            return OutOfTime(level - 1, effort.reason(query, seconds))
    return Exhausted(depth)
