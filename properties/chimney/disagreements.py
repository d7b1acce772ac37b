"""Where two readings of one sentence part: situations in which they ask different things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...model.chimney.state import World
from ...model.logic import Iff, Not, Value, any_of
from ..property import Case, Property
from .situations import Situation


def disagreements(properties: Iterable[Property]) -> Iterator[Situation]:
    """For each reading that is not the default: where it and the default reading part.

    They part in a state that one of them forbids and the other does not; or, where no
    target that keeps the default reading shows that, in one of which they ask different things.
    """
    everything = tuple(properties)
    default = {p.id: p for p in everything if not p.reading}
    for prop in everything:
        if prop.reading and prop.id in default:
            yield Situation(prop.name, _verdicts_differ(default[prop.id], prop))
            yield Situation(f"{prop.name}, scope", _scopes_differ(default[prop.id], prop))


def _verdicts_differ(left: Property, right: Property) -> Callable[[World, Any], Value]:
    return lambda world, p: Not(Iff(left.holds(world), right.holds(world)))


def _scopes_differ(left: Property, right: Property) -> Callable[[World, Any], Value]:
    """A place of which one reading speaks, and the other does not."""

    def differ(world: World, p: Any) -> Value:
        ours, theirs = (_spoken_of(prop.cases(world)) for prop in (left, right))
        return any_of(
            Not(Iff(ours.get(where, False), theirs.get(where, False))) for where in {**ours, **theirs}
        )

    return differ


def _spoken_of(cases: Iterable[Case]) -> dict[str, Value]:
    return {case.where: case.premise for case in cases}
