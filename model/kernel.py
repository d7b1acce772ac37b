"""The kernel: a transition system, on one screen.

    Parameter(name, sort)                    sort: Bool, Int with bounds, Enum, or an index to be enumerated
    Action(name, actor, parameters, guard, effect)
    System(name, template, init, actions)    plus stutter: the transition relation is total

``guard(s, p) -> bool`` and ``effect(s, p) -> s'`` are plain functions over records
(:mod:`.records`) written with :mod:`.logic`, so they run on Python values and build Z3 terms.

Known limitation: the guard alone decides whether an action may happen; an effect
must be defined (in both semantics alike) even where the guard is false.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from .logic import Value
from .records import Sort, Variable, variables

State = Any
Guard = Callable[[State, Any], Value]
Effect = Callable[[State, Any], State]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A choice that is made when an action happens.

    ``enumerate=True`` marks a small index (a connection, a kind of call) that the
    engines expand into one instance of the action per value. ``default`` is its value
    in a trace that is older than the parameter.
    """

    name: str
    sort: Sort
    enumerate: bool = False
    default: int | bool | None = None


@dataclasses.dataclass(frozen=True)
class Action:
    """One thing that may happen. ``actor`` is host, target, peer, or hardware.

    ``owed`` marks a step that the target is bound to take in the end: the world may only
    come to rest when no such step is enabled, with the values in it for parameters that are not enumerated.
    """

    name: str
    actor: str
    parameters: tuple[Parameter, ...]
    guard: Guard
    effect: Effect
    says: str = ""
    owed: Mapping[str, int] | None = None

    def instances(self) -> Iterator[dict[str, int]]:
        """Every assignment of the enumerated parameters."""
        indexed = [p for p in self.parameters if p.enumerate]
        ranges = [range(p.sort.low or 0, (p.sort.high or 0) + 1) for p in indexed]
        for choice in itertools.product(*ranges):
            yield dict(zip((p.name for p in indexed), choice, strict=True))


@dataclasses.dataclass(frozen=True)
class System:
    """A transition system over records shaped like ``template``.

    ``init(s) -> bool`` constrains the first state. Besides its actions a system
    may always stutter, so every state has a successor and a run that comes to
    rest is an infinite run: an induction step never holds for want of one.
    """

    name: str
    template: State
    init: Callable[[State], Value]
    actions: tuple[Action, ...]
    says: str = ""
    prefers: Callable[[State], Sequence[Value]] = lambda s: ()

    @property
    def variables(self) -> list[Variable]:
        """The flat state variables."""
        return variables(self.template)

    def action(self, name: str) -> Action:
        """The action called *name*; KeyError names those there are."""
        for action in self.actions:
            if action.name == name:
                return action
        raise KeyError(f"no action {name!r} in {self.name}; it has {', '.join(a.name for a in self.actions)}")


def arguments(values: Mapping[str, Value]) -> SimpleNamespace:
    """Parameter values as the object that guards and effects read (``p.conn``)."""
    return SimpleNamespace(**values)


STUTTER = Action("stutter", "nobody", (), lambda s, p: True, lambda s, p: s, "nothing happens")
