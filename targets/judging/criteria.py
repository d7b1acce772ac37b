"""What the runs of a target are judged by: the events of a subject as they are observed, and properties."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence

from ...model.bounds import Bounds
from ...model.chimney.careful import CAREFUL
from ...model.chimney.state import World
from ...model.event import Event
from ...model.kernel import Action
from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Property
from ...properties.subject import Subject
from .reads import SMALL, table


def observed(events: Iterable[Event], bounds: Bounds) -> dict[str, Action]:
    """Everything that can happen in a run of a target, by name.

    Each is the model's own event; the parameters are what was seen. What a target wrote into the tree is
    read in one piece when it hands it back (:mod:`.hand_back`).
    """
    single = (event for event in events if not event.many)
    actions = (dataclasses.replace(e.action(bounds), says=e.observed_says or e.says) for e in single)
    return {action.name: CAREFUL.reacting(action) for action in actions}


def verdict_properties(properties: Sequence[Property]) -> tuple[Property, ...]:
    """Those a target can be judged by, in their default reading: what is demanded of any target."""
    return tuple(p for p in properties if p.kind in ("clause", "guarantee", "rule") and not p.reading)


@dataclasses.dataclass(frozen=True, eq=False)
class Criteria:
    """A subject that has the chimney's world, and those of its properties that count."""

    subject: Subject
    properties: tuple[Property, ...]

    @functools.cached_property
    def actions(self) -> Mapping[str, Action]:
        """What can happen; guards and effects are the same in worlds of all sizes."""
        return observed(self.subject.events, self.subject.bounds)

    @functools.cached_property
    def added(self) -> tuple[Event, ...]:
        """The events that the chimney does not have: a target may be told of them, and tell of them."""
        own = {event.name for event in CHIMNEY.events}
        return tuple(event for event in self.subject.events if event.name not in own)

    @property
    def properties_added(self) -> tuple[Property, ...]:
        """The properties that the chimney does not have."""
        own = {id(prop) for prop in CHIMNEY.properties}
        return tuple(prop for prop in self.properties if id(prop) not in own)

    def blank(self, bounds: Bounds) -> World:
        """A world of the given size in which nothing has happened."""
        if bounds not in self._blanks:
            self._blanks[bounds] = self.subject.blank(bounds)
        return self._blanks[bounds]

    @functools.cached_property
    def _blanks(self) -> dict[Bounds, World]:
        """Those that were made: each cycle of a run begins with one."""
        return {}

    @functools.cached_property
    def reads(self) -> tuple[tuple[frozenset[str], ...], ...]:
        """For each phase of the world, what each of the properties reads in it."""
        return table(self.properties, self.subject.blank(SMALL))


def criteria(subject: Subject, *names: str) -> Criteria:
    """All that a target is judged by, or the properties of these ids alone."""
    judged = verdict_properties(subject.properties)
    return Criteria(subject, tuple(p for p in judged if not names or p.id in names))
