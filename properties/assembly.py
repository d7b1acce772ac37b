"""Putting parts together: what one needs is there, and nothing is defined twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ..model.bounds import Bounds
from ..model.design import Bug, Design, DesignStep, Reaction
from ..model.event import Event

if TYPE_CHECKING:
    from .subject import Part, Subject


def check(subject: Subject) -> None:
    """Raises ValueError that says all of it, where the parts of *subject* do not fit together."""
    found = tuple(_strangers(subject)) or tuple(problems(subject))
    if found:
        raise ValueError(f"subject {subject.name}: " + "; ".join(found))


def problems(subject: Subject) -> Iterator[str]:
    """What is wrong with the parts, one sentence each."""
    parts = subject.parts
    yield from _lacking(parts)
    kinds: dict[str, Callable[[Part], Iterable[str]]] = {
        "part": lambda part: [part.name],
        "field": lambda part: _fields(part),
        "event": lambda part: (e.name for e in part.events),
        "step or choice": lambda part: (*(s.name for s in part.steps), *(c.__name__ for c in part.choices)),
        "property": lambda part: (p.name for p in part.properties),
        "situation": lambda part: (s.name for s in part.situations),
        "bug": lambda part: (b.name for b in part.bugs),
    }
    for kind, names in kinds.items():
        yield from _twice(kind, parts, names)
    yield from _dangling(subject)


def _strangers(subject: Subject) -> Iterator[str]:
    """What is not of the kind that belongs there: a function that nobody decorated, say."""
    from .property import Property
    from .situation import Situation

    parts = subject.parts
    if subject.rest is not None and not any(e is subject.rest for part in parts for e in part.events):
        yield f"rest is {_named(subject.rest)}, which is no event of a part"
    if _strange(subject.bounds, Bounds):
        yield f"bounds is {_named(subject.bounds)}; write Bounds(connections=2)"
    for design in (*subject.designs, *([subject.reference] if subject.reference is not None else [])):
        if _strange(design, Design):
            yield f"{_named(design)} is among its designs, and is no Design"
    kinds = {"events": Event, "steps": DesignStep, "reactions": Reaction, "bugs": Bug}
    for part in parts:
        for field, kind in {**kinds, "properties": Property, "situations": Situation}.items():
            for item in getattr(part, field):
                if _strange(item, kind):
                    yield f"in part {part.name} {field} has {_named(item)}, which is no {kind.__name__}"


def _strange(item: object, kind: type) -> bool:
    return not isinstance(item, kind)


def _named(item: object) -> str:
    return str(getattr(item, "__name__", None) or getattr(item, "name", None) or repr(item))


def _lacking(parts: Iterable[Part]) -> Iterator[str]:
    have = [part.name for part in parts]
    for part in parts:
        for name in part.needs:
            if name not in have:
                yield f"part {part.name} needs the part {name}; there are: {', '.join(have)}"


def _fields(part: Part) -> Iterator[str]:
    for record, more in part.fields.items():
        own = {f.name for f in dataclasses.fields(record)}
        for f in dataclasses.fields(more):
            yield f"{record.__name__}.{f.name}"
            if f.name in own:
                yield f"{record.__name__}.{f.name}"


def _twice(kind: str, parts: Iterable[Part], names: Callable[[Part], Iterable[str]]) -> Iterator[str]:
    owner: dict[str, Part] = {}
    for part in parts:
        for name in names(part):
            if name in owner:
                yield f"the {kind} {name} is defined twice: {_where(kind, owner[name], part)}"
            owner[name] = part


def _where(kind: str, first: Part, second: Part) -> str:
    if kind == "part":
        return "give one of them another name"
    if first is second:
        return f"in part {first.name}" + (", and in the record itself" if kind == "field" else "")
    return f"in part {first.name} and in part {second.name}"


def _dangling(subject: Subject) -> Iterator[str]:
    """References to what there is not, and a step that has the name of another actor's event."""
    events = {e.name: e for part in subject.parts for e in part.events}
    others = {e.name: e.actor for e in events.values() if e.actor != "target" and not e.observed}
    for part in subject.parts:
        for step in part.steps:
            if step.name in others:
                whose = f"an event of the {others[step.name]}"
                yield f"the step {step.name} of part {part.name} has the name of {whose}"
        for name in (*(r.event for r in part.reactions), *part.opened):
            if name not in events:
                yield f"part {part.name} speaks of the event {name}, which no part has"
    known = {p.name for part in subject.parts for p in part.properties}
    for part in subject.parts:
        for bug in part.bugs:
            if bug.breaks not in known:
                yield f"the bug {bug.name} of part {part.name} breaks {bug.breaks}, which is no property here"
