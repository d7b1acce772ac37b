"""The model is written once and runs twice: Python and Z3 must give the same answers.

Every action, the initial predicate and every property are evaluated on random states
(junk within the sorts, and states that runs reach) in both semantics.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest
import z3
from random_runs import first_state, junk, mutated, random_parameters, run
from two_semantics import Predicates, Step

from chimneysweep.model.chimney.state import World, world_size
from chimneysweep.model.chimney.world import initial
from chimneysweep.model.kernel import STUTTER, Action, Parameter, System
from chimneysweep.model.records import INT, domain, update
from chimneysweep.properties.chimney.chimney import CHIMNEY

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)
JUNK, RUNS, STEPS, PER_INSTANCE = 25, 12, 60, 50


@cache
def reference() -> System:
    return CHIMNEY.system("reference", SMALL)


@cache
def states() -> list[World]:
    """Junk, first states, states of runs, and the same with one variable changed."""
    rng = Random(20)
    found = [junk(SMALL, rng) for _ in range(JUNK)]
    for _ in range(RUNS):
        reached = [moment.state for moment in run(reference(), SMALL, rng, STEPS)]
        some = [reached[-1], *rng.sample(reached, min(3, len(reached)))]
        found += [*some, *(mutated(state, rng) for state in some)]
    return found


def disagreements(action: Action, template: World, worlds: list[World], seed: int = 7) -> list[str]:
    rng = Random(seed)
    found: list[str] = []
    for instance in action.instances():
        step = Step.build(action, instance, template)
        for world in rng.sample(worlds, min(PER_INSTANCE, len(worlds))):
            found += step.differences(world, random_parameters(action, rng))
    return found


NAMES = [action.name for action in CHIMNEY.system("reference", SMALL).actions]


@pytest.mark.parametrize("name", NAMES)
def test_python_and_z3_agree_on_every_action(name: str) -> None:
    found = disagreements(reference().action(name), reference().template, states())
    assert not found, "\n".join(found[:5])


@pytest.mark.parametrize("name", NAMES)
def test_python_and_z3_agree_on_the_steps_that_runs_take(name: str) -> None:
    rng = Random(f"run {name}")
    action = reference().action(name)
    steps = {tuple(i.items()): Step.build(action, i, reference().template) for i in action.instances()}
    taken = [m for m in _moments() if m.action == name]
    for moment in rng.sample(taken, min(10, len(taken))):
        instance = {k: v for k, v in moment.parameters.items() if _enumerated(action, k)}
        found = list(steps[tuple(instance.items())].differences(moment.state, moment.parameters))
        assert not found, "\n".join(found[:5])


def _enumerated(action: Action, name: str) -> bool:
    return any(p.name == name and p.enumerate for p in action.parameters)


@cache
def _moments() -> list[Any]:
    rng = Random(9)
    return [moment for _ in range(90) for moment in run(reference(), SMALL, rng, STEPS)]


def test_the_runs_take_every_action() -> None:
    missing = set(NAMES) - {moment.action for moment in _moments()}
    assert not missing, f"no run takes {sorted(missing)}: the comparison above says little about them"


def test_python_and_z3_agree_on_the_first_states() -> None:
    rng = Random(1)
    predicates = Predicates(reference().template, lambda s: {"initial": initial(s, reference().template)})
    firsts = [first_state(SMALL, rng) for _ in range(60)]
    assert all(initial(world, reference().template) for world in firsts)
    worlds = [*firsts, *(mutated(world, rng) for world in firsts), *states()]
    found = [d for world in worlds for d in predicates.differences(world)]
    assert not found, "\n".join(found[:5])
    assert not all(initial(world, reference().template) for world in worlds)


def test_runs_never_leave_the_sorts() -> None:
    for moment in _moments():
        assert domain(moment.state), moment


def _clumsy(value: Any) -> Any:
    return int(value) % 8 if isinstance(value, int) else value


def _flag(value: Any) -> Any:
    return value == 1 if isinstance(value, int) else z3.If(value == 1, 1, 0)


PLANTED = {
    "a modulus of either sign": lambda s, p: update(s, completions=7 % (2 * p.size - 9)),
    "a test of the type": lambda s, p: update(s, completions=_clumsy(p.size)),
    "a flag where a count is due": lambda s, p: update(s, completions=_flag(p.size)),
}


@pytest.mark.parametrize("what", PLANTED)
def test_an_action_whose_two_semantics_differ_is_caught(what: str) -> None:
    size = Parameter("size", INT)
    planted = Action("Planted", "nobody", (size,), lambda s, p: True, PLANTED[what])
    assert disagreements(planted, reference().template, states())


def test_stutter_is_always_possible_and_changes_nothing() -> None:
    for world in states():
        assert STUTTER.guard(world, None) is True
        assert STUTTER.effect(world, None) is world
