"""What a property reads, and what an event changed: so that only what may be different is judged again.

A field is named by its path without indices: ``conns.bufs.status`` is the status of any
buffer of any connection. What a property reads is seen in its formulas, in a small world.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.state import PHASE, World, template, world_size
from ...model.logic import is_symbolic
from ...model.records import rebuild, variables
from ...properties.property import Property

SMALL = world_size(buffers=2, blocks=3, connections=2, requests=2)
"""Two of each kind, so that a property that compares one with another has what it compares."""

INDEX = re.compile(r"\[\d+\]")


@functools.cache
def table(properties: tuple[Property, ...]) -> tuple[tuple[frozenset[str], ...], ...]:
    """For each phase of the world, what each of the properties reads in it."""
    return tuple(tuple(reads(prop, phase) for prop in properties) for phase in range(len(PHASE.labels)))


def reads(prop: Property, phase: int) -> frozenset[str]:
    """The fields that *prop* depends on while the world is in this phase; none if no premise can hold."""
    world = dataclasses.replace(_symbolic(SMALL), phase=phase)
    cases = [case for case in prop.cases(world) if case.premise is not False]
    terms = [t for case in cases for t in (case.premise, *(j.formula for j in case.holds))]
    found = {INDEX.sub("", name) for term in terms if is_symbolic(term) for name in _names(term)}
    return frozenset(found | {"phase"}) if cases else frozenset()


@functools.cache
def _symbolic(bounds: Bounds) -> World:
    import z3

    shaped = template(bounds)
    world: World = rebuild(
        shaped, [(z3.Bool if v.sort.kind == "bool" else z3.Int)(v.name) for v in variables(shaped)]
    )
    return world


def _names(term: Any) -> Iterator[str]:
    """The variables in a Z3 term."""
    import z3

    seen, todo = set(), [term]
    while todo:
        node = todo.pop()
        if node.get_id() in seen:
            continue
        seen.add(node.get_id())
        todo += node.children()
        if node.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            yield node.decl().name()


def changed(before: Any, after: Any, path: str = "") -> set[str]:
    """The fields in which two records of the same shape differ."""
    found: set[str] = set()
    _compare(before, after, path, found)
    return found


def _compare(before: Any, after: Any, path: str, found: set[str]) -> None:
    if before is after:
        return
    if isinstance(before, tuple):
        for old, new in zip(before, after, strict=True):
            if old is not new:
                _compare(old, new, path, found)
    elif dataclasses.is_dataclass(before):
        for (name, old), new in zip(vars(before).items(), vars(after).values(), strict=True):
            if old is not new:
                _compare(old, new, f"{path}.{name}" if path else name, found)
    elif before != after:
        found.add(path)
