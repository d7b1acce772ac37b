"""What scenarios are to reach, and whether a run of a target reached it.

A goal is a condition on a state and up to two actions of the model that happen there. A
target shows the same actions by the events that they take (:func:`shown`).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...model.chimney.only_seen import OffloadsAgain
from ...model.chimney.state import World, world_size
from ...model.kernel import System, arguments
from ...model.logic import Value
from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Property
from ...properties.situation import Situation, disagreements
from ..judging.criteria import verdict_properties
from ..judging.monitor import Happened

When = Callable[[World, Any], Value]


@functools.cache
def shown() -> dict[str, str]:
    """What a run of a target shows of each step of the reference design: the one event that it takes.

    What takes several events at once, or none where nothing is outstanding, happens inside the target: of
    that nothing is shown (""), unless an event of that name is observed.
    """
    design = CHIMNEY.the_reference
    blank = CHIMNEY.blank(world_size(buffers=1, blocks=1, connections=1, requests=1))
    watched = {event.name for event in CHIMNEY.events if event.observed}
    found = {}
    for step in design.steps:
        anything = arguments(dict.fromkeys(step.ranges, 0))
        events = [taken.event for taken in design.takes(step.name, blank, anything)]
        single = events[0].name if len(events) == 1 and not events[0].many else ""
        found[step.name] = step.name if step.name in watched else single
    return found


@functools.cache
def unheard() -> frozenset[str]:
    """Observed events that the model does not have. A timer shows in what the target does then."""
    return frozenset(event.name for event in CHIMNEY.events if event.observed) - shown().keys()


def event(action: str) -> str:
    """The name under which a run of a target shows an action of the model; "" for what is inside."""
    return shown().get(action, action)


@dataclasses.dataclass(frozen=True)
class Goal:
    """``when`` is asked of the state, and of the parameters of the first action of ``then``."""

    kind: str  # action, premise, reading, situation or pair
    name: str
    when: When = lambda world, p: True
    then: tuple[str, ...] = ()

    @functools.cached_property
    def id(self) -> str:
        """``pair: SendAck > Transmit``: by this name the stored data know it."""
        return f"{self.kind}: {self.name}"

    @functools.cached_property
    def events(self) -> tuple[str, ...]:
        """The actions as a run of a target shows them."""
        return tuple(event(action) for action in self.then)


def goals(system: System, properties: Sequence[Property]) -> list[Goal]:
    """Everything that the model's world has in it, the rarest kind first."""
    names = [action.name for action in system.actions]
    return [
        *(_of("situation", situation) for situation in CHIMNEY.situations),
        *(_of("reading", situation) for situation in disagreements(properties)),
        *(_premise(prop) for prop in verdict_properties(properties)),
        *(Goal("action", name, then=(name,)) for name in names),
        *(Goal("pair", f"{a} > {b}", then=(a, b)) for a in names for b in names),
    ]


def _of(kind: str, situation: Situation) -> Goal:
    return Goal(kind, situation.name, situation.holds, (situation.action,) if situation.action else ())


def _premise(prop: Property) -> Goal:
    return Goal("premise", prop.id, lambda world, p: prop.premise(world))


def pairs(happened: Iterable[str]) -> set[tuple[str, str]]:
    """The consecutive events in each cycle of a run, without those that the model does not have."""
    names = [name for name in happened if name not in unheard() or name == OffloadsAgain.name]
    return {pair for pair in itertools.pairwise(names) if OffloadsAgain.name not in pair}


class Seen:
    """What one run of a target showed."""

    def __init__(self, first: World, history: Sequence[Happened]) -> None:
        self.history = history
        self.worlds = [first, *(h.after for h in history)]
        self.names = {h.action.name for h in history}
        self.pairs = pairs(h.action.name for h in history)

    def reached(self, goals: Iterable[Goal]) -> frozenset[str]:
        """The ids of the goals that were reached."""
        return frozenset(goal.id for goal in goals if self._reaches(goal))

    def _reaches(self, goal: Goal) -> bool:
        if len(goal.then) == 2:
            return goal.events in self.pairs
        if not goal.then:
            return any(goal.when(world, None) for world in self.worlds)
        (name,) = goal.events
        return name in self.names and any(
            goal.when(h.before, arguments(h.values)) for h in self.history if h.action.name == name
        )
