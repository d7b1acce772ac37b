"""The most general target is a system like any other, and the clauses alone restrain it.

That it can do whatever a design does is shown in test_designs_refine.
"""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from executable_only import EXECUTABLE_ONLY
from house import one_in
from random_runs import junk, mutated, random_parameters, run
from two_semantics import Step

from chimneysweep.engines.bmc import ShortestRun, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.chimney.state import World, world_size
from chimneysweep.model.kernel import Action, System
from chimneysweep.model.logic import Not
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Property

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)
TINY = world_size(buffers=2, blocks=2, connections=1, requests=2)


@cache
def general() -> System:
    return CHIMNEY.system("general", SMALL)


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
        step = Step.build(action, instance, CHIMNEY.blank(SMALL))
        for world in states():
            found += step.differences(world, random_parameters(action, rng))
    assert not found, "\n".join(found[:5])


@cache
def tiny() -> Encoded:
    return Encoded(CHIMNEY.system("general", TINY))


RULES = [p for p in CHIMNEY.of_kind("clause", "guarantee") if not p.reading and p.name not in EXECUTABLE_ONLY]


@pytest.mark.parametrize("prop", one_in(3, RULES), ids=lambda p: p.name)
def test_it_can_break_every_clause_and_every_guarantee(prop: Property) -> None:
    assert isinstance(search(tiny(), lambda s: Not(prop.holds(s)), 7), ShortestRun)


def test_the_peer_stays_honest() -> None:
    for world in (m.state for seed in range(10) for m in run(general(), SMALL, Random(seed), 60)):
        for conn in world.conns:
            assert conn.peer.acked <= conn.peer.got
            assert conn.host.resumed or conn.peer.got <= conn.peer.sent
