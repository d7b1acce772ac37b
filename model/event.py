"""Events: what can happen, each declared once.

    @event("peer", conn=CONN, upto=between(0))
    def AckArrives(s, p):
        \"\"\"an acknowledgement up to position {upto} arrives on connection {conn}\"\"\"
        return <what it requires>, <the state afterwards>

An event is its name, who makes it happen, its parameters, what it requires and what it does.
The most general target is all target events with their parameters left open; a design
(:mod:`.design`) chooses among them; the monitor of an executable target applies them to what
it saw; a scenario's moves are those of the others.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from .bounds import Bounds
from .kernel import Action, Parameter, State, arguments
from .logic import Value
from .records import Sort, between

Happening = tuple[Value, Any]
"""What an event requires, and the state after it."""
Ranges = Sort | Callable[[Bounds], Sort]
"""What a parameter ranges over; it may depend on the size of the world."""


@dataclasses.dataclass(frozen=True)
class Index:
    """A parameter that numbers things, so many or ``bounds[of]``: engines expand it."""

    of: str | int

    def __call__(self, bounds: Bounds) -> Sort:
        """The numbers in a world of that size."""
        return between(0, (self.of if isinstance(self.of, int) else bounds[self.of]) - 1)


@dataclasses.dataclass(frozen=True)
class Later:
    """A parameter that an event was given after traces of it were written, and its value in those."""

    ranges: Ranges | Index
    default: int | bool


Ranging = Mapping[str, Ranges | Index | Later]
Many = Callable[[Bounds], tuple[Parameter, ...]]
"""Parameters that are too many to name."""


def parameters(ranging: Ranging, many: Many | None, bounds: Bounds) -> tuple[Parameter, ...]:
    """The parameters of an event or step in a world of that size."""
    named = []
    for name, ranges in ranging.items():
        default = ranges.default if isinstance(ranges, Later) else None
        over = ranges.ranges if isinstance(ranges, Later) else ranges
        sort = over if isinstance(over, Sort) else over(bounds)
        named.append(Parameter(name, sort, isinstance(over, Index), default))
    return (*named, *(many(bounds) if many else ()))


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that can happen. ``actor`` is host, target, peer, wire, hardware or nobody.

    ``happens(s, p)`` gives what it requires and the state after it; the state must be defined
    even where the requirement does not hold. ``ranges`` are its parameters. ``seen`` are values that
    only an observer of real bytes gives, with what they are in the model (a value, or a function of
    ``s`` and ``p``). ``observed_says`` is what a trace says of it where it was observed, if not the same.
    ``observed`` marks what is seen of executable targets and is no event of a model. ``page`` is the
    sentence that states it. An executable target in Python is told of the event by its entry point
    ``calls``, and tells of it by calling ``called`` of its NDIS: with the connection's context or handle
    where there is a ``conn``, and with the other parameters as numbers. ``owed``: it is not up to its actor
    whether it happens in the end, if it can with these values of the parameters that are no indices (where it
    can with any, it must be able to with them); nothing comes to rest before.
    """

    name: str
    actor: str
    says: str
    happens: Callable[[State, Any], Happening]
    ranges: Ranging
    page: str = ""
    seen: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    observed_says: str = ""
    observed: bool = False
    many: Many | None = None
    calls: str = ""
    called: str = ""
    owed: Mapping[str, int] | None = None

    def parameters(self, bounds: Bounds) -> tuple[Parameter, ...]:
        """The parameters in a world of that size."""
        return parameters(self.ranges, self.many, bounds)

    def action(self, bounds: Bounds) -> Action:
        """The event as an action of a system: all of its parameters are open."""

        def guard(s: State, p: Any) -> Value:
            return self.happens(s, self.completed(s, p))[0]

        def effect(s: State, p: Any) -> State:
            return self.happens(s, self.completed(s, p))[1]

        return Action(self.name, self.actor, self.parameters(bounds), guard, effect, self.says, self.owed)

    def __call__(self, when: Value = True, /, **values: Value) -> Taken:
        """The event, taken by a design with these values, if *when* holds."""
        return Taken(self, values, when)

    def completed(self, s: State, p: Any) -> Any:
        """The parameters *p*; what is ``seen`` of bytes and not among them is as the model has it.

        One that came later and is not among them has its default: a design may be older than it.
        """
        later = {name: r.default for name, r in self.ranges.items() if isinstance(r, Later)}
        unseen = {n: value for n, value in {**later, **self.seen}.items() if not hasattr(p, n)}
        if not unseen:
            return p
        known = {name: value(s, p) if callable(value) else value for name, value in unseen.items()}
        return arguments({**vars(p), **known})


@dataclasses.dataclass(frozen=True)
class Taken:
    """An event with its values, if ``when`` holds: what a design does. ``sure``: it is possible then."""

    event: Event
    values: Mapping[str, Value]
    when: Value = True
    sure: bool = False


Declared = Callable[[Callable[..., Happening]], Event]


def spelled(name: str) -> str:
    """The name of a C function in Python's spelling: ``NdisMSleep`` becomes ``ndis_m_sleep``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def due(owed: bool | Mapping[str, int]) -> Mapping[str, int] | None:
    """What ``owed=`` of a declaration says, as actions have it."""
    return {} if owed is True else owed or None


def with_brackets(decorator: str, what: str, given: object) -> None:
    """Raises TypeError where a decorator stands bare, or has no text first: *what* it is to be."""
    if not isinstance(given, str):
        raise TypeError(f'write @{decorator}("...") with {what} in the brackets, a text')


def event(
    actor: str,
    /,
    *,
    page: str = "",
    seen: Mapping[str, Any] | None = None,
    observed_says: str = "",
    observed: bool = False,
    many: Many | None = None,
    calls: str = "",
    called: str = "",
    owed: bool | Mapping[str, int] = False,
    **ranges: Ranges | Index | Later,
) -> Declared:
    """Declare an event: the function's name is its name, its docstring what a trace says of it.

    Without *called*, a target's event is told by its own name in Python's spelling, without ``Ndis``.
    """

    with_brackets("event", "who does it", actor)

    def declare(happens: Callable[[State, Any], Happening]) -> Event:
        name, says = happens.__name__, " ".join((happens.__doc__ or "").split())
        by = (called or spelled(name.removeprefix("Ndis"))) if actor == "target" else ""
        rest = (page, seen or {}, observed_says, observed, many, calls, by, due(owed))
        return Event(name, actor, says, happens, ranges, *rest)

    return declare
