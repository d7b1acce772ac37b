"""The monitor: keeps the model's world in step with what was observed, and judges every step.

It evaluates the same properties as the engines do, on Python values. A property that
breaks is noted with the step at which it first did; the run goes on.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol

from ...counterexamples.trace import Broken, Step, Violation, between, flat, labelled, violation
from ...model.bounds import Bounds
from ...model.chimney.careful import as_careful
from ...model.chimney.handover import CompletesAgain, NdisMTerminateOffloadComplete
from ...model.chimney.only_seen import Misbehaves, OffloadsAgain
from ...model.chimney.state import World
from ...model.event import Event
from ...model.kernel import Action, arguments
from ...model.records import values as flat_values
from ...properties.property import Property
from .criteria import Criteria
from .hand_back import HandBack
from .misbehaviour import RULES
from .reads import changed


@dataclasses.dataclass(frozen=True)
class Happened:
    """One event of a run: the action, its values, and the world around it."""

    action: Action
    values: Mapping[str, Any]
    before: World
    after: World

    def step(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Step:
        """The event as a step of a trace, between the two worlds as variable name -> value."""
        seen = between(self.action, self.values, before, after)
        return dataclasses.replace(seen, parameters=labelled(self.action, self.values))


@dataclasses.dataclass(frozen=True)
class Breach:
    """The first time a property broke in a run: after how many steps, and how."""

    steps: int
    violation: Violation


def misbehaviour(rule: str, what: str) -> Violation:
    """The violation of a rule of :data:`.misbehaviour.RULES`, said in *what*."""
    broken = (Broken(what, RULES[rule], {}),)
    return Violation(rule, "misbehaviour", RULES[rule], "docs/targets.md", "Misbehaviour", broken)


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

    def begins(self, first: World, blocks: int) -> None:
        """The run begins in another world; its tree has so many *blocks*. Nothing has happened yet."""
        ...

    def goes_on(self, cycle: int, begins: Callable[[World], World], blocks: int) -> None:
        """The next cycle begins, in the world that *begins* makes of this one; it has so many *blocks*."""
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

    def state(self) -> object:
        """The world of now as plain data: equal for equal worlds with the same bounds."""
        ...

    def possible(self, event: Event, /, **values: Any) -> bool:
        """Whether the event can happen here. A target does what it likes, possible or not."""
        ...

    def happens(self, event: Event, /, **values: Any) -> None:
        """The event happens."""
        ...

    def if_possible(self, event: Event, /, **values: Any) -> bool:
        """The event happens if it can here; whether it did."""
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
        criteria: Criteria,
        tell: Callable[[Happened], None] = lambda event: None,
    ) -> None:
        self.bounds = bounds
        self.first = self.world = as_careful(first)
        self.criteria = criteria
        self.tell = tell
        self.history: list[Happened] = []
        self.breaches: dict[str, Breach] = {}
        self.reached: set[str] = set()
        self._actions = criteria.actions

    def begins(self, first: World, blocks: int) -> None:
        """The run begins in another world; its tree has so many *blocks*."""
        self.first = self.world = as_careful(first)

    def goes_on(self, cycle: int, begins: Callable[[World], World], blocks: int) -> None:
        """The next cycle begins, in the world that *begins* makes of this one."""
        self.becomes(self._actions[OffloadsAgain.name], {"cycle": cycle}, begins(self.world))

    @property
    def names(self) -> list[str]:
        """The actions that happened."""
        return [event.action.name for event in self.history]

    def state(self) -> tuple[Any, ...]:
        """The world of now as plain data."""
        return tuple(map(int, flat_values(self.world)))

    def possible(self, event: Event, /, **values: Any) -> bool:
        """Whether the event can happen here. A target does what it likes, possible or not."""
        return bool(self._actions[event.name].guard(self.world, arguments(values)))

    def happens(self, event: Event, /, **values: Any) -> None:
        """The event happens."""
        action = self._actions[event.name]
        self.becomes(action, values, action.effect(self.world, arguments(values)))

    def if_possible(self, event: Event, /, **values: Any) -> bool:
        """The event happens if it can here; whether it did."""
        possible = self.possible(event, **values)
        if possible:
            self.happens(event, **values)
        return possible

    def becomes(self, action: Action, values: Mapping[str, Any], after: World) -> None:
        """Something happens that leads to the world *after*."""
        before, self.world = self.world, as_careful(after, self.world)
        self.history.append(Happened(action, dict(values), before, self.world))
        self._judge(before)
        self.tell(self.history[-1])

    def hands_back(self, written: HandBack) -> None:
        """NdisMTerminateOffloadComplete, the first time."""
        call = self._actions[NdisMTerminateOffloadComplete.name]
        self.becomes(call, {}, call.effect(written.filled(self.world), arguments({"root": written.root})))

    def completes_again(self) -> None:
        """NdisMTerminateOffloadComplete, when the tree was handed back before."""
        after = self._actions[CompletesAgain.name].effect(self.world, arguments({}))
        self.becomes(self._actions[NdisMTerminateOffloadComplete.name], {}, after)

    def misbehaves(self, rule: str, what: str) -> None:
        """The target did something that no driver may do, said in *what*."""
        says = what.replace("{", "{{").replace("}", "}}")
        self.breaches.setdefault(rule, Breach(len(self.history) + 1, misbehaviour(rule, what)))
        self.becomes(dataclasses.replace(self._actions[Misbehaves.name], says=says), {}, self.world)

    def steps(self, count: int | None = None) -> list[Step]:
        """The first *count* steps (all of them) as a trace has them."""
        history = self.history[:count]
        worlds = itertools.pairwise([flat(self.first), *(flat(event.after) for event in history)])
        return [event.step(*around) for event, around in zip(history, worlds, strict=True)]

    def initial(self) -> dict[str, int | bool]:
        """The first state as a trace has it."""
        return flat(self.first)

    def _judge(self, before: World) -> None:
        """Judge what may have changed; after the first event, everything."""
        fields = changed(before, self.world) if len(self.history) > 1 else None
        reading = self.criteria.reads[self.world.phase]
        for prop, reads in zip(self.criteria.properties, reading, strict=True):
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
