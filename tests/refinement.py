"""Follows a run of a design with the most general target, event by event."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from random_runs import Moment

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.answers import Transmit
from chimneysweep.model.chimney.handover import NdisMTerminateOffloadComplete, WriteTree, contents
from chimneysweep.model.chimney.state import COMPLETED, PENDING, Delegated, Own, World
from chimneysweep.model.design import Design
from chimneysweep.model.event import Taken
from chimneysweep.model.kernel import System, arguments
from chimneysweep.model.records import inside, update, values, variables
from chimneysweep.model.tcp.numbers import NULL


def seen(world: World) -> World:
    """What of a state can be seen from outside: not the target's memory, nor a tree that it still holds."""
    conns = [update(conn, own=Own()) for conn in world.conns]
    blocks = list(world.blocks)
    if world.phase != COMPLETED:
        conns = [update(c, given=Delegated(), bufs=tuple(_unwritten(b) for b in c.bufs)) for c in conns]
        still = {"status": 0, "chain": NULL, "next_back": NULL, "dependent_back": NULL}
        blocks = [update(b, **still) for b in blocks]
    return update(world, conns=tuple(conns), blocks=tuple(blocks), drained=False, filled=False)


def _unwritten(buf: Any) -> Any:
    return update(buf, start=buf.begin, next=NULL) if buf.status == PENDING else buf


def follow(
    general: System, state: World, design: Design, moment: Moment, after: World, bounds: Bounds
) -> World:
    """Where *general* comes by doing what *design* did in one step. AssertionError if it cannot."""
    assert moment.action is not None
    if moment.action in {a.name for a in general.actions if a.actor != "target"}:
        state = _do(general, state, moment.action, moment.parameters)
    for taken in design.takes(moment.action, moment.state, arguments(moment.parameters)):
        state = _take(general, state, taken, after, bounds)
    return state


def _take(general: System, state: World, taken: Taken, after: World, bounds: Bounds) -> World:
    """One event. The most general target writes the tree when it hands it back: nobody sees it before."""
    event = taken.event
    p = event.completed(state, arguments(taken.values))
    requires, then = event.happens(state, p)
    assert requires is True, f"{event.name}({taken.values}) is not possible"
    for parameter in event.parameters(bounds):
        value = taken.values[parameter.name]
        assert inside(parameter.sort, value), f"{event.name}: {parameter.name} is {value}"
    if event is WriteTree or (event is Transmit and then == state):
        return state
    tree = contents(after.blocks, after.conns) if event is NdisMTerminateOffloadComplete else {}
    return _do(general, state, event.name, {**taken.values, **tree})


def _do(system: System, state: World, name: str, chosen: Mapping[str, Any]) -> World:
    action, p = system.action(name), arguments(chosen)
    assert action.guard(state, p) is True, f"{name}({chosen}) is not possible"
    result: World = action.effect(state, p)
    return result


def differences(world: World, other: World) -> list[str]:
    """What can be seen of two states and is not the same."""
    mine, theirs = ({v.name: x for v, x in zip(variables(w), values(w), strict=True)} for w in (world, other))
    return [f"{n}: {mine[n]} in the design, {theirs[n]} here" for n in mine if mine[n] != theirs[n]]


def contained(general: System, design: Design, moments: Sequence[Moment], bounds: Bounds) -> None:
    """Follow a whole run. AssertionError where *general* cannot, or where it comes to something else."""
    state = moments[0].state
    assert general.init(state) is True
    for moment, later in itertools.pairwise(moments):
        assert not later.state.astray, f"{design.name} goes astray in {moment.action}"
        state = follow(general, state, design, moment, later.state, bounds)
        found = differences(seen(later.state), seen(state))
        assert not found, f"{design.name}, after {moment.action}: {found}"
