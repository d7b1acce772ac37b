"""What a seeded design does otherwise than the reference, in both semantics."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest
from house import one_in
from random_runs import junk, mutated, random_parameters, run
from two_semantics import Step

from chimneysweep.model.chimney.state import TERMINATING, World, world_size
from chimneysweep.model.kernel import Action, arguments
from chimneysweep.properties.chimney.chimney import CHIMNEY

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)


def asking(choice: str) -> list[str]:
    """The actions of the reference that ask it for a choice (or step, or reaction), by name."""
    asked: list[str] = []

    def spy(original: Any, *args: Any) -> Any:
        asked.append(choice)
        return getattr(original, choice)(*args)

    def asks(action: Action) -> bool:
        asked.clear()
        p = arguments({q.name: 0 for q in action.parameters})
        action.guard(CHIMNEY.blank(SMALL), p)
        action.effect(CHIMNEY.blank(SMALL), p)
        return bool(asked)

    spied = CHIMNEY.the_reference.but("spied", "It is watched.", **{choice: spy})
    return [action.name for action in spied.actions(CHIMNEY.events, SMALL) if asks(action)]


def changed(name: str) -> list[Action]:
    """The actions of a seeded design that are not the reference's."""
    asked = {action for choice in CHIMNEY.bugs[name].changed for action in asking(choice)}
    return [action for action in CHIMNEY.system(name, SMALL).actions if action.name in asked]


@cache
def states() -> list[World]:
    """Junk, and states of runs while the hand-off is under way, some with a variable changed."""
    rng = Random(9)
    system = CHIMNEY.system(CHIMNEY.the_reference, SMALL)
    reached = [m.state for _ in range(40) for m in run(system, SMALL, rng, 60)]
    ending = [world for world in reached if world.phase == TERMINATING]
    some = [*rng.sample(reached, 10), *rng.sample(ending, 15)]
    return [*(junk(SMALL, rng) for _ in range(8)), *some, *(mutated(world, rng) for world in some[:10])]


@pytest.mark.parametrize("name", one_in(3, list(CHIMNEY.bugs)))
def test_python_and_z3_agree_on_what_a_seeded_design_does_otherwise(name: str) -> None:
    rng = Random(name)
    actions = changed(name)
    assert actions, "it is the reference"
    found: list[str] = []
    for action in actions:
        for instance in action.instances():
            step = Step.build(action, instance, CHIMNEY.blank(SMALL))
            for world in states():
                found += step.differences(world, random_parameters(action, rng))
    assert not found, "\n".join(found[:5])


def test_the_actions_that_ask_for_a_choice_are_found() -> None:
    assert asking("chain") == ["FillTree"]
    assert asking("AckArrives") == ["AckArrives"]
    assert asking("aborted") == ["MiniportTcpOffloadDisconnect", "RstArrives", "FillTree"]
    assert "MiniportTcpOffloadSend" not in asking("in_charge")
