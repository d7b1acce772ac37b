"""Shortest runs to situations: what holds in a state, and what happens there.

A goal is a formula over a state and up to two actions that can follow it, one after the
other. The search is :func:`.bmc.search`, so a run that is found is a shortest one, for
any lengths and sequence numbers, in a world of the bounds given.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..counterexamples.trace import run
from ..model.chimney.state import World
from ..model.kernel import System, arguments
from ..model.logic import And, Or, Value
from ..model.records import rebuild, values
from .bmc import READABLE, Choice, Outcome, OutOfTime, ShortestRun, search, solver
from .encode import Encoded, Instance, inside, term

When = Callable[[World, Any], Value]
"""A condition on a state, and on the parameters of the first action that follows (None without one)."""


class Reach:
    """Shortest runs of one system."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.encoded = Encoded(system)

    def shortest(self, when: When, then: Sequence[str] = (), *, depth: int, timeout: float) -> Outcome:
        """A shortest run to a state where *when* holds and where the actions *then* happen in a row.

        The run ends with them. *depth* bounds the steps before them, *timeout* the seconds
        of one query. Raises KeyError if the system has no such action.
        """
        ways = list(self._ways(when, then))
        possible = Or(*(formula for _, formula in ways))
        found = search(self.encoded, lambda state: possible, depth, seconds=timeout)
        return self._finished(found, ways, timeout) if isinstance(found, ShortestRun) and then else found

    def _ways(self, when: When, then: Sequence[str]) -> Iterator[tuple[list[PlacedAction], Value]]:
        """Each choice of instances for the actions, and where they are possible as wanted."""
        named = [[i for i in self.encoded.instances if i.action.name == name] for name in then]
        for name, instances in zip(then, named, strict=True):
            if not instances:
                raise KeyError(name)
        for choice in itertools.product(*named):
            steps = [PlacedAction(instance, number) for number, instance in enumerate(choice)]
            state = self.encoded.state
            parts = [when(state, steps[0].arguments if steps else None)]
            for step in steps:
                parts += [step.bounds, step.instance.action.guard(state, step.arguments)]
                state = step.instance.action.effect(state, step.arguments)
            yield steps, And(*parts)

    def _finished(
        self, found: ShortestRun, ways: list[tuple[list[PlacedAction], Value]], timeout: float
    ) -> Outcome:
        """The run, extended by the actions; small parameters where they can be small."""
        first = rebuild(self.system.template, found.first)
        _, last = run(self.system, first, found.choices)
        here = [c == term(v) for c, v in zip(self.encoded.constants, values(last), strict=True)]
        for most, (steps, formula) in itertools.product((READABLE, None), ways):
            query = solver(timeout)
            query.add(*here, term(formula), *(step.at_most(most) for step in steps))
            if str(query.check()) == "sat":
                model = query.model()
                return ShortestRun(found.first, [*found.choices, *(self._choice(s, model) for s in steps)])
        return OutOfTime(len(found.choices), "the last steps were not found again")

    def _choice(self, step: PlacedAction, model: Any) -> Choice:
        free = dict(zip(step.free, self.encoded.value(model, list(step.free.values())), strict=True))
        return step.instance.action.name, {**step.instance.fixed, **free}


class PlacedAction:
    """An instance of an action at a place of its own, with parameters of its own."""

    def __init__(self, instance: Instance, number: int) -> None:
        import z3

        self.instance = instance
        self.free = {
            name: z3.Int(f"{name}!{number}") if z3.is_int(c) else z3.Bool(f"{name}!{number}")
            for name, c in instance.free.items()
        }
        self.arguments = arguments({**instance.fixed, **self.free})

    @property
    def bounds(self) -> Value:
        """Whether the parameters lie in their sorts."""
        sorts = {p.name: p.sort for p in self.instance.action.parameters}
        return And(*(inside(sorts[name], c) for name, c in self.free.items()))

    def at_most(self, most: int | None) -> Any:
        """Whether every parameter is at most *most* (None: any)."""
        return term(And(*(c <= most for c in self.free.values())) if most is not None else True)
