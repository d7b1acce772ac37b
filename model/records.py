"""Records: the state as nested frozen dataclasses, and as the flat list of variables below them.

A field's sort and words stand in its metadata (``end: Value = var(INT, says="end of queue {0}")``); a
field without holds a record or a tuple of records. The flat order is the field order, so
the same record type serves Z3 constants, Python values and printed names.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from .logic import And, Not, Value, all_of, any_of

R = TypeVar("R")
Says = str | Callable[..., str]
"""What a person calls a variable: words with its indices as {0}, {1}, ..., or a function of them."""
Shown = Callable[[Any, Any, tuple[int, ...]], str]
"""A value as a person reads it, from the value, the bounds of the world and the variable's indices."""


@dataclasses.dataclass(frozen=True)
class Sort:
    """What a variable ranges over: Bool, Int with optional bounds (inclusive), or Enum (ints with names)."""

    kind: str
    low: int | None = None
    high: int | None = None
    labels: tuple[str, ...] = ()

    def contains(self, value: int | bool) -> bool:
        """Whether a concrete value lies in the sort."""
        if self.kind == "bool":
            return isinstance(value, bool)
        if isinstance(value, bool):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def show(self, value: int | bool) -> str:
        """The value as a person reads it: an enum by its label."""
        if self.labels and self.contains(value):
            return self.labels[int(value)]
        return str(value).lower() if isinstance(value, bool) else str(value)


BOOL = Sort("bool")
INT = Sort("int")


def between(low: int, high: int | None = None) -> Sort:
    """Ints from *low* to *high*, both included; no *high*: unbounded above."""
    return Sort("int", low, high)


def enum(*labels: str) -> Sort:
    """Named values 0, 1, 2, ..."""
    return Sort("enum", 0, len(labels) - 1, labels)


def var(
    sort: Sort,
    default: int | bool | tuple[int | bool, ...] = 0,
    says: Says = "",
    shown: Shown | None = None,
) -> Any:
    """A dataclass field that holds one variable of *sort*, or a tuple of them (*default* is one, then).

    Without *says* it is told by its name, without *shown* its values as the sort shows them. Raises
    ValueError where *sort* is none.
    """
    if not hasattr(sort, "kind"):  # users have no type checker
        given = getattr(sort, "__name__", repr(sort))
        raise ValueError(f"{given} is no sort: write INT, BOOL, between(0, 9) or enum('one', 'other')")
    value = False if sort.kind == "bool" and default == 0 else default
    return dataclasses.field(default=value, metadata={"sort": sort, "says": says, "shown": shown})


@dataclasses.dataclass(frozen=True)
class Variable:
    """One flat variable: its path in the record (``conns[0].una``), its sort and its words."""

    name: str
    sort: Sort
    says: Says = ""
    shown: Shown | None = None


def variables(record: Any, prefix: str = "") -> list[Variable]:
    """The flat variables of a record, in field order."""
    return [
        Variable(name, about.get("sort", INT), about.get("says", ""), about.get("shown"))
        for name, about, _ in _walk(record, prefix, {})
    ]


def values(record: Any) -> list[Value]:
    """The flat values of a record, in the order of :func:`variables`."""
    found: list[Value] = []
    _leaves(record, found)
    return found


def named(record: Any) -> dict[str, Value]:
    """The flat values of a record by the names of its variables, in their order."""
    return {name: value for name, _, value in _walk(record, "", {})}


def rebuild(template: Any, flat: Sequence[Value]) -> Any:
    """A record shaped like *template* that holds the flat *values*."""
    stream = iter(flat)
    result = _fill(template, stream)
    if next(stream, None) is not None:
        raise ValueError(f"more values than the record has variables ({len(flat)})")
    return result


def update(record: R, **changes: Any) -> R:
    """A copy of *record* with some fields replaced."""
    return dataclasses.replace(record, **changes)  # type: ignore[type-var]


def anew(record: R, **values: Any) -> R:
    """A record of the same type as *record*, with these values and its defaults for the rest."""
    return type(record)(**values)


def inside(sort: Sort, value: Value) -> Value:
    """Whether a value, which may be a term, lies within the bounds of its sort."""
    low = True if sort.low is None else value >= sort.low
    high = True if sort.high is None else value <= sort.high
    return And(low, high)


def domain(record: Any) -> Value:
    """Whether every variable of a record lies in its sort."""
    return all_of(inside(about.get("sort", INT), value) for _, about, value in _walk(record, "", {}))


def equal(left: Any, right: Any) -> Value:
    """Whether two records of the same shape hold the same values; *right* may be concrete."""
    return all_of(
        a if b is True else Not(a) if b is False else a == b
        for a, b in zip(values(left), values(right), strict=True)
    )


def differ(left: Any, right: Any) -> Value:
    """Whether two records of the same shape differ; what is the same term in both is not compared."""
    pairs = zip(values(left), values(right), strict=True)
    return any_of(a != b for a, b in pairs if a is not b)


def extended(record: Any, fields: Mapping[type, Sequence[type]]) -> Any:
    """*record*, in which each record of a type in *fields* has the fields of those types as well.

    A type in *fields* is a dataclass whose fields all have defaults; subclasses count as the type.
    """
    if isinstance(record, tuple):
        return tuple(extended(item, fields) for item in record)
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        return record
    more = [extra for known, extras in fields.items() if isinstance(record, known) for extra in extras]
    held = {f.name: extended(getattr(record, f.name), fields) for f in dataclasses.fields(record)}
    kind: Any = type(record)
    return (_joined(kind, tuple(more)) if more else kind)(**held)


@functools.cache
def _joined(base: type, more: tuple[type, ...]) -> type:
    fields: dict[str, tuple[str, Any, Any]] = {}
    for extra in more:
        for f in dataclasses.fields(extra):
            if f.name in fields or f.name in {g.name for g in dataclasses.fields(base)}:
                raise ValueError(
                    f"{base.__name__} has a field {f.name!r} already; {extra.__name__} needs another name"
                )
            fields[f.name] = f.name, f.type, dataclasses.field(default=f.default, metadata=f.metadata)
    return dataclasses.make_dataclass(base.__name__, fields.values(), bases=(base,), frozen=True)


def _walk(node: Any, path: str, about: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Value]]:
    if isinstance(node, tuple):
        for k, item in enumerate(node):
            yield from _walk(item, f"{path}[{k}]", about)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        for field in dataclasses.fields(node):
            below = f"{path}.{field.name}" if path else field.name
            yield from _walk(getattr(node, field.name), below, field.metadata)
    else:
        yield path, about, node


@functools.cache
def _fields(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def _leaves(node: Any, found: list[Value]) -> None:
    if isinstance(node, tuple):
        for item in node:
            _leaves(item, found)
    elif (fields := _fields(node.__class__)) is not None:
        for name in fields:
            _leaves(getattr(node, name), found)
    else:
        found.append(node)


def _fill(node: Any, stream: Iterator[Value]) -> Any:
    if isinstance(node, tuple):
        return tuple(_fill(item, stream) for item in node)
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        parts = {f.name: _fill(getattr(node, f.name), stream) for f in dataclasses.fields(node)}
        return type(node)(**parts)
    return next(stream)
