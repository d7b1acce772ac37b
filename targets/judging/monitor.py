"""The monitor: keeps the model's world in step with what was observed, and judges every step.

It evaluates the same properties as the engines do, on Python values. A property that
breaks is noted with the step at which it first did; the run goes on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol

from ...counterexamples.trace import Broken, Step, Violation, flat, step, violation
from ...model.bounds import Bounds
from ...model.chimney.careful import as_careful
from ...model.chimney.handover import terminate_completed
from ...model.chimney.state import World
from ...model.kernel import Action
from ...model.records import update
from ...properties.property import Property
from .events import actions, coded
from .hand_back import HandBack
from .misbehaviour import RULES
from .reads import changed, table


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


def misbehaviour(rule: str, what: str) -> Violation:
    """The violation of a rule of :data:`.misbehaviour.RULES`, said in *what*."""
    broken = (Broken(what, RULES[rule], {}),)
    return Violation(rule, "misbehaviour", RULES[rule], "docs/targets.md", "Misbehaviour", broken)


def verdict_properties(properties: Sequence[Property]) -> tuple[Property, ...]:
    """Those a target is judged by, in their default reading; lemmas and what a design owes are none."""
    return tuple(p for p in properties if p.kind not in ("lemma", "refinement") and not p.reading)


class Judge(Protocol):
    """What playing a scenario needs of a monitor.

    ``world`` reads like the model's. It is the world of now: what is needed of it after the
    next event is taken out before.
    """

    bounds: Bounds
    world: Any

    @property
    def beyond(self) -> bool:
        """Whether the target wrote a number that this monitor cannot judge: then another one has to."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The actions that happened."""
        ...

    @property
    def breaches(self) -> Mapping[str, Breach]:
        """What broke, by property."""
        ...

    @property
    def reached(self) -> Set[str]:
        """The properties that had something to say."""
        ...

    def possible(self, name: str, **values: Any) -> bool:
        """Whether the action's guard holds here (always, for an observation)."""
        ...

    def happens(self, name: str, **values: Any) -> None:
        """The action called *name* happens."""
        ...

    def hands_back(self, written: HandBack) -> None:
        """NdisMTerminateOffloadComplete, the first time."""
        ...

    def completes_again(self) -> None:
        """NdisMTerminateOffloadComplete, when the tree was handed back before."""
        ...

    def misbehaves(self, rule: str, what: str) -> None:
        """The target did something that no driver may do, said in *what*."""
        ...


class Monitor:
    """The world of one run, its history, and what it broke."""

    beyond = False

    def __init__(
        self,
        first: World,
        bounds: Bounds,
        properties: Sequence[Property],
        tell: Callable[[Happened], None] = lambda event: None,
    ) -> None:
        self.bounds = bounds
        self.first = self.world = as_careful(first)
        self.properties = properties
        self.tell = tell
        self.history: list[Happened] = []
        self.breaches: dict[str, Breach] = {}
        self.reached: set[str] = set()
        self._actions = actions(bounds)
        self._reads = table(tuple(properties))

    @property
    def names(self) -> list[str]:
        """The actions that happened."""
        return [event.action.name for event in self.history]

    def possible(self, name: str, **values: Any) -> bool:
        """Whether the action's guard holds here (always, for an observation)."""
        return bool(self._actions[name].guard(self.world, coded(values)))

    def happens(self, name: str, **values: Any) -> None:
        """The action called *name* happens."""
        action = self._actions[name]
        self.becomes(action, values, action.effect(self.world, coded(values)))

    def becomes(self, action: Action, values: Mapping[str, Any], after: World) -> None:
        """Something happens that leads to the world *after*."""
        before, self.world = self.world, as_careful(after, self.world)
        self.history.append(Happened(action, dict(values), before, self.world))
        self._judge(before)
        self.tell(self.history[-1])

    def hands_back(self, written: HandBack) -> None:
        """NdisMTerminateOffloadComplete, the first time."""
        after = terminate_completed(written.filled(self.world), written.root)
        self.becomes(self._actions["NdisMTerminateOffloadComplete"], {}, after)

    def completes_again(self) -> None:
        """NdisMTerminateOffloadComplete, when the tree was handed back before."""
        after = update(self.world, completions=self.world.completions + 1)
        self.becomes(self._actions["NdisMTerminateOffloadComplete"], {}, after)

    def misbehaves(self, rule: str, what: str) -> None:
        """The target did something that no driver may do, said in *what*."""
        says = what.replace("{", "{{").replace("}", "}}")
        self.breaches.setdefault(rule, Breach(len(self.history) + 1, misbehaviour(rule, what)))
        self.becomes(dataclasses.replace(self._actions["Misbehaves"], says=says), {}, self.world)

    def steps(self, count: int | None = None) -> list[Step]:
        """The first *count* steps (all of them) as a trace has them."""
        return [event.step() for event in self.history[:count]]

    def initial(self) -> dict[str, int | bool]:
        """The first state as a trace has it."""
        return flat(self.first)

    def _judge(self, before: World) -> None:
        """Judge what may have changed; after the first event, everything."""
        fields = changed(before, self.world) if len(self.history) > 1 else None
        for prop, reads in zip(self.properties, self._reads[self.world.phase], strict=True):
            if prop.id in self.breaches or not (fields is None or fields & reads):
                continue
            found = violation(prop, self.world) if self._breaks(prop) else None
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
