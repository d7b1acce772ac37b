"""The kernel: instances, look-up, and a transition relation that is total."""

from __future__ import annotations

from random import Random

import pytest
from random_runs import junk

from chimneysweep.model.chimney.state import template, world_size
from chimneysweep.model.kernel import STUTTER, Action, Parameter, System, arguments
from chimneysweep.model.records import INT, between, update, values, variables
from chimneysweep.properties.chimney.chimney import CHIMNEY

SMALL = world_size(buffers=2, blocks=3, connections=2, requests=1)


def reference() -> System:
    return CHIMNEY.system("reference", SMALL)


def _ones(action: Action) -> dict[str, int]:
    return {p.name: 1 for p in action.parameters}


def test_instances_enumerate_indices_and_nothing_else() -> None:
    row, column = (Parameter(n, between(0, k), enumerate=True) for n, k in (("row", 1), ("column", 2)))
    free = Parameter("length", INT)
    action = Action("Point", "host", (row, free, column), lambda s, p: True, lambda s, p: s)
    found = [tuple(instance.items()) for instance in action.instances()]
    assert found == [(("row", r), ("column", c)) for r in range(2) for c in range(3)]


def test_an_action_without_indices_has_one_instance() -> None:
    assert list(STUTTER.instances()) == [{}]


def test_an_unknown_action_names_those_there_are() -> None:
    with pytest.raises(KeyError, match="MiniportTerminateOffload"):
        reference().action("NoSuchAction")


def test_action_names_are_unique_and_their_sentences_can_be_filled_in() -> None:
    system = reference()
    assert len({action.name for action in system.actions}) == len(system.actions)
    for action in system.actions:
        assert action.says.format(**{p.name: 0 for p in action.parameters}), action.name


def test_the_transition_relation_is_total() -> None:
    """Whatever the state, the system may stutter; where no action is possible that is all it may do."""
    rng = Random(2)
    system, stuck = reference(), 0
    for _ in range(40):
        world = junk(SMALL, rng)
        assert STUTTER.guard(world, arguments({})) is True
        assert STUTTER.effect(world, arguments({})) == world
        stuck += not any(a.guard(world, arguments(_ones(a))) for a in system.actions)
    assert stuck, "no state in which stuttering matters was tried"


def test_an_effect_is_a_state_of_the_same_shape() -> None:
    rng = Random(3)
    system = reference()
    names = variables(template(SMALL))
    for action in system.actions:
        for instance in action.instances():
            chosen = _ones(action) | instance
            after = action.effect(junk(SMALL, rng), arguments(chosen))
            assert variables(after) == names, action.name
            assert len(values(after)) == len(names)


def test_nothing_happens_after_everything_came_to_rest() -> None:
    rng = Random(4)
    for action in reference().actions:
        for instance in action.instances():
            chosen = _ones(action) | instance
            world = junk(SMALL, rng)
            quiet = update(world, quiescent=True)
            assert action.guard(quiet, arguments(chosen)) is False
