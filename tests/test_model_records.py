"""Records: flat and nested views agree."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_runs import junk

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import template, world_size
from chimneysweep.model.records import (
    BOOL,
    INT,
    between,
    differ,
    enum,
    equal,
    rebuild,
    update,
    values,
    variables,
)

SIZES = st.builds(
    Bounds,
    buffers=st.integers(1, 4),
    blocks=st.integers(1, 4),
    connections=st.integers(1, 3),
    requests=st.integers(0, 2),
)


@given(SIZES, st.integers(0, 2**32))
def test_flatten_and_rebuild_are_inverse(bounds: Bounds, seed: int) -> None:
    world = junk(bounds, Random(seed))
    flat = values(world)
    assert rebuild(template(bounds), flat) == world
    assert values(rebuild(template(bounds), range(len(flat)))) == list(range(len(flat)))


@given(SIZES)
def test_names_are_unique_and_lead_to_the_value(bounds: Bounds) -> None:
    world = template(bounds)
    names = [v.name for v in variables(world)]
    assert len(set(names)) == len(names) == len(values(world))
    numbered = rebuild(world, range(len(names)))
    for k, name in enumerate(names):
        assert eval(f"world.{name}", {"world": numbered}) == k


@given(SIZES)
def test_the_blank_state_is_within_the_sorts(bounds: Bounds) -> None:
    world = template(bounds)
    for variable, value in zip(variables(world), values(world), strict=True):
        assert variable.sort.contains(value), variable


@pytest.mark.parametrize("off", [-1, 1])
def test_a_wrong_number_of_values_is_refused(off: int) -> None:
    world = template(world_size(1, 1, 1, 1))
    flat = [0] * (len(values(world)) + off)
    with pytest.raises((ValueError, StopIteration, RuntimeError)):
        rebuild(world, flat)


def test_sorts_tell_bools_from_ints() -> None:
    assert BOOL.contains(True)
    assert not BOOL.contains(1)
    assert not INT.contains(True)
    assert between(0, 3).contains(3)
    assert not between(0, 3).contains(4)
    assert not between(0).contains(-1)


def test_enums_show_their_labels() -> None:
    colour = enum("red", "green")
    assert (colour.low, colour.high) == (0, 1)
    assert [colour.show(0), colour.show(1), colour.show(2)] == ["red", "green", "2"]
    assert BOOL.show(True) == "true"
    assert INT.show(-1) == "-1"


def test_update_changes_a_copy() -> None:
    world = template(world_size(1, 1, 1, 1))
    assert update(world, phase=2).phase == 2
    assert world.phase == 0


def test_two_records_differ_where_any_value_does() -> None:
    world = template(world_size())
    conns = world.conns
    other = update(world, conns=(update(conns[0], total=conns[0].total + 1), *conns[1:]))
    assert not differ(world, update(world, conns=tuple(update(conn) for conn in conns)))
    assert differ(world, other)
    assert not equal(world, other)
