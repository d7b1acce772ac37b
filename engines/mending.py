"""What a target that keeps the rules would have done in the place of one that broke one.

The run of a trace is made again by the most general target, event by event. Then, from the last step to the
first, what the target did is changed in one place: other values, nothing at all, or something more before it;
the rest of the run stays. What keeps every rule that the run kept, and the broken one, is an answer.
Its values are those of the run wherever that is possible. An answer is run in the Python semantics before
it is given. Where no answer is found none is given, which does not mean that there is none.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import z3

from ..counterexamples.model_replay import as_recorded
from ..counterexamples.nearest_run import NearestRun
from ..counterexamples.trace import BEGINS_ANEW, Step, Trace, Violation, flat, sized
from ..counterexamples.trace import step as step_of
from ..counterexamples.words import Words, take_apart
from ..model.kernel import Action, State, System, arguments
from ..model.logic import Value
from ..model.records import Variable, rebuild
from ..properties.property import Property
from ..properties.subject import Subject
from .effort import MILLION, Effort
from .encode import concrete, constant, inside, term

WORK, BRIEFLY = 20 * MILLION, 3 * MILLION
"""For one trace; and for one of many questions about it."""
GOOD = "NDIS_STATUS_SUCCESS"
LEFT_OUT = "not at all: it would not have done this here"
JUDGES = ("clause", "guarantee", "rule")


@dataclasses.dataclass(frozen=True)
class TracedEvent:
    """An event of the most general target, and the step of the trace that it stands for."""

    action: Action
    parameters: Mapping[str, Any]
    number: int

    def after(self, state: State) -> State:
        """The state after it."""
        return self.action.effect(state, arguments(self.parameters))

    def closed(self, model: Any) -> TracedEvent:
        """The event with the values that a model gives to what was left open."""
        terms = {n: v for n, v in self.parameters.items() if isinstance(v, z3.ExprRef)}
        found = {name: concrete(model.eval(value, model_completion=True)) for name, value in terms.items()}
        return dataclasses.replace(self, parameters={**self.parameters, **found})

    def possible(self, state: State) -> Value:
        """Whether it can happen in *state*."""
        return self.action.guard(state, arguments(self.parameters))


@dataclasses.dataclass(frozen=True)
class Mended:
    """The change of one step after which the run keeps the rule: its number from 1, and that in words."""

    number: int
    says: str
    events: tuple[TracedEvent, ...]


def mended(trace: Trace, subject: Subject) -> Mended | None:
    """What a target that keeps the rules would have done; None if that was not found."""
    mending = mending_of(trace, subject)
    return mending.found() if mending else None


def mending_of(trace: Trace, subject: Subject) -> Mending | None:
    """The search for *trace*; None if it is no run of a target that breaks a rule."""
    run, judged = _run(trace, subject)
    if run is None or trace.violation is None:
        return None
    return Mending(run, judged.find(trace.violation.property), judged)


def follows(trace: Trace, other: str, subject: Subject) -> bool:
    """Whether *trace* breaks its rule only since it broke the rule *other* before.

    Where the run first breaks *other* it is mended, and the rest of it made again: what breaks then does not
    follow. False also where that cannot be made.
    """
    run, judged = _run(trace, subject)
    if run is None or trace.violation is None:
        return False
    broken, first = judged.find(trace.violation.property), judged.find(other)
    states = run.states(run.events) or []
    at = next((n for n, state in enumerate(states) if not _holds(first, state)), 0)
    if not 0 < at < len(run.events) or any(not _holds(broken, state) for state in states[: at + 1]):
        return False
    begun = dataclasses.replace(run, events=run.events[:at])
    answer = Mending(begun, first, judged, BRIEFLY).found()
    after = run.states((*answer.events, *run.events[at:])) if answer else None
    return after is not None and all(_holds(broken, state) for state in after)


def _run(trace: Trace, subject: Subject) -> tuple[GeneralRun | None, Subject]:
    """The run that a trace is, if it breaks a rule, and the subject that judged it."""
    judged = as_recorded(trace, subject)
    rule = trace.violation is not None and trace.violation.kind != "misbehaviour"
    return (GeneralRun.of(trace, judged) if rule else None), judged


@dataclasses.dataclass(frozen=True)
class GeneralRun:
    """A trace as a run of the most general target."""

    system: System
    first: State
    events: tuple[TracedEvent, ...]
    words: Words

    @classmethod
    def of(cls, trace: Trace, subject: Subject) -> GeneralRun | None:
        """The run that *trace* is; None if its steps are no events of that target, one by one."""
        bounds = sized(subject, trace)
        system = subject.system("general", bounds)
        blank = flat(system.template)
        first = rebuild(system.template, [trace.initial.get(name, value) for name, value in blank.items()])
        words, memory = Words(subject.blank(bounds), bounds, {}), subject.the_reference.memory
        named = (name for name, variable in words.variables.items() if variable.says)
        # A variable that an older trace lacks is not compared.
        seen = [name for name in named if name in trace.initial and not _remembered(name, memory)]
        events: list[TracedEvent] = []
        state, now = first, flat(first)
        for number, step in enumerate(trace.steps, 1):
            now = {**now, **{name: new for name, (_, new) in step.changes.items() if name in now}}
            if step.action == BEGINS_ANEW:  # what was before explains nothing
                state = first = rebuild(system.template, list(now.values()))
                events.clear()
                continue
            wanted = {name: now[name] for name in seen}
            event = _event(number, step, now, system)
            if event is None or not event.possible(state):
                event = _solved(number, state, wanted, system)
            if event is not None:
                events.append(event)
                state = event.after(state)
        end = flat(state)
        return cls(system, first, tuple(events), words) if all(end[n] == now[n] for n in seen) else None

    def states(self, events: Sequence[TracedEvent]) -> list[State] | None:
        """The states that *events* lead through; None if one of them is not possible."""
        found = [self.first]
        for event in events:
            if not event.possible(found[-1]):
                return None
            found.append(event.after(found[-1]))
        return found

    def as_trace(
        self, events: Sequence[TracedEvent], like: Trace, violation: Violation | None = None
    ) -> Trace:
        """The run of *events* as a trace; what is *like* a step of that trace has its place in the source."""
        states = self.states(events) or []
        pairs = zip(events, states, states[1:], strict=False)
        steps = [self._step(event, before, after, like) for event, before, after in pairs]
        return dataclasses.replace(
            like, source="model", initial=flat(self.first), steps=steps, violation=violation, meta={}
        )

    def _step(self, event: TracedEvent, before: State, after: State, like: Trace) -> Step:
        made, was = step_of(event.action, event.parameters, before, after), like.steps[event.number - 1]
        changed = {_joined(name) for name in self.words.variables}  # what is written is told as a change
        plain = {name: value for name, value in event.parameters.items() if name not in changed}
        at = was.at if was.action == event.action.name or event in self.events else None
        return dataclasses.replace(made, parameters=plain, at=at)


def _remembered(name: str, memory: frozenset[str]) -> bool:
    field = take_apart(name).field
    return any(field == path or field.startswith(f"{path}.") for path in memory)


def _event(number: int, step: Step, after: Mapping[str, Any], system: System) -> TracedEvent | None:
    """The event of that name; a parameter that the step lacks is read off what it wrote."""
    try:
        action = system.action(step.action)
    except KeyError:
        return None
    wrote = {_joined(name): value for name, value in after.items()}
    given: dict[str, Any] = {}
    for p in action.parameters:
        known = (step.parameters.get(p.name), wrote.get(p.name), wrote.get(f"{p.name}_back"), p.default)
        value = next((v for v in known if v is not None), None)
        given[p.name] = p.sort.labels.index(value) if value in p.sort.labels else value
        if not isinstance(given[p.name], int) or not p.sort.contains(given[p.name]):
            return None
    return TracedEvent(action, given, number)


def _solved(number: int, state: State, wanted: Mapping[str, Any], system: System) -> TracedEvent | None:
    """The event of the target that leads from *state* to the *wanted* values, by whatever name the step went.

    None where nothing of it can be seen, or no single event does it.
    """
    if all(flat(state)[name] == value for name, value in wanted.items()):
        return None
    effort = Effort(MILLION)
    for action in system.actions:
        for fixed in action.instances() if action.actor == "target" else ():
            event, bounds = opened(number, action, fixed)
            after = flat(event.after(state))
            query = z3.Solver()
            query.add(term(event.possible(state)), *bounds)
            query.add(*(term(after[name] == value) for name, value in wanted.items()))
            if effort.check(query) == z3.sat:
                return event.closed(query.model())
    return None


def opened(
    number: int, action: Action, fixed: Mapping[str, Any], mark: str = "?"
) -> tuple[TracedEvent, list[Any]]:
    """An event whose values, those *fixed* aside, are left open, and what they must be anyway.

    Their names end with *mark*.
    """
    sorts = {p.name: p.sort for p in action.parameters if p.name not in fixed}
    free = {name: constant(Variable(name, sort), mark) for name, sort in sorts.items()}
    bounds = [term(inside(sort, free[name])) for name, sort in sorts.items()]
    return TracedEvent(action, {**fixed, **free}, number), bounds


class Mending:
    """The search for one run and one rule that it breaks."""

    def __init__(self, run: GeneralRun, broken: Property, subject: Subject, work: float = WORK) -> None:
        self.run, self.broken = run, broken
        rules = [p for p in subject.of_kind(*JUDGES) if not p.reading and not p.impossible_with]
        states = run.states(run.events) or []
        self.kept = [[p for p in rules if _holds(p, state)] for state in states]
        self.breaks = bool(states) and not _holds(broken, states[-1])
        self.effort = Effort(work)

    def found(self) -> Mended | None:
        """The latest change that mends the run."""
        events = self.run.events
        for k in reversed(range(len(events))) if self.breaks else ():
            answer = self._changed(k) if events[k].action.actor == "target" else self._more(k)
            if answer is not None:
                return answer
        return None

    def nearest(self, found: Mended, trace: Trace) -> NearestRun:
        """The run of *trace* and the mended one, step by step."""
        run = self.run
        return NearestRun(run.as_trace(run.events, trace, trace.violation), run.as_trace(found.events, trace))

    def _changed(self, k: int) -> Mended | None:
        """The change of event *k* that says most: other numbers, something done first, not at all."""
        events = self.run.events
        writes = len(self._written(events[k].action)) > 0
        tries = [self._numbers, self._more, self._left_out, self._values]
        if writes:  # it hands back: sooner or later it must be done
            tries = [self._numbers, self._values, self._more, self._left_out]
        return next((answer for way in tries if (answer := way(k))), None)

    def _numbers(self, k: int) -> Mended | None:
        """The same event, with the same statuses and other numbers."""
        statuses = {p.name for p in self.run.events[k].action.parameters if p.sort.kind == "enum"}
        return self._values(k, statuses)

    def _values(self, k: int, fixed: Set[str] = frozenset()) -> Mended | None:
        """The same event with other values, those *fixed* aside."""
        events, was = self.run.events, self.run.events[k]
        given = {p.name for p in was.action.parameters if p.enumerate} | fixed
        kept = {name: value for name, value in was.parameters.items() if name in given}
        other = self._valued(k, was.action, kept, events[k + 1 :], was)
        if other is None:
            return None
        return Mended(was.number, self._differs(was, other), (*events[:k], other, *events[k + 1 :]))

    def _left_out(self, k: int) -> Mended | None:
        events = self.run.events
        left = (*events[:k], *events[k + 1 :])
        return Mended(events[k].number, LEFT_OUT, left) if self.complies(left, k) else None

    def _more(self, k: int) -> Mended | None:
        """Something that the target would have done before event *k*."""
        events = self.run.events
        for action in self.run.system.actions:
            for fixed in action.instances() if action.actor == "target" else ():
                extra = self._valued(k, action, fixed, events[k:], None)
                if extra is not None:
                    extra = dataclasses.replace(extra, number=events[k].number)
                    says = "before it, " + action.says.format(**_shown(action, extra.parameters))
                    return Mended(events[k].number, says, (*events[:k], extra, *events[k:]))
        return None

    def _valued(
        self,
        k: int,
        action: Action,
        fixed: Mapping[str, int],
        rest: Sequence[TracedEvent],
        was: TracedEvent | None,
    ) -> TracedEvent | None:
        """The event *action* after *k* others, with values with which that and the *rest* comply."""
        before = (self.run.states(self.run.events[:k]) or [])[-1]
        event, bounds = opened(was.number if was else 0, action, fixed)
        free = {name: value for name, value in event.parameters.items() if name not in fixed}
        query = z3.Solver()
        query.add(*bounds)
        query.add(*(term(formula) for formula in self.formulas(before, [event, *rest])))
        if self.effort.check(query) != z3.sat:
            return None
        for preference in self._preferences(action, free, was):
            query.push()
            query.add(preference)
            if self.effort.check(query) != z3.sat:
                query.pop()
        if self.effort.check(query) != z3.sat:
            return None
        made = event.closed(query.model())
        return made if self.complies((*self.run.events[:k], made, *rest), k) else None

    def _preferences(self, action: Action, free: Mapping[str, Any], was: TracedEvent | None) -> Iterator[Any]:
        """What the values had best be: those of the run, else those declared; none that is strange."""
        given = was.parameters if was else {}
        blank, written = flat(self.run.system.template), self._written(action)
        numbers = [name for name in free if name not in written and type(given.get(name)) is int]
        yield from (free[name] >= 0 for name in numbers if given[name] >= 0)
        yield from (free[name] == given[name] for name in free if name in given)
        yield from (free[name] == blank[written[name]] for name in free if name in written)
        labels = {p.name: p.sort.labels for p in action.parameters if p.name in free}
        yield from (free[n] == known.index(GOOD) for n, known in labels.items() if GOOD in known and not was)
        yield from (free[n] != known.index("other") for n, known in labels.items() if "other" in known)

    def _written(self, action: Action) -> dict[str, str]:
        """The variables that parameters are written to, by the parameters' names."""
        variables = {_joined(name): name for name in self.run.words.variables}
        return {p.name: variables[p.name] for p in action.parameters if p.name in variables}

    def formulas(self, state: State, events: Sequence[TracedEvent]) -> Iterator[Value]:
        """That each event is possible, from *state* on, and keeps what it must."""
        for event in events:
            yield event.possible(state)
            state = event.after(state)
            yield from (rule.holds(state) for rule in self._owed(len(events)))

    def _owed(self, left: int) -> list[Property]:
        """The rules that must hold: the broken one, and those that the run kept to its end."""
        return [self.broken, *(p for p in self.kept[-1] if p is not self.broken)]

    def complies(self, events: Sequence[TracedEvent], k: int) -> bool:
        """Whether it is a run that keeps what it must, from its state *k* on, in the Python semantics."""
        states = self.run.states(events)
        return states is not None and all(_holds(p, state) for state in states[k:] for p in self._owed(0))

    def _differs(self, was: TracedEvent, now: TracedEvent) -> str:
        """The values that are others, in words."""
        words, written = self.run.words, self._written(now.action)
        names = [name for name in now.parameters if now.parameters[name] != was.parameters[name]]
        if any(name not in written for name in names):
            return now.action.says.format(**_shown(now.action, now.parameters))
        pairs = [(written[n], now.parameters[n], was.parameters[n]) for n in names]
        return "; ".join(
            f"{words.name(v)}: {words.value(v, a)}, not {words.value(v, b)}" for v, a, b in pairs
        )


def _joined(name: str) -> str:
    """A variable's name as that of a parameter."""
    return re.sub(r"[\[\].]+", "_", name)


def _holds(prop: Property, state: State) -> bool:
    return bool(prop.holds(state))


def _shown(action: Action, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {p.name: p.sort.show(parameters[p.name]) for p in action.parameters}
