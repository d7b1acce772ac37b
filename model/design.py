"""Designs: a target that chooses. Each of its steps takes events of the most general target.

    @step(conn=CONN)
    def CompleteSend(design, s, p):
        \"\"\"the target completes the oldest send on connection {conn}\"\"\"
        conn = s.conns[p.conn]
        when = And(design.in_charge(s, conn), head(conn).end <= conn.own.una)
        return when, [NdisTcpOffloadSendComplete(conn=p.conn, ...), remember("conns", p.conn, "own", ...)]

A design says when it takes an event, with which values, and what it remembers; what the event
means it cannot change. So its runs are runs of the most general target, as long as what it takes
is possible: a step that takes what is not leads the state ``astray``, and
:data:`..properties.property` demands that none does. (Event-B calls this refinement.)
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .bounds import Bounds
from .event import Event, Index, Later, Many, Ranges, Ranging, Taken, due, parameters
from .kernel import Action, Parameter, State, arguments
from .logic import And, If, Not, Or, Value, modify
from .records import update


@dataclasses.dataclass(frozen=True)
class Remembered:
    """Fields of the design's own memory, below ``path``, with their new values, if ``when`` holds."""

    path: tuple[str | int, ...]
    values: Mapping[str, Value]
    when: Value = True


def remember(*path: str | int, when: Value = True, **values: Value) -> Remembered:
    """What a design remembers: ``remember("conns", 0, "own", first=1)``."""
    return Remembered(path, values, when)


Deed = Taken | Remembered
Choice = tuple[Value, Sequence[Deed]]
"""When a step is taken, and what it does then; all of it is said in terms of the state before."""
Chooses = Callable[..., Any]


@dataclasses.dataclass(frozen=True)
class DesignStep:
    """A step of a design: its parameters, and ``chooses(design, s, p) -> Choice``.

    ``owed``: the target is bound to take it in the end, if it can with these values of the parameters that
    are no indices (where it can with any, it must be able to with them).
    """

    name: str
    says: str
    chooses: Callable[[Design, State, Any], Choice]
    ranges: Ranging
    owed: Mapping[str, int] | None = None
    many: Many | None = None

    def parameters(self, bounds: Bounds) -> tuple[Parameter, ...]:
        """The parameters in a world of that size."""
        return parameters(self.ranges, self.many, bounds)


def step(
    bare: None = None, /, *, owed: bool | Mapping[str, int] = False, **ranges: Ranges | Index | Later
) -> Callable[[Callable[..., Choice]], DesignStep]:
    """Declare a step: the function's name is its name, its docstring what a trace says of it."""
    if bare is not None:
        raise TypeError("write @step() with its brackets")

    def declare(chooses: Callable[[Design, State, Any], Choice]) -> DesignStep:
        return DesignStep(
            chooses.__name__, " ".join((chooses.__doc__ or "").split()), chooses, ranges, due(owed)
        )

    return declare


@dataclasses.dataclass(frozen=True)
class Reaction:
    """What a design does in the moment of another actor's event: ``reacts(design, s, p) -> [Deed]``."""

    event: str
    reacts: Callable[[Design, State, Any], Sequence[Deed]]


def reaction(to: Event) -> Callable[[Callable[..., Sequence[Deed]]], Reaction]:
    """Declare what a design does when *to* happens; ``s`` is the state before it."""
    return lambda reacts: Reaction(to.name, reacts)


