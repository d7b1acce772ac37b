"""Replaying a trace on the model: does every recorded step happen again, and does it still break?

A trace that does not replay is not believed; the first difference says why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from ..model.chimney.state import World
from ..model.kernel import Action, System, arguments
from ..model.records import rebuild
from ..properties.property import Property
from .trace import Step, Trace, Violation, flat, step, violation


@dataclasses.dataclass(frozen=True)
class Replay:
    """What came of a replay; ``state`` is the last state that was reached, None if there was none."""

    ok: bool
    message: str
    state: World | None


class _DiffersError(Exception):
    """The first difference between the trace and the model, and the state before it."""

    def __init__(self, message: str, state: World | None) -> None:
        super().__init__(message)
        self.state = state


def replay_on_model(trace: Trace, system: System, find: Callable[[str], Property]) -> Replay:
    """Run the trace's steps on *system*, and compare each change and the violation with what it recorded.

    ``find(name)`` looks a property up and raises KeyError if there is none.
    """
    try:
        state = _first(trace, system)
        for number, recorded in enumerate(trace.steps, 1):
            state = _again(number, recorded, state, system)
        _compare_violation(trace.violation, state, find)
    except _DiffersError as differs:
        return Replay(False, str(differs), differs.state)
    count = f"{len(trace.steps)} step{'' if len(trace.steps) == 1 else 's'}"
    if trace.violation is None:
        return Replay(True, f"all {count} happen again in {system.name} as recorded", state)
    return Replay(
        True,
        f"all {count} happen again in {system.name} as recorded, and the last state breaks "
        f"{trace.violation.property} on the same values",
        state,
    )


def _first(trace: Trace, system: System) -> World:
    names = [v.name for v in system.variables]
    for name in names:
        if name not in trace.initial:
            raise _DiffersError(f"the trace has no value for the model's variable {name}", None)
    unknown = sorted(set(trace.initial) - set(names))
    if unknown:
        raise _DiffersError(f"the trace has a variable that the model lacks: {unknown[0]}", None)
    for variable in system.variables:
        value = trace.initial[variable.name]
        if isinstance(value, bool) != (variable.sort.kind == "bool") or not variable.sort.contains(value):
            raise _DiffersError(f"at the start {variable.name} is {_show(value)}, which it cannot be", None)
    state = rebuild(system.template, [trace.initial[n] for n in names])
    if not system.init(state):
        raise _DiffersError(f"the first state is not one in which {system.name} starts", state)
    return state


def _again(number: int, recorded: Step, state: World, system: System) -> World:
    try:
        action = system.action(recorded.action)
    except KeyError:
        raise _DiffersError(f"step {number}: {system.name} has no action {recorded.action}", state) from None
    _check_parameters(number, recorded.parameters, action, state)
    p = arguments(recorded.parameters)
    if not action.guard(state, p):
        raise _DiffersError(f"step {number}: {action.name} is not possible in {system.name} here", state)
    after = action.effect(state, p)
    _compare_changes(number, recorded, step(action, recorded.parameters, state, after), state)
    return after


def _check_parameters(number: int, given: Mapping[str, Any], action: Action, state: World) -> None:
    sorts = {p.name: p.sort for p in action.parameters}
    for name in [*sorts, *given]:
        if name not in given:
            raise _DiffersError(f"step {number}: {action.name} lacks its parameter {name}", state)
        if name not in sorts:
            raise _DiffersError(f"step {number}: {action.name} has no parameter {name}", state)
        value = given[name]
        if not isinstance(value, (bool, int)) or not sorts[name].contains(value):
            raise _DiffersError(f"step {number}: {name}={_show(value)} is no value for {action.name}", state)


def _compare_changes(number: int, recorded: Step, actual: Step, state: World) -> None:
    before = flat(state)
    for name in before:
        was, now = recorded.changes.get(name), actual.changes.get(name)
        if was == now and _same_types(was, now):
            continue
        value = now[1] if now else before[name]
        if was is None:
            told = f"the trace leaves it at {_show(before[name])}, the model changes it to {_show(value)}"
        elif was[0] != before[name]:
            told = f"the trace starts from {_show(was[0])}, the model from {_show(before[name])}"
        else:
            told = f"the trace changes it to {_show(was[1])}, the model to {_show(value)}"
        raise _DiffersError(f"step {number}, {recorded.action}: {name} differs: {told}", state)
    unknown = sorted(set(recorded.changes) - set(before))
    if unknown:
        raise _DiffersError(f"step {number}: the model has no variable {unknown[0]}", state)


def _same_types(left: Any, right: Any) -> bool:
    """1 and True are equal in Python, not in a trace."""
    return [type(x) for x in left or ()] == [type(x) for x in right or ()]


def _compare_violation(recorded: Violation | None, state: World, find: Callable[[str], Property]) -> None:
    if recorded is None:
        return
    try:
        prop = find(recorded.property)
    except KeyError:
        raise _DiffersError(f"there is no property {recorded.property} any more", state) from None
    actual = violation(prop, state)
    if actual is None:
        raise _DiffersError(f"the last state does not break {recorded.property}", state)
    # The wording may have been improved since; where it breaks and on which values must be the same.
    old = [(b.where, dict(b.values)) for b in recorded.broken]
    new = [(b.where, dict(b.values)) for b in actual.broken]
    for was, now in zip(old, new, strict=False):
        if was != now:
            raise _DiffersError(_other_values(recorded.property, was, now), state)
    if len(old) != len(new):
        told = f"the trace names {len(old)} failed conditions, the model finds {len(new)}"
        raise _DiffersError(f"{recorded.property} breaks in another way: {told}", state)


def _other_values(name: str, was: tuple[str, Any], now: tuple[str, Any]) -> str:
    if was[0] != now[0]:
        return f"{name} breaks elsewhere: the trace says {was[0]}, the model {now[0]}"
    keys = [k for k in {**was[1], **now[1]} if was[1].get(k) != now[1].get(k)]
    told = f"the trace says {_show(was[1].get(keys[0]))}, the model {_show(now[1].get(keys[0]))}"
    return f"{name} breaks on other values at {was[0]}: {keys[0]} differs: {told}"


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
