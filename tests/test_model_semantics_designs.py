"""The actions in which a seeded design differs from the reference, in both semantics."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from random_runs import junk, mutated, random_parameters, run
from two_semantics import Step

from chimneysweep.model.chimney.designs.reference import REFERENCE
from chimneysweep.model.chimney.state import TERMINATING, World, template, world_size
from chimneysweep.model.design import Design
from chimneysweep.model.designs import bugs
from chimneysweep.model.kernel import Action
from chimneysweep.properties.chimney.subject import CHIMNEY

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)


def seeded() -> dict[str, Design]:
    """Every design that a module of ``model/designs/bugs`` holds."""
    modules = [
        importlib.import_module(f"{bugs.__name__}.{m.name}") for m in pkgutil.iter_modules(bugs.__path__)
    ]
    return {d.name: d for module in modules for d in _designs(vars(module).values()) if d is not REFERENCE}


def _designs(things: Any) -> Iterator[Design]:
    for thing in things:
        if isinstance(thing, Design):
            yield thing
        elif isinstance(thing, tuple | list):
            yield from _designs(thing)
        elif isinstance(thing, dict):
            yield from _designs(thing.values())


def _code(action: Action) -> tuple[Any, Any]:
    return tuple(getattr(f, "__code__", f) for f in (action.guard, action.effect))


def changed(design: Design) -> list[Action]:
    """The actions of *design* that are not the reference's."""
    before = {action.name: _code(action) for action in REFERENCE.actions(SMALL)}
    return [action for action in design.actions(SMALL) if before.get(action.name) != _code(action)]


@cache
def states() -> list[World]:
    """Junk, and states of runs while the hand-off is under way, some with a variable changed."""
    rng = Random(9)
    system = CHIMNEY.system(REFERENCE, SMALL)
    reached = [m.state for _ in range(40) for m in run(system, SMALL, rng, 60)]
    ending = [world for world in reached if world.phase == TERMINATING]
    some = [*rng.sample(reached, 10), *rng.sample(ending, 15)]
    return [*(junk(SMALL, rng) for _ in range(8)), *some, *(mutated(world, rng) for world in some[:10])]


@pytest.mark.parametrize("name", sorted(seeded()))
def test_python_and_z3_agree_on_what_a_seeded_design_does_otherwise(name: str) -> None:
    rng = Random(name)
    actions = changed(seeded()[name])
    assert actions, "it is the reference"
    found: list[str] = []
    for action in actions:
        for instance in action.instances():
            step = Step.build(action, instance, template(SMALL))
            for world in states():
                found += step.differences(world, random_parameters(action, rng))
    assert not found, "\n".join(found[:5])


def test_the_reference_differs_from_itself_in_nothing() -> None:
    assert not changed(REFERENCE)