@dataclasses.dataclass(frozen=True)
class Design:
    """A hand-off algorithm: steps, reactions, and named choices that both may use (``design.chain(...)``).

    ``memory`` has the paths of what it remembers, without numbers: ``conns.own``, ``drained``.
    ``breaks`` and ``steps_to_it`` are, of a seeded bug, the property that refutes it and the length of
    a shortest trace that does.
    """

    name: str
    says: str
    steps: tuple[DesignStep, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    choices: Mapping[str, Chooses] = dataclasses.field(default_factory=dict)
    memory: frozenset[str] = frozenset()
    breaks: str = ""
    steps_to_it: int = 0

    def __getattr__(self, name: str) -> Any:
        """A choice, step or reaction of the design by name, to be called without the design."""
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._made_of().get(name)
        if found is None:
            raise AttributeError(f"design {self.name} has no choice, step or reaction {name!r}")
        return functools.partial(found, self)

    def _made_of(self) -> dict[str, Chooses]:
        named = {**self.choices, **{s.name: s.chooses for s in self.steps}}
        return {**named, **{r.event: r.reacts for r in self.reactions}}

    def but(self, name: str, says: str, **changed: Chooses) -> Design:
        """This design with some choices, steps or reactions replaced, each by its name.

        The replacement is called like the original, with the *original* design first, so that
        it can ask what the original would do. Raises KeyError for a name that the design has not.
        """
        known = self._made_of()
        for what in changed:
            if what not in known:
                raise KeyError(f"design {self.name} has no choice, step or reaction {what!r}")
        new = {what: self._instead(function) for what, function in changed.items()}
        return dataclasses.replace(
            self,
            name=name,
            says=says,
            choices={k: new.get(k, v) for k, v in self.choices.items()},
            steps=tuple(dataclasses.replace(s, chooses=new.get(s.name, s.chooses)) for s in self.steps),
            reactions=tuple(Reaction(r.event, new.get(r.event, r.reacts)) for r in self.reactions),
        )

    def _instead(self, function: Chooses) -> Chooses:
        return lambda design, *args: function(self, *args)

    def extended(
        self,
        steps: Iterable[DesignStep] = (),
        reactions: Iterable[Reaction] = (),
        choices: Iterable[Chooses] = (),
        memory: Iterable[str] = (),
    ) -> Design:
        """This design with more steps and reactions, choices (by the functions' names) and memory."""
        known = {r.event: r for r in self.reactions}
        for new in reactions:
            old = known.get(new.event)
            known[new.event] = _both(old, new) if old else new
        return dataclasses.replace(
            self,
            steps=(*self.steps, *steps),
            reactions=tuple(known.values()),
            choices={**self.choices, **{choice.__name__: choice for choice in choices}},
            memory=self.memory.union(memory),
        )

    def actions(self, events: Iterable[Event], bounds: Bounds) -> tuple[Action, ...]:
        """The design as actions: the events of other actors with its reactions, and its own steps."""
        others = (e for e in events if e.actor != "target" and not e.observed)
        return (
            *(self.reacting(e.action(bounds)) for e in others),
            *(self._action(s, bounds) for s in self.steps),
        )

    def takes(self, name: str, s: State, p: Any) -> Iterator[Taken]:
        """The events that the design takes, with their values, in its step *name* or when the event
        *name* of another actor happens: each in the state that those before it leave.

        ``s`` is the state before, of Python values.
        """
        chosen = [step.chooses(self, s, p)[1] for step in self.steps if step.name == name]
        reacted = [r.reacts(self, s, p) for r in self.reactions if r.event == name]
        for deed in (deed for deeds in (*chosen, *reacted) for deed in deeds):
            if isinstance(deed, Taken) and deed.when:
                yield deed

    def reacting(self, action: Action) -> Action:
        """An event's action, with what the design does in its moment."""
        reaction = next((r for r in self.reactions if r.event == action.name), None)
        if reaction is None:
            return action

        def effect(s: State, p: Any) -> State:
            return self.after(action.effect(s, p), reaction.reacts(self, s, p))

        return dataclasses.replace(action, effect=effect)

    def _action(self, step: DesignStep, bounds: Bounds) -> Action:
        def guard(s: State, p: Any) -> Value:
            return step.chooses(self, s, p)[0]

        def effect(s: State, p: Any) -> State:
            return self.after(s, step.chooses(self, s, p)[1])

        return Action(step.name, "target", step.parameters(bounds), guard, effect, step.says, step.owed)

    def after(self, s: State, deeds: Iterable[Deed]) -> State:
        """The state after the design did all that. Raises ValueError where it writes what is not its own."""
        for deed in deeds:
            if isinstance(deed, Taken):
                s = _taken(s, deed)
            else:
                self._may_write(deed)
                s = If(deed.when, _written(s, deed.path, deed.values), s)
        return s

    def _may_write(self, deed: Remembered) -> None:
        place = ".".join(part for part in deed.path if isinstance(part, str))
        for name in deed.values:
            path = f"{place}.{name}" if place else name
            if not any(path == m or path.startswith(f"{m}.") for m in self.memory):
                raise ValueError(
                    f"design {self.name} writes {path}, which is no memory of its own "
                    f"({', '.join(sorted(self.memory))}); what others see of it changes by events only"
                )


def _both(first: Reaction, second: Reaction) -> Reaction:
    def reacts(design: Design, s: State, p: Any) -> Sequence[Deed]:
        return (*first.reacts(design, s, p), *second.reacts(design, s, p))

    return Reaction(first.event, reacts)


def _taken(s: State, deed: Taken) -> State:
    """The state after an event, which is led astray where the event was not possible."""
    p = deed.event.completed(s, arguments(deed.values))
    requires, after = deed.event.happens(s, p)
    s = If(deed.when, after, s)
    if deed.sure or not hasattr(s, "astray"):
        return s
    return update(s, astray=Or(s.astray, And(deed.when, Not(requires))))


def _written(node: Any, path: Sequence[str | int], values: Mapping[str, Value]) -> Any:
    if not path:
        return update(node, **values)
    first, *rest = path
    if isinstance(first, str):
        return update(node, **{first: _written(getattr(node, first), rest, values)})
    return modify(node, first, lambda item: _written(item, rest, values))


@dataclasses.dataclass(frozen=True)
class Bug:
    """A mistake that somebody might make: what it ``changed``, what it breaks, in how many steps."""

    name: str
    says: str
    changed: Mapping[str, Chooses]
    breaks: str
    steps: int

    def of(self, reference: Design) -> Design:
        """The design with the mistake. Raises KeyError if *reference* has nothing of that name to change."""
        made = reference.but(self.name, self.says, **self.changed)
        return dataclasses.replace(made, breaks=self.breaks, steps_to_it=self.steps)


def spelt(name: str) -> str:
    """The name of a design or a bug as it is spelt wherever it stands: ``tail_forgotten`` with a hyphen."""
    return name.replace("_", "-")


def bug(breaks: str, steps: int, changes: str) -> Callable[[Chooses], Bug]:
    """Declare a seeded bug: the function stands in the place of what it ``changes`` in the reference.

    It is called like the original, with the original design first. Its name, with hyphens, is the
    bug's; its docstring says what is wrong. A shortest run that *breaks* the property has *steps* steps.
    """

    def declare(instead: Chooses) -> Bug:
        name = spelt(instead.__name__)
        return Bug(name, " ".join((instead.__doc__ or "").split()), {changes: instead}, breaks, steps)

    return declare


def most_general(
    name: str, says: str, events: Iterable[Event], instead: Mapping[str, DesignStep | None] | None = None
) -> Design:
    """The target that takes any target event with any values, whenever it is possible.

    *instead* has the step that takes an event in another way; None if none does by itself.
    """
    takes = {e.name: opened(e) for e in events if e.actor == "target" and not e.observed}
    steps = (step for step in {**takes, **(instead or {})}.values() if step is not None)
    return Design(name, says, tuple(steps))


def opened(event: Event, when: Callable[[State, Any], Value] = lambda s, p: True) -> DesignStep:
    """A step that takes an event with any values where it is possible (and *when* holds)."""

    def chooses(design: Design, s: State, p: Any) -> Choice:
        requires, _ = event.happens(s, event.completed(s, p))
        return And(requires, when(s, p)), [dataclasses.replace(event(**vars(p)), sure=True)]

    return DesignStep(event.name, event.says, chooses, event.ranges, many=event.many)
