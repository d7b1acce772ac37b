"""Replaying a trace on the model: does every recorded step happen again, and does it still break?

A trace that does not replay is not believed; the first difference says why.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Set
from typing import Any

from ..model.kernel import Action, State, System, arguments
from ..model.records import rebuild
from ..properties.property import Property
from ..properties.subject import Subject
from .trace import Broken, Step, Trace, Violation, flat, step, violation


class Now(enum.Enum):
    """What came of a run that is made again."""

    AGAIN = "everything happens again as recorded"
    GONE = "it breaks nothing any more"
    OTHERWISE = "something else happens, which may be as bad"


@dataclasses.dataclass(frozen=True)
class Replay:
    """What came of a replay; ``state`` is the last state that was as recorded, None if it is not known."""

    now: Now
    message: str
    state: State | None = None

    @property
    def ok(self) -> bool:
        """Whether everything happens again."""
        return self.now is Now.AGAIN

    @property
    def fixed(self) -> bool:
        """Whether nothing breaks any more."""
        return self.now is Now.GONE


class _DiffersError(Exception):
    """The first difference between the trace and the model, and the state before it."""

    def __init__(self, message: str, state: State | None) -> None:
        super().__init__(message)
        self.state = state


def as_recorded(trace: Trace, subject: Subject) -> Subject:
    """*subject* with the parts alone that *trace* was made with, where they and what it breaks are there."""
    kept = tuple(part for part in subject.parts if part.name in trace.subject.parts)
    if len(kept) == len(subject.parts) or not kept or len(kept) < len(trace.subject.parts):
        return subject
    try:
        found = dataclasses.replace(subject, parts=kept)
        if trace.violation is not None:
            found.find(trace.violation.property)
    except (ValueError, KeyError):  # today those parts do not stand by themselves
        return subject
    return found


def replay_on_model(trace: Trace, system: System, find: Callable[[str], Property]) -> Replay:
    """Run the trace's steps on *system*, and compare each change and the violation with what it recorded.

    ``find(name)`` looks a property up and raises KeyError if there is none. A variable that the trace
    lacks begins with its declared value, and its changes are not compared. One that the model lacks is
    said; it is a difference where it changes.
    """
    try:
        state = _first(trace, system)
        for number, recorded in enumerate(trace.steps, 1):
            state = _again(number, recorded, state, system, trace.initial.keys())
        _compare_violation(trace.violation, state, find)
    except _DiffersError as differs:
        return Replay(_otherwise_now(trace, system, find), str(differs), differs.state)
    message = f"all {trace.length} happen again in {system.name} as recorded"
    if trace.violation is not None:
        message += f", and the last state breaks {trace.violation.property} on the same values"
    return Replay(Now.AGAIN, message + _unknown(trace, system), state)


def _otherwise_now(trace: Trace, system: System, find: Callable[[str], Property]) -> Now:
    """What comes of the same steps with whatever effects they have now.

    A run of which the target refuses a step, or whose last step is not possible, is none any more.
    """
    if trace.violation is None:
        return Now.OTHERWISE
    try:
        prop, state = find(trace.violation.property), _first(trace, system)
        for number, recorded in enumerate(trace.steps, 1):
            action = _action(number, recorded, state, system)
            p = arguments(_parameters(number, recorded.parameters, action, state))
            if not action.guard(state, p):
                refused = action.actor == "target" or number == len(trace.steps)
                return Now.GONE if refused else Now.OTHERWISE
            state = action.effect(state, p)
            if violation(prop, state) is not None:
                return Now.OTHERWISE
    except (_DiffersError, KeyError):
        return Now.OTHERWISE
    return Now.GONE


def _unknown(trace: Trace, system: System) -> str:
    """A note on the variables that the model lacks: no step changes them."""
    lacks = sorted(trace.initial.keys() - {v.name for v in system.variables})
    if not lacks:
        return ""
    few = ", ".join(lacks[:3]) + (f" and {len(lacks) - 3} more" if lacks[3:] else "")
    return f" (the trace also has {few}, which the model lacks and no step changes)"


def _first(trace: Trace, system: System) -> State:
    found = []
    for variable, declared in zip(system.variables, flat(system.template).values(), strict=True):
        value = trace.initial.get(variable.name, declared)
        if isinstance(value, bool) != (variable.sort.kind == "bool") or not variable.sort.contains(value):
            raise _DiffersError(f"at the start {variable.name} is {_show(value)}, which it cannot be", None)
        found.append(value)
    state = rebuild(system.template, found)
    if not system.init(state):
        raise _DiffersError(f"the first state is not one in which {system.name} starts", state)
    return state


def _again(number: int, recorded: Step, state: State, system: System, known: Set[str]) -> State:
    action = _action(number, recorded, state, system)
    given = _parameters(number, recorded.parameters, action, state)
    p = arguments(given)
    if not action.guard(state, p):
        raise _DiffersError(f"step {number}: {action.name} is not possible in {system.name} here", state)
    after = action.effect(state, p)
    _compare_changes(number, recorded, step(action, given, state, after), state, known)
    return after


def _action(number: int, recorded: Step, state: State, system: System) -> Action:
    try:
        return system.action(recorded.action)
    except KeyError:
        raise _DiffersError(f"step {number}: {system.name} has no action {recorded.action}", state) from None


def _parameters(number: int, recorded: Mapping[str, Any], action: Action, state: State) -> dict[str, Any]:
    """The parameters of a step; one that an older trace lacks has the default that the action declares."""
    sorts = {p.name: p.sort for p in action.parameters}
    defaults = {p.name: p.default for p in action.parameters if p.default is not None}
    given = {**defaults, **recorded}
    for name in [*sorts, *given]:
        if name not in given:
            raise _DiffersError(f"step {number}: {action.name} lacks its parameter {name}", state)
        if name not in sorts:
            raise _DiffersError(f"step {number}: {action.name} has no parameter {name}", state)
        value = given[name]
        if not isinstance(value, (bool, int)) or not sorts[name].contains(value):
            raise _DiffersError(f"step {number}: {name}={_show(value)} is no value for {action.name}", state)
    return given


def _compare_changes(number: int, recorded: Step, actual: Step, state: State, known: Set[str]) -> None:
    before = flat(state)
    for name in (name for name in before if name in known):
        was, now = recorded.changes.get(name), actual.changes.get(name)
        if was == now and _same_types(was, now):
            continue
        value = now[1] if now else before[name]
        if was is None:
            contrast = f"the trace leaves it at {_show(before[name])}, the model changes it to {_show(value)}"
        elif was[0] != before[name]:
            contrast = f"the trace starts from {_show(was[0])}, the model from {_show(before[name])}"
        else:
            contrast = f"the trace changes it to {_show(was[1])}, the model to {_show(value)}"
        raise _DiffersError(f"step {number}, {recorded.action}: {name} differs: {contrast}", state)
    unknown = sorted(set(recorded.changes) - set(before))
    if unknown:
        contrast = f"the model has no variable {unknown[0]}, which the trace changes"
        raise _DiffersError(f"step {number}, {recorded.action}: {contrast}", state)


def _same_types(left: Any, right: Any) -> bool:
    """1 and True are equal in Python, not in a trace."""
    return [type(x) for x in left or ()] == [type(x) for x in right or ()]


def _compare_violation(recorded: Violation | None, state: State, find: Callable[[str], Property]) -> None:
    if recorded is None:
        return
    try:
        prop = find(recorded.property)
    except KeyError:
        raise _DiffersError(f"there is no property {recorded.property} any more", state) from None
    actual = violation(prop, state)
    if actual is None:
        raise _DiffersError(f"the last state does not break {recorded.property}", state)
    for was, now in zip(recorded.broken, actual.broken, strict=False):
        difference = _otherwise(was, now)
        if difference:
            raise _DiffersError(f"{recorded.property} breaks {difference}", state)
    if len(recorded.broken) != len(actual.broken):
        message = (
            f"the trace names {len(recorded.broken)} failed conditions, the model finds {len(actual.broken)}"
        )
        raise _DiffersError(f"{recorded.property} breaks in another way: {message}", state)


def _otherwise(was: Broken, now: Broken) -> str:
    """How two failed conditions differ; empty if they do not.

    The wording may have been improved since, and other values may be named; where it breaks must be the
    same, and so must each value that both name.
    """
    if was.where != now.where:
        return f"elsewhere: the trace says {was.where}, the model {now.where}"
    for name, value in was.values.items():
        if now.values.get(name, value) != value:
            contrast = f"{name} differs: the trace says {_show(value)}, the model {_show(now.values[name])}"
            return f"on other values at {was.where}: {contrast}"
    return ""


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
