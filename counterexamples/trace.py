"""The trace: one schema for a run of the model, a run of a target, and a recorded log.

A trace is data (strings, ints, bools) and imports nothing of Z3. What a person sees
is rendered from it, and it holds what is needed to run it again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Literal

from ..model.bounds import Bounds
from ..model.kernel import Action, State, System, arguments
from ..model.records import named
from ..properties.loading import SubjectRef
from ..properties.property import Property, failures
from ..properties.subject import Subject

FORMAT = "chimneysweep-trace"
FORMAT_VERSION = 2
BEGINS_ANEW = "OffloadsAgain"
"""The action of a step after which the world is another one: it begins a cycle of a target's run."""

Scalar = int | bool
Layout = Sequence[Sequence[int]]


@dataclasses.dataclass(frozen=True)
class Place:
    """A line of the target's source: its function, file and number from 1, and how it reads ("": unknown)."""

    function: str
    file: str
    line: int
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Step:
    """One action: who did what with which values, and each variable it changed, from and to.

    ``at`` is where in its source the target called; of a step that calls the target, where the function
    that is called begins; None where that is not known. ``mdls`` tells how the data of a buffer that is
    passed to a driver in C lies: of each NET_BUFFER, its bytes in each MDL.
    """

    action: str
    actor: str
    parameters: Mapping[str, Any]
    says: str
    changes: Mapping[str, tuple[Scalar, Scalar]]
    at: Place | None = None
    mdls: Layout = ()

    @property
    def own(self) -> Place | None:
        """Where the target made the step; None of those that are another's."""
        return self.at if self.actor == "target" else None


@dataclasses.dataclass(frozen=True)
class Broken:
    """One conjunct that failed: where, in words, and the values it failed on."""

    where: str
    says: str
    values: Mapping[str, Scalar]


@dataclasses.dataclass(frozen=True)
class Violation:
    """The property that the trace breaks, in its last state, and its source.

    ``kind`` is that of the property, or "misbehaviour" for a target that raised, hung or
    answered nonsense, where ``property`` names what it did.
    """

    property: str
    kind: str
    says: str
    page: str
    heading: str
    broken: Sequence[Broken]


@dataclasses.dataclass(frozen=True)
class TracedSubject:
    """The subject that a trace is of: its name, what it is loaded by, and the names of the parts it had.

    Without ``parts`` it had all that there were.
    """

    name: str
    ref: SubjectRef = SubjectRef()
    parts: tuple[str, ...] = ()


def traced(subject: Subject, ref: SubjectRef | None = None) -> TracedSubject:
    """A subject as its traces name it. *ref* is what it was loaded by; without it, it is a built-in one."""
    parts = tuple(part.name for part in subject.parts)
    return TracedSubject(subject.name, ref or SubjectRef(subject.name), parts)


MOST_OF_ALL, FEW = 2**21, 64
"""The product of a trace's bounds and its steps (if few, of so many): what a stranger's file may ask for."""


class OtherWorld(ValueError):
    """A trace that is of no world of its subject: why."""


@dataclasses.dataclass(frozen=True)
class Trace:
    """A run from its first state to the one that matters.

    ``source`` is "model" or "target"; ``target`` is the design or the target that ran, by its name or by
    the file and object it is loaded from. ``violation`` is None for a witness: a run that shows that
    a premise can hold. ``meta`` holds what a rerun needs besides: seed, versions, the scenario.
    """

    source: Literal["model", "target"]
    target: str
    bounds: Bounds
    initial: Mapping[str, Scalar]
    steps: Sequence[Step]
    violation: Violation | None
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    subject: TracedSubject = dataclasses.field(kw_only=True)

    @property
    def length(self) -> str:
        """How long it is, in words: ``1 step``, ``6 steps``."""
        return f"{len(self.steps)} step{'' if len(self.steps) == 1 else 's'}"

    def _repr_html_(self) -> str:
        """The story, as a notebook shows it."""
        from .render import printed, render

        return printed(lambda console: render(self, console), 100, html=True)


