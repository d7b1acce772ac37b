"""The monitor: keeps the model's world in step with what was observed, and judges every step.

It evaluates the same properties as the engines do, on Python values. A property that
breaks is noted with the step at which it first did; the run goes on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..counterexamples.trace import Broken, Step, Violation, flat, step, violation
from ..model.kernel import Action, arguments
from ..model.state import Bounds, World
from ..properties.property import Property
from .events import actions, mirror
from .words import RULES


@dataclasses.dataclass(frozen=True)
class Happened:
    """One event of a run: the action, its values, and the world around it."""

    action: Action
    values: Mapping[str, Any]
    before: World
    after: World

    def step(self) -> Step:
        """The event as a step of a trace."""
        return step(self.action, self.values, self.before, self.after)


@dataclasses.dataclass(frozen=True)
class Breach:
    """The first time a property broke in a run: after how many steps, and how."""

    steps: int
    violation: Violation


def verdict_properties(properties: Sequence[Property]) -> tuple[Property, ...]:
    """Those a target is judged by: clauses and guarantees in their default reading."""
    return tuple(p for p in properties if p.kind != "lemma" and not p.reading)


class Monitor:
    """The world of one run, its history, and what it broke."""

    def __init__(self, first: World, bounds: Bounds, properties: Sequence[Property]) -> None:
        self.bounds = bounds
        self.first = self.world = mirror(first)
        self.properties = properties
        self.history: list[Happened] = []
        self.breaches: dict[str, Breach] = {}
        self.reached: set[str] = set()
        self._actions = actions(bounds)

    def action(self, name: str) -> Action:
        """The action called *name*."""
        return self._actions[name]

    def possible(self, name: str, **values: Any) -> bool:
        """Whether the action's guard holds here (always, for an observation)."""
        return bool(self._actions[name].guard(self.world, arguments(values)))

    def happens(self, name: str, **values: Any) -> None:
        """The action called *name* happens."""
        action = self._actions[name]
        self.becomes(action, values, action.effect(self.world, arguments(values)))

    def becomes(self, action: Action, values: Mapping[str, Any], after: World) -> None:
        """Something happens that leads to the world *after*."""
        before, self.world = self.world, mirror(after)
        self.history.append(Happened(action, dict(values), before, self.world))
        self._judge()

    def misbehaves(self, rule: str, what: str) -> None:
        """The target did something that no driver may do, said in *what*."""
        says = what.replace("{", "{{").replace("}", "}}")
        self.becomes(dataclasses.replace(self._actions["Misbehaves"], says=says), {}, self.world)
        broken = Broken(what, RULES[rule], {})
        found = Violation(rule, "misbehaviour", RULES[rule], "docs/targets.md", "Misbehaviour", (broken,))
        self.breaches.setdefault(rule, Breach(len(self.history), found))

    def steps(self, count: int | None = None) -> list[Step]:
        """The first *count* steps (all of them) as a trace has them."""
        return [event.step() for event in self.history[:count]]

    def initial(self) -> dict[str, int | bool]:
        """The first state as a trace has it."""
        return flat(self.first)

    def _judge(self) -> None:
        for prop in self.properties:
            if prop.id not in self.breaches and self._breaks(prop):
                found = violation(prop, self.world)
                if found:
                    self.breaches[prop.id] = Breach(len(self.history), found)

    def _breaks(self, prop: Property) -> bool:
        """Whether *prop* fails here; notes on the way whether it had anything to say."""
        broken = False
        for case in prop.cases(self.world):
            if case.premise:
                self.reached.add(prop.id)
                broken = broken or not all(j.formula for j in case.holds)
        return broken
