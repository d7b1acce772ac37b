"""Readings that no target can keep: shown on a situation, not asserted.

A literal reading that is marked ``impossible_with`` other clauses is checked so: in the
last state of a run that breaks it, everything stays as it is except what the target
writes into the delegated structure; then no choice of those values keeps the reading
and the clauses together.
"""

from __future__ import annotations

import dataclasses

from ..counterexamples.trace import Trace
from ..model.logic import And, Value, all_of
from ..model.records import rebuild, update, variables
from ..model.state import Delegated, World, template
from ..properties.catalogue import find
from ..properties.property import Property


@dataclasses.dataclass(frozen=True)
class Finding:
    """Whether a reading is impossible in the situation of a trace, and in words what was decided."""

    impossible: bool
    says: str


def last_state(trace: Trace) -> World:
    """The state at the end of a trace."""
    state = dict(trace.initial)
    for step in trace.steps:
        state.update({name: after for name, (_, after) in step.changes.items()})
    blank = template(trace.bounds)
    world: World = rebuild(blank, [state[v.name] for v in variables(blank)])
    return world


def any_answer(world: World) -> tuple[World, Value]:
    """The state with the delegated structure of every connection left open, and the sorts' bounds."""
    from ..engines.encode import constant, inside

    conns, bounds = [], []
    for c, conn in enumerate(world.conns):
        fields = variables(conn.given, f"answer[{c}]")
        open_values = [constant(v) for v in fields]
        bounds += [inside(v.sort, x) for v, x in zip(fields, open_values, strict=True)]
        conns.append(update(conn, given=rebuild(Delegated(), open_values)))
    return update(world, conns=tuple(conns)), all_of(bounds)


def impossible(reading: Property, trace: Trace) -> Finding:
    """Decide whether any delegated values keep *reading* and its clauses where *trace* ends.

    *trace* is one that breaks the reading. Raises ValueError if the reading is not marked.
    """
    import z3

    if not reading.impossible_with:
        raise ValueError(f"{reading.name} is not marked as impossible with any clause")
    world = last_state(trace)
    opened, bounds = any_answer(world)
    clauses = [find(name) for name in reading.impossible_with]
    solver = z3.Solver()
    applies = reading.premise(opened)
    solver.add(And(bounds, applies, reading.holds(opened), *(c.holds(opened) for c in clauses)))
    answer = solver.check()
    names = ", ".join(reading.impossible_with)
    if answer == z3.unsat:
        return Finding(True, f"where this run ends, no values written keep it together with {names}")
    if answer == z3.unknown:
        return Finding(False, f"the solver gave up ({solver.reason_unknown()})")
    return Finding(False, f"values that keep it together with {names} exist where this run ends")
