"""Pinned lengths are shortest ones: a breadth-first search in the Python semantics finds nothing sooner.

It shares nothing with bounded model checking but the model: no solver, no pruning.
The world is tiny, one connection with a few small numbers, and every run in it is tried.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping

import pytest

from chimneysweep.engines.bmc import Exhausted, ShortestRun, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.chimney.state import STATE, TCP, Block, World, template, world_size
from chimneysweep.model.kernel import Action, System, arguments
from chimneysweep.model.logic import Not
from chimneysweep.model.records import update
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Property

TINY = world_size(buffers=2, blocks=2, connections=1, requests=1)
NUMBERS: Mapping[str, tuple[int, ...]] = {
    "length": (1, 2),
    "upto": (1, 2, 3),
    "window": (2,),
    "gap": (1,),
    "bytes": (0, 1, 2),
    "size": (1,),
    "block": (0, 1),
    "kind": (0, 1),
}
STEPS = {bug.name: bug.steps for bug in CHIMNEY.bugs.values()}
BREAKS = {bug.name: bug.breaks for bug in CHIMNEY.bugs.values()}
CHOSEN = (
    "success-when-sent",
    "siblings-forgotten",
    pytest.param("completed-and-chained", marks=pytest.mark.slow),
    pytest.param("tail-forgotten", marks=pytest.mark.slow),
)


def first_state() -> World:
    """One offloaded connection in the root block, and a placeholder beside it."""
    world = template(TINY)
    root = Block(in_tree=True, layer=TCP, kind=STATE, conn=0, next=1, next_back=1)
    conn = world.conns[0]
    conn = update(conn, block=0, isn=10, irn=20, capacity=2, peer=update(conn.peer, wnd=2))
    return update(world, blocks=(root, Block(in_tree=True, layer=TCP)), conns=(conn,))


def choices(action: Action) -> Iterator[dict[str, int]]:
    """Every choice of small parameters."""
    free = [p.name for p in action.parameters if not p.enumerate]
    for fixed in action.instances():
        for values in itertools.product(*(NUMBERS[name] for name in free)):
            yield {**fixed, **dict(zip(free, values, strict=True))}


def shortest(system: System, prop: Property, limit: int) -> int | None:
    """The steps of a shortest run that breaks *prop*, if one of up to *limit* steps does."""
    moves = [(a, arguments(p)) for a in system.actions for p in choices(a)]
    level: set[World] = {first_state()}
    seen = set(level)
    for steps in range(limit + 1):
        if not all(prop.holds(world) for world in level):
            return steps
        after = {a.effect(s, p) for s in level for a, p in moves if a.guard(s, p)} if steps < limit else set()
        level = after - seen
        seen |= level
    return None


@functools.cache
def encoded(name: str) -> Encoded:
    """The design in the tiny world, for the solver."""
    return Encoded(CHIMNEY.system(name, TINY))


def test_the_search_starts_where_the_system_does() -> None:
    assert CHIMNEY.system("reference", TINY).init(first_state())


@pytest.mark.parametrize("name", CHOSEN)
def test_an_exhaustive_search_finds_no_shorter_run(name: str) -> None:
    prop = CHIMNEY.find(BREAKS[name])
    assert shortest(CHIMNEY.system(name, TINY), prop, STEPS[name]) == STEPS[name]


@pytest.mark.parametrize("name", CHOSEN)
def test_bounded_model_checking_agrees(name: str) -> None:
    prop, fewer = CHIMNEY.find(BREAKS[name]), STEPS[name] - 1
    assert search(encoded(name), lambda world: Not(prop.holds(world)), fewer) == Exhausted(fewer)
    found = search(encoded(name), lambda world: Not(prop.holds(world)), STEPS[name])
    assert isinstance(found, ShortestRun)
    assert len(found.choices) == STEPS[name]


def test_the_reference_breaks_none_of_them_within_the_same_reach() -> None:
    for name in ("success-when-sent", "siblings-forgotten"):
        assert shortest(CHIMNEY.system("reference", TINY), CHIMNEY.find(BREAKS[name]), STEPS[name]) is None
