"""What a property reads, and what an event changed: so that only what may be different is judged again.

A field is named by its path without indices: ``conns.bufs.status`` is the status of any
buffer of any connection. What a property reads is seen in its formulas, in a small world.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ...model.chimney.state import PHASE, World, world_size
from ...model.logic import is_symbolic
from ...model.records import rebuild, variables
from ...properties.property import Property

SMALL = world_size(buffers=2, blocks=3, connections=2, requests=2)
"""Two of each kind, so that a property that compares one with another has what it compares."""

INDEX = re.compile(r"\[\d+\]")


def table(properties: Iterable[Property], small: World) -> tuple[tuple[frozenset[str], ...], ...]:
    """For each phase of the world, what each of the properties reads in it; *small* is a world to ask."""
    world = symbolic(small)
    phases = [dataclasses.replace(world, phase=phase) for phase in range(len(PHASE.labels))]
    return tuple(tuple(reads(prop, phase) for prop in properties) for phase in phases)


def reads(prop: Property, world: World) -> frozenset[str]:
    """The fields that *prop* depends on in a symbolic world of one phase; none if no premise can hold."""
    cases = [case for case in prop.cases(world) if case.premise is not False]
    terms = [t for case in cases for t in (case.premise, *(j.formula for j in case.holds))]
    found = {INDEX.sub("", name) for name in _names(list(filter(is_symbolic, terms)))}
    return frozenset(found | {"phase"}) if cases else frozenset()


def symbolic(shaped: World) -> World:
    """A world whose variables are constants of their own names."""
    import z3

    constants = [(z3.Bool if v.sort.kind == "bool" else z3.Int)(v.name) for v in variables(shaped)]
    world: World = rebuild(shaped, constants)
    return world


def _names(terms: Sequence[Any]) -> set[str]:
    """The variables in Z3 terms; asked of its core, for an object of each node takes thrice as long."""
    from z3 import Z3_OP_UNINTERPRETED, main_ctx, z3core

    ctx, found = main_ctx().ref(), set[str]()
    seen, todo = set[int](), [term.as_ast() for term in terms]  # which live as long as these terms
    while todo:
        node = todo.pop()
        number = z3core.Z3_get_ast_id(ctx, node)
        if number in seen:
            continue
        seen.add(number)
        count = z3core.Z3_get_app_num_args(ctx, node)
        todo += [z3core.Z3_get_app_arg(ctx, node, k) for k in range(count)]
        declared = z3core.Z3_get_app_decl(ctx, node)
        if not count and z3core.Z3_get_decl_kind(ctx, declared) == Z3_OP_UNINTERPRETED:
            found.add(z3core.Z3_get_symbol_string(ctx, z3core.Z3_get_decl_name(ctx, declared)))
    return found


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
