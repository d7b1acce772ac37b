"""Rules on single steps of a target, beside the clauses.

A clause judges a state; a rule judges a step before it is taken. A rule with a source is
one that the documents state and that no clause formalises. A rule without one is a
proposal: nobody states it, and a target that keeps everything else does harm without it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from ..model.event import Event
from ..model.kernel import Action, System
from ..model.logic import And, Value
from ..properties.property import Property, Source

Allows = Callable[[Any, Any, Any], Value]
"""``allows(before, parameters, after)``: whether the step keeps the rule."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a target must not do in the actions named.

    ``guards`` names the guarantee that falls without it: where the search for a harmful
    run begins. ``source`` is where the documents say it; None: nowhere.
    """

    name: str
    says: str
    actions: tuple[str, ...]
    allows: Allows
    guards: str
    source: Source | None = None


@dataclasses.dataclass(frozen=True)
class Inferred:
    """Something demanded that no sentence states.

    ``says`` is what would have to be said, ``drops`` the clauses and rules that demand it, ``instead``
    what the text does say there. ``guards`` are the guarantees that fall without it, ``rests`` is what it
    was inferred from.
    """

    name: str
    says: str
    drops: tuple[str, ...]
    guards: tuple[str, ...]
    rests: str
    instead: tuple[Property, ...] = ()


@dataclasses.dataclass(frozen=True)
class Decision:
    """Something that the text leaves open and the model had to decide, with its alternative.

    ``says`` is what was decided, ``otherwise`` what ``events`` do in the place of those of the same names.
    ``guards`` are the guarantees that are asked about in that world.
    """

    name: str
    says: str
    otherwise: str
    events: tuple[Event, ...]
    guards: tuple[str, ...]


def restrains(
    name: str, *actions: str, guards: str, source: Source | None = None
) -> Callable[[Allows], Rule]:
    """Declare a rule: the function says which steps keep it, its docstring what it says."""

    def declare(allows: Allows) -> Rule:
        says = " ".join((allows.__doc__ or "").split())
        return Rule(name, says, actions, allows, guards, source)

    return declare


def restrained(system: System, rules: Iterable[Rule]) -> System:
    """*system* without the steps that break one of *rules*."""
    kept = list(rules)
    return dataclasses.replace(system, actions=tuple(_restrained(a, kept) for a in system.actions))


def _restrained(action: Action, rules: Iterable[Rule]) -> Action:
    mine = [rule for rule in rules if action.name in rule.actions]
    if not mine:
        return action

    def guard(s: Any, p: Any) -> Value:
        after = action.effect(s, p)
        return And(action.guard(s, p), *(rule.allows(s, p, after) for rule in mine))

    return dataclasses.replace(action, guard=guard)
