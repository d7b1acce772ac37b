"""Every property says the same of a state in Python as in Z3: as a whole, in each case, and in each value."""

from __future__ import annotations

import dataclasses
from functools import cache
from random import Random
from typing import Any

import pytest
from random_runs import junk, mutated, run
from two_semantics import Predicates

from chimneysweep.model.chimney.state import COMPLETED, TERMINATING, World, template, world_size
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Case, Conjunct, Property

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)


@cache
def worlds() -> list[World]:
    """Junk, states of runs, and late states of runs with many variables changed."""
    rng = Random(4)
    system = CHIMNEY.system("reference", SMALL)
    runs = [[m.state for m in run(system, SMALL, rng, 60)] for _ in range(40)]
    filled = [w for states in runs for w in states if w.phase == TERMINATING and w.filled]
    handed = [w for states in runs for w in states if w.phase == COMPLETED]
    late = [*rng.choices(filled, k=300), *rng.choices(handed, k=300)]
    changed = [mutated(w, rng, 12, wild=k % 3 == 0) for k, w in enumerate(late)]
    reached = [w for states in runs for w in rng.sample(states, min(2, len(states)))]
    return [*(junk(SMALL, rng) for _ in range(20)), *reached, *changed]


def readings(prop: Property, world: World) -> dict[str, Any]:
    """Everything that a property says of a state, by name."""
    found = {"holds": prop.holds(world), "premise": prop.premise(world)}
    for case in prop.cases(world):
        place = "; ".join((case.where, *(conjunct.says for conjunct in case.holds)))
        place += "+" * sum(name.rstrip("+") == place for name in found)
        found[place] = case.premise
        for conjunct in case.holds:
            found[f"{place}: {conjunct.says}"] = conjunct.formula
            for name, value in conjunct.values.items():
                found[f"{place}: {conjunct.says}: {name}"] = value
    return found


def chosen(prop: Property) -> list[World]:
    """Some states in which the property holds, and some in which it does not."""
    rng = Random(prop.name)
    found = []
    for truth in (True, False):
        some = [world for world in worlds() if prop.holds(world) is truth]
        found += rng.sample(some, min(12, len(some)))
    return found


def disagreements(prop: Property) -> list[str]:
    predicates = Predicates(template(SMALL), lambda s: readings(prop, s))
    return [d for world in chosen(prop) for d in predicates.differences(world)]


@pytest.mark.parametrize("name", [prop.name for prop in CHIMNEY.properties])
def test_python_and_z3_agree_on_every_property(name: str) -> None:
    found = disagreements(CHIMNEY.find(name))
    assert not found, "\n".join(found[:5])


def _signed(world: World) -> list[Case]:
    odd = world.root_back % (2 * world.completions - 9)
    return [Case("anywhere", True, (Conjunct("the remainder is small", odd < 3),))]


def test_a_property_whose_two_semantics_differ_is_caught() -> None:
    planted = dataclasses.replace(CHIMNEY.properties[0], id="planted", cases=_signed)
    assert disagreements(planted)


def test_most_properties_hold_in_some_of_these_states_and_fail_in_others() -> None:
    """Were they constant over the states, the comparison would say little about them."""
    truths = {prop.name: {prop.holds(world) for world in worlds()} for prop in CHIMNEY.properties}
    constant = [name for name, truth in truths.items() if truth != {True, False}]
    assert len(constant) * 9 <= len(truths), constant