def sized(subject: Subject, trace: Trace) -> Bounds:
    """The bounds of a trace as *subject* tells them; one that an older trace lacks is the subject's.

    Raises OtherWorld for a bound that the subject has not, and for what is too large to be looked at.
    """
    for name in trace.bounds:
        if name not in subject.bounds:
            has = ", ".join(subject.bounds) or "none"
            raise OtherWorld(f"the trace has a bound {name!r}, and {subject.name} has {has}")
    found = subject.bounds.but(**trace.bounds)
    if prod(found.values()) * max(FEW, len(trace.steps)) > MOST_OF_ALL:
        raise OtherWorld(f"the trace has {trace.length} in a world that is too large: {found.show()}")
    return found


def flat(state: State) -> dict[str, Scalar]:
    """A concrete state as variable name -> value."""
    return named(state)


def step(action: Action, parameters: Mapping[str, Scalar], before: State, after: State) -> Step:
    """The step that *action* makes between two concrete states."""
    return between(action, parameters, flat(before), flat(after))


def between(
    action: Action, parameters: Mapping[str, Any], old: Mapping[str, Scalar], new: Mapping[str, Scalar]
) -> Step:
    """The same, between two states as variable name -> value; what was observed has a status by its name."""
    changes = {name: (old[name], new[name]) for name in old if old[name] != new[name]}
    says = action.says.format_map(_Words(labelled(action, parameters)))
    return Step(action.name, action.actor, dict(parameters), says, changes)


class _Flag:
    """A truth value in words: ``{no_push:, in nonpush mode}`` is what follows the colon, if it holds."""

    def __init__(self, holds: bool) -> None:
        self.holds = holds

    def __str__(self) -> str:
        return str(self.holds)

    def __format__(self, words: str) -> str:
        return (words if self.holds else "") if words else str(self)


class _Words(dict[str, Any]):
    """Values for the words of an action; what a run does not tell of does not hold."""

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, False)
        return _Flag(value) if isinstance(value, bool) else value


def labelled(action: Action, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a person reads them: those whose sort has labels by their label."""
    sorts = {p.name: p.sort for p in action.parameters if p.sort.labels}
    return {
        name: sorts[name].show(v) if name in sorts and not isinstance(v, str) else v
        for name, v in parameters.items()
    }


def last_place(steps: Sequence[Step]) -> tuple[int, Place] | None:
    """Number, from 1, and place of the last step that the target made; or else of the last that called it."""
    placed = [(number, step, step.at) for number, step in enumerate(steps, 1) if step.at]
    own = [(number, place) for number, step, place in placed if step.own]
    return next(reversed(own or [(number, place) for number, _, place in placed]), None)


def violation(prop: Property, state: State) -> Violation | None:
    """What *prop* says of a concrete state; None if it holds there."""
    broken = [Broken(f.where, f.says, f.values) for f in failures(prop, state)]
    if not broken:
        return None
    return Violation(prop.name, prop.kind, prop.says, prop.source.page, prop.source.heading, broken)


def run(
    system: System, first: State, choices: Sequence[tuple[str, Mapping[str, Scalar]]]
) -> tuple[list[Step], State]:
    """Run *choices* (action name, parameters) from *first* in the Python semantics.

    A parameter that came later and is not among them has its default. Returns the steps and the last
    state. Raises ValueError if the first state is not initial or a guard does not hold: the run is not
    one of the system's.
    """
    if not system.init(first):
        raise ValueError(f"the first state is not an initial state of {system.name}")
    steps, state, before = [], first, flat(first)
    for number, (name, parameters) in enumerate(choices, 1):
        action = system.action(name)
        given = {p.name: p.default for p in action.parameters if p.default is not None} | dict(parameters)
        p = arguments(given)
        if not action.guard(state, p):
            raise ValueError(f"step {number}: {name} is not possible in {system.name} here")
        state = action.effect(state, p)
        after = flat(state)
        steps.append(between(action, given, before, after))
        before = after
    return steps, state
