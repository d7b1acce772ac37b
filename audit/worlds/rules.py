"""How the small worlds are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.state import world_size
from ...model.kernel import Action, System
from ...model.logic import Value
from ...properties.property import Case, Conjunct, Property, Source
from ..answers import Duty
from ..spec import Spec

ANSWER = "Answer"
"""The one action by which the party that a small world is about does its duty."""

Formula = Callable[[Any], Value]


def sentence(name: str, says: str, source: Source, premise: Formula, holds: Formula) -> Property:
    """A sentence as it stands; *name* may carry a reading (``upload.urgent@literal``)."""
    rule, _, reading = name.partition("@")

    def cases(state: Any) -> Iterator[Case]:
        yield Case("the connection", premise(state), (Conjunct(says, holds(state)),))

    return Property(rule, "clause", says, source, cases, reading)


def small_world(name: str, system: System, rules: tuple[Property, ...], again: Callable[[], Spec]) -> Spec:
    """The Spec of a small world in which an answer is due until it has been given."""

    def general(bounds: Bounds) -> System:
        return system

    duty = Duty(due=lambda s: s.due, call=ANSWER, settled=lambda s: s.answered)
    return Spec(name, rules, general, general, world_size(), again, duty=duty)


def happens(name: str, actor: str, says: str, guard: Formula, effect: Callable[[Any], Any]) -> Action:
    """Something that happens without any choice."""
    return Action(name, actor, (), lambda s, p: guard(s), lambda s, p: effect(s), says)
