"""The most general target: it can do whatever any design does, as seen at the interface, and more."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
from random_runs import Moment, junk, mutated, random_parameters, run
from two_semantics import Step

from chimneysweep.engines.bmc import Found, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.chimney.state import (
    COMPLETED,
    PENDING,
    Connection,
    Delegated,
    Own,
    World,
    template,
    world_size,
)
from chimneysweep.model.designs.catalogue import names
from chimneysweep.model.general.handover import parameters
from chimneysweep.model.kernel import Action, System, arguments
from chimneysweep.model.logic import Not
from chimneysweep.model.records import update, values, variables
from chimneysweep.model.tcp.numbers import NULL
from chimneysweep.properties.chimney.subject import CHIMNEY
from chimneysweep.properties.property import Property

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)
TINY = world_size(buffers=2, blocks=2, connections=1, requests=1)
STEPS = 60

Doing = tuple[str, dict[str, int | bool]]


@cache
def general() -> System:
    return CHIMNEY.system("general", SMALL)


# What a design does, told as steps of the most general target: read off its state before and after.


def target_steps(before: World, after: World) -> Iterator[Doing]:
    """What the target must have done at its interface for *before* to become *after*."""
    for c, (old, new) in enumerate(zip(before.conns, after.conns, strict=True)):
        yield from ((name, {"conn": c, **p}) for name, p in _on_connection(old, new))
    for call, (was, now) in enumerate(zip(before.calls, after.calls, strict=True)):
        if was and not now:
            yield "CompleteStateCall", {"call": call}
    if after.status_indication and not before.status_indication:
        yield "NdisMIndicateStatusEx", {}
    if after.event_indication and not before.event_indication:
        yield "NdisMOffloadEventIndicate", {}
    if before.completions < after.completions:
        again = before.phase == COMPLETED
        yield ("CompletesAgain", {"root": 0}) if again else ("NdisMTerminateOffloadComplete", handed(after))
    if after.untidy and not before.untidy:
        yield "WriteAfterHandBack", {}
    for c, (old, new) in enumerate(zip(before.conns, after.conns, strict=True)):
        if new.freed and not old.freed:
            yield "Free", {"conn": c}


def _on_connection(old: Connection, new: Connection) -> Iterator[Doing]:
    if old.peer.sent < new.peer.sent:
        yield "Transmit", {"upto": new.peer.sent}
    for k, (was, now) in enumerate(zip(old.bufs, new.bufs, strict=True)):
        if was.returns < now.returns and not new.host.resumed:
            advanced = now.start - now.begin
            yield (
                "NdisTcpOffloadSendComplete",
                {"buffer": k, "status": now.status, "bytes": now.bytes, "advanced": advanced},
            )
    start = old.own.consumed
    for k, (one, other) in enumerate(zip(old.requests, new.requests, strict=True)):
        if one.status == PENDING != other.status:
            filled = {"status": other.status, "start": start, "bytes": other.bytes}
            yield "NdisTcpOffloadReceiveComplete", {"request": k, **filled}
    if old.disconnect == PENDING != new.disconnect:
        yield "NdisTcpOffloadDisconnectComplete", {"status": new.disconnect}
    if old.forward and not new.forward:
        yield "NdisTcpOffloadForwardComplete", {}
    if new.indication and not old.indication:
        yield "NdisTcpOffloadReceiveHandler", {"start": new.indicated_from, "end": new.indicated_to}
    if new.event and not old.event:
        yield "NdisTcpOffloadEventHandler", {}
    if old.peer.acked_to < new.peer.acked_to and not new.host.resumed:
        yield "SendAck", {"upto": new.peer.acked_to}


def handed(after: World) -> dict[str, int | bool]:
    """The tree as it is handed back, as the parameters of the call."""
    flat = {v.name: x for v, x in zip(variables(after), values(after), strict=True)}
    fields = {name.replace("[", "_").replace("].", "_").replace(".", "_"): x for name, x in flat.items()}
    return {p.name: fields.get(p.name, after.root_back) for p in parameters(SMALL)}


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


OWN_TERMS = {"Transmit", "SendAck", "Free", "NdisMTerminateOffloadComplete"}
"""Actions that a design has under the same name, with other parameters."""


def follow(system: System, state: World, moment: Moment, after: World) -> World:
    """*system* does what a design did in one step. AssertionError if it cannot."""
    if moment.action in {action.name for action in system.actions} - OWN_TERMS:
        state = _do(system, state, moment.action, moment.parameters)
    held = [c.own.consumed for c in moment.state.conns]
    before = [update(c, own=update(c.own, consumed=n)) for c, n in zip(state.conns, held, strict=True)]
    for name, chosen in target_steps(update(state, conns=tuple(before)), after):
        state = _do(system, state, name, chosen)
    return state


def _do(system: System, state: World, name: str, chosen: Mapping[str, int | bool]) -> World:
    action, p = system.action(name), arguments(chosen)
    for parameter in action.parameters:
        value = chosen[parameter.name]
        assert parameter.sort.contains(value), f"{name}: {parameter.name} is {value}"
    assert action.guard(state, p), f"{name}({chosen}) is not possible"
    result: World = action.effect(state, p)
    return result


def differences(world: World, other: World) -> list[str]:
    """What can be seen of two states and is not the same."""
    mine, theirs = ({v.name: x for v, x in zip(variables(w), values(w), strict=True)} for w in (world, other))
    return [f"{n}: {mine[n]} in the design, {theirs[n]} here" for n in mine if mine[n] != theirs[n]]


def contained(name: str, seed: int, system: System) -> list[str]:
    """Follow one random run of a design with *system*; the actions of the design."""
    moments = list(run(CHIMNEY.system(CHIMNEY.design(name), SMALL), SMALL, Random(seed), STEPS))
    state = moments[0].state
    assert system.init(state)
    for moment, later in itertools.pairwise(moments):
        state = follow(system, state, moment, later.state)
        found = differences(seen(later.state), seen(state))
        assert not found, f"{name}, seed {seed}, after {moment.action}: {found}"
    return [moment.action for moment in moments if moment.action]


def test_every_run_of_the_reference_is_one_of_the_most_general_target() -> None:
    taken = {action for seed in range(12) for action in contained("reference", seed, general())}
    assert taken >= {
        "Drain",
        "FillTree",
        "NdisMTerminateOffloadComplete",
        "HostResumes",
        "Free",
        "RstArrives",
    }


@pytest.mark.parametrize("name", names()[1:])
def test_every_run_of_a_seeded_design_is_one_of_the_most_general_target(name: str) -> None:
    contained(name, 1, general())


def _without(action: str) -> System:
    kept = tuple(a for a in general().actions if a.name != action)
    return dataclasses.replace(general(), actions=kept)


@pytest.mark.parametrize("action", ["SendAck", "NdisTcpOffloadSendComplete", "FinArrives"])
def test_a_target_that_cannot_do_something_is_not_the_most_general_one(action: str) -> None:
    with pytest.raises((KeyError, AssertionError)):
        all(contained("reference", seed, _without(action)) for seed in range(12))


# It is a system like any other, and the clauses alone restrain it.


@cache
def states() -> list[World]:
    """Junk, and states of runs, some with a variable changed."""
    rng = Random(4)
    reached = [m.state for _ in range(20) for m in run(general(), SMALL, rng, 40)]
    some = rng.sample(reached, 25)
    return [*(junk(SMALL, rng) for _ in range(8)), *some, *(mutated(world, rng) for world in some[:10])]


@pytest.mark.parametrize("action", CHIMNEY.system("general", SMALL).actions, ids=lambda action: action.name)
def test_python_and_z3_agree_on_what_it_does(action: Action) -> None:
    rng = Random(action.name)
    found: list[str] = []
    for instance in action.instances():
        step = Step.build(action, instance, template(SMALL))
        for world in states():
            found += step.differences(world, random_parameters(action, rng))
    assert not found, "\n".join(found[:5])


@cache
def tiny() -> Encoded:
    return Encoded(CHIMNEY.system("general", TINY))


RULES = [p for p in CHIMNEY.of_kind("clause", "guarantee") if not p.reading]


@pytest.mark.parametrize("prop", RULES, ids=lambda p: p.name)
def test_it_can_break_every_clause_and_every_guarantee(prop: Property) -> None:
    assert isinstance(search(tiny(), lambda s: Not(prop.holds(s)), 7, 60), Found)


def test_the_peer_stays_honest() -> None:
    for world in (m.state for seed in range(10) for m in run(general(), SMALL, Random(seed), 60)):
        for conn in world.conns:
            assert conn.peer.acked <= conn.peer.got
            assert conn.host.resumed or conn.peer.got <= conn.peer.sent
