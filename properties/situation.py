"""Situations worth seeing: corners of the world that targets get wrong, and where readings part.

They demand nothing. The engines look for shortest runs to them, and every target is played through
them. Only what can be seen from outside is spoken of, so that the same predicate is asked of a state
of the model and of a run of a target.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..model.kernel import State
from ..model.logic import Iff, Not, Value, any_of
from .property import Case, Property


@dataclasses.dataclass(frozen=True)
class Situation:
    """A state, or with ``action`` (a name of the model) a state and what happens in it.

    ``holds`` is asked of the state, and of the action's parameters (None without one).
    """

    name: str
    holds: Callable[[State, Any], Value]
    action: str = ""


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


def _verdicts_differ(left: Property, right: Property) -> Callable[[State, Any], Value]:
    return lambda state, p: Not(Iff(left.holds(state), right.holds(state)))


def _scopes_differ(left: Property, right: Property) -> Callable[[State, Any], Value]:
    """A place of which one reading speaks, and the other does not."""

    def differ(state: State, p: Any) -> Value:
        ours, theirs = (_spoken_of(prop.cases(state)) for prop in (left, right))
        return any_of(
            Not(Iff(ours.get(where, False), theirs.get(where, False))) for where in {**ours, **theirs}
        )

    return differ


def _spoken_of(cases: Iterable[Case]) -> dict[str, Value]:
    return {case.where: case.premise for case in cases}
