"""The whole world of a hand-off as one transition system: host, wire and a design."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import after, host
from .designs.design import Design
from .kernel import Action, System, arguments
from .logic import SEQUENCE_SPACE, And, Not, Value, all_of
from .records import Sort, update, values, variables
from .state import MAX_WINDOW, Bounds, Connection, World, template
from .tree import fresh, well_formed


def _starts(conn: Connection, blank: Connection) -> Value:
    rigid = ("block", "isn", "irn", "capacity")
    same = update(conn, **{name: getattr(blank, name) for name in rigid})
    same = update(same, peer=update(same.peer, wnd=blank.peer.wnd))
    return And(
        conn.isn >= 0,
        conn.isn < SEQUENCE_SPACE,
        conn.irn >= 0,
        conn.irn < SEQUENCE_SPACE,
        conn.capacity >= 0,
        conn.capacity <= MAX_WINDOW,
        conn.peer.wnd >= 0,
        conn.peer.wnd <= MAX_WINDOW,
        _equal(same, blank),
    )


def _equal(left: Any, right: Any) -> Value:
    return all_of(
        a if b is True else Not(a) if b is False else a == b
        for a, b in zip(values(left), values(right), strict=True)
    )


def initial(world: World, bounds: Bounds) -> Value:
    """The connections are just offloaded with empty windows; nothing is outstanding.

    Free: the tree that will be passed, the initial sequence numbers, the windows.
    """
    blank = template(bounds)
    still = update(world, blocks=blank.blocks, conns=blank.conns)
    conns = (_starts(conn, old) for conn, old in zip(world.conns, blank.conns, strict=True))
    return And(
        domain(world),
        well_formed(world),
        all_of(fresh(block) for block in world.blocks),
        all_of(conns),
        _equal(still, blank),
    )


def owed_steps_done(actions: tuple[Action, ...]) -> Any:
    """A predicate: no owed step of the target is enabled."""

    def done(s: World) -> Value:
        waiting = (a.guard(s, arguments(i)) for a in actions if a.owed for i in a.instances())
        return all_of(Not(g) for g in waiting)

    return done


def _until_quiet(action: Action) -> Action:
    return dataclasses.replace(action, guard=lambda s, p: And(Not(s.quiet), action.guard(s, p)))


def build(design: Design, bounds: Bounds) -> System:
    """The transition system of *design* in a world of the given size."""
    actions = (*host.actions(bounds), *after.actions(bounds), *design.actions(bounds))
    done = owed_steps_done(actions)
    rest = Action(
        "Quiet",
        "nobody",
        (),
        lambda s, p: And(host.settled(s), done(s)),
        lambda s, p: update(s, quiet=True),
        "everybody has had all the time there is, and nothing more happens",
    )
    everything = tuple(_until_quiet(a) for a in (*actions, rest))
    return System(design.name, template(bounds), lambda s: initial(s, bounds), everything, design.says, taste)


def taste(world: World) -> list[Value]:
    """First states that are easy to read: round numbers, few blocks."""
    conns = world.conns
    numbers = (And(c.isn == 1000 * (n + 1), c.irn == 5000 * (n + 1)) for n, c in enumerate(conns))
    windows = (And(c.capacity == 100, c.peer.wnd == 100) for c in conns)
    few = [all_of(Not(b.in_tree) for b in world.blocks[size:]) for size in (1, 2, 3, 4)]
    return [all_of(numbers), all_of(windows), *few]


def domain(world: World) -> Value:
    """Whether every variable lies in its sort."""
    parts = []
    for variable, value in zip(variables(world), values(world), strict=True):
        parts.append(_inside(variable.sort, value))
    return all_of(parts)


def _inside(sort: Sort, value: Value) -> Value:
    low = True if sort.low is None else value >= sort.low
    high = True if sort.high is None else value <= sort.high
    return And(low, high)
