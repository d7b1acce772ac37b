"""Serial-number comparison agrees with offset comparison while windows stay under 2^31: a bit-precise lemma.

The chain: a 32-bit machine's signed difference is the one number in [-2^31, 2^31) that is
congruent to the difference; the model's serial_difference is that number, too; and it is
the difference of the offsets, while that lies in the range. At 2^31 it is not.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import z3

from chimneysweep.model.logic import SEQUENCE_SPACE, serial, serial_difference
from chimneysweep.model.tcp.numbers import decode

HALF = 2**31
EDGES = (0, 1, 2, HALF - 1, HALF, HALF + 1, SEQUENCE_SPACE - 2, SEQUENCE_SPACE - 1)


def counterexample(*facts: Any) -> z3.ModelRef | None:
    """A model of all of *facts*; None if there is none."""
    solver = z3.Solver()
    solver.add(*facts)
    answer = solver.check()
    assert answer != z3.unknown
    return solver.model() if answer == z3.sat else None


def machine_difference(left: Any, right: Any) -> Any:
    """What ``(int32_t)(left - right)`` is for the low halves of two wide offsets, widened again."""
    short = z3.Extract(31, 0, left) - z3.Extract(31, 0, right)
    return z3.SignExt(left.size() - 32, short)


@pytest.mark.parametrize("width", [33, 34, 48])
def test_a_32_bit_machine_compares_as_offsets_do_below_half_the_space(width: int) -> None:
    isn, a, b = z3.BitVecs("isn a b", width)
    apart = a - b
    near = z3.And(apart > -HALF, apart < HALF)
    signed = machine_difference(isn + a, isn + b)
    assert counterexample(near, signed != apart) is None
    assert counterexample(near, (signed < 0) != (apart < 0)) is None


@pytest.mark.parametrize("width", [34, 48])
def test_at_exactly_half_the_space_it_does_not(width: int) -> None:
    isn, a, b = z3.BitVecs("isn a b", width)
    signed = machine_difference(isn + a, isn + b)
    assert counterexample(a - b == HALF, (signed < 0) != (a - b < 0)) is not None
    assert counterexample(a - b == HALF, signed == a - b) is None


def test_the_signed_difference_is_congruent_and_in_range() -> None:
    left, right = z3.BitVecs("l r", 40)
    signed = machine_difference(left, right)
    congruent = z3.Extract(31, 0, signed) == z3.Extract(31, 0, left - right)
    assert counterexample(z3.Not(z3.And(congruent, signed >= -HALF, signed < HALF))) is None


def test_so_is_the_models_and_there_is_only_one_such_number() -> None:
    left, right, other, times = z3.Ints("l r other times")
    gap = serial_difference(left, right)
    assert counterexample(z3.Not(z3.And(gap >= -HALF, gap < HALF))) is None
    assert counterexample((gap - (left - right)) % SEQUENCE_SPACE != 0) is None
    same = z3.And(other >= -HALF, other < HALF, other == gap + times * SEQUENCE_SPACE)
    assert counterexample(same, other != gap) is None


@pytest.mark.parametrize(("left", "right"), list(itertools.product(EDGES, EDGES)))
def test_on_the_edges_both_give_the_same_number(left: int, right: int) -> None:
    short = z3.BitVecVal(left, 32) - z3.BitVecVal(right, 32)
    assert serial_difference(left, right) == z3.simplify(short).as_signed_long()


def test_the_model_decodes_a_sequence_number_to_the_position_it_was_made_from() -> None:
    isn, here, there = z3.Ints("isn here there")
    decoded = decode(here, serial(isn + there), isn)
    near = z3.And(there - here >= -HALF, there - here < HALF)
    assert counterexample(near, decoded != there) is None
    assert counterexample(there - here == HALF, decoded == there) is None
    assert counterexample(there - here == -HALF - 1, decoded == there) is None


def test_wrap_around_is_within_the_lemma() -> None:
    position, isn = 10, SEQUENCE_SPACE - 3
    assert serial(isn + position) == 7
    assert decode(2, 7, isn) == position
