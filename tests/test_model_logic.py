"""The logic: each function gives Python values for Python values, and the same through Z3."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
import z3

from chimneysweep.model import logic
from chimneysweep.model.logic import (
    And,
    If,
    Iff,
    Implies,
    Max,
    Min,
    Not,
    Or,
    all_of,
    any_of,
    clamp,
    count,
    total,
)

INTS = (-2, -1, 0, 1, 2, 5)
BOOLS = (False, True)


@dataclasses.dataclass(frozen=True)
class Pair:
    left: Any
    right: Any


def evaluated(value: Any) -> Any:
    """A closed Z3 term as a Python value; records and tuples field by field."""
    if isinstance(value, tuple):
        return tuple(evaluated(v) for v in value)
    if isinstance(value, Pair):
        return Pair(evaluated(value.left), evaluated(value.right))
    if not logic.is_symbolic(value):
        return value
    plain = z3.simplify(value)
    return plain.as_long() if z3.is_int_value(plain) else z3.is_true(plain)


@pytest.mark.parametrize(("p", "q"), list(itertools.product(BOOLS, BOOLS)))
def test_connectives(p: bool, q: bool) -> None:
    for left, right in itertools.product((p, z3.BoolVal(p)), (q, z3.BoolVal(q))):
        assert evaluated(And(left, right)) is (p and q)
        assert evaluated(Or(left, right)) is (p or q)
        assert evaluated(Implies(left, right)) is (not p or q)
        assert evaluated(Not(left)) is (not p)
        assert evaluated(all_of([left, right, True])) is (p and q)
        assert evaluated(any_of([left, right, False])) is (p or q)
        assert evaluated(count([left, right])) == p + q


def test_nothing_to_say() -> None:
    assert And() is True
    assert Or() is False
    assert count([]) == 0
    assert total([]) == 0


@pytest.mark.parametrize(("x", "y"), list(itertools.product(INTS, INTS)))
def test_arithmetic(x: int, y: int) -> None:
    for left, right in itertools.product((x, z3.IntVal(x)), (y, z3.IntVal(y))):
        assert evaluated(Min(left, right)) == min(x, y)
        assert evaluated(Max(left, right)) == max(x, y)
        assert evaluated(total([left, 0, right])) == x + y
        assert evaluated(clamp(left, 0, right)) == max(0, min(x, y))


@pytest.mark.parametrize("condition", BOOLS)
def test_if_merges_records_and_tuples(condition: bool) -> None:
    then, otherwise = Pair((1, True), 2), Pair((3, False), 2)
    expected = then if condition else otherwise
    assert If(condition, then, otherwise) == expected
    merged = If(z3.BoolVal(condition), then, otherwise)
    assert merged.right == 2, "a field that is the same on both sides does not depend on the condition"
    assert evaluated(merged) == expected


@pytest.mark.parametrize(("p", "q", "r"), list(itertools.product(BOOLS, BOOLS, BOOLS)))
def test_if_and_iff_on_conditions(p: bool, q: bool, r: bool) -> None:
    forms = [(v, z3.BoolVal(v)) for v in (p, q, r)]
    for condition, then, otherwise in itertools.product(*forms):
        assert evaluated(If(condition, then, otherwise)) is (q if p else r)
        assert evaluated(Iff(then, otherwise)) is (q is r)


@pytest.mark.parametrize(("x", "y"), list(itertools.product(INTS, INTS)))
def test_if_on_numbers(x: int, y: int) -> None:
    for condition, then, otherwise in itertools.product(BOOLS, (x, z3.IntVal(x)), (y, z3.IntVal(y))):
        assert evaluated(If(z3.BoolVal(condition), then, otherwise)) == (x if condition else y)


def test_if_folds_what_does_not_depend_on_the_condition() -> None:
    condition = z3.Bool("b")
    folded = If(condition, int("1000"), int("1000"))
    assert isinstance(folded, int)
    assert If(condition, True, False) is condition


def test_a_symbolic_condition_on_tuples_of_different_length_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        If(z3.Bool("b"), (1, 2), (1,))


ITEMS = (10, 20, 30)


@pytest.mark.parametrize("index", [-4, -1, 0, 1, 2, 3, 7])
def test_out_of_range_picks_the_last_and_puts_nothing(index: int) -> None:
    inside = 0 <= index < len(ITEMS)
    changed = tuple(99 if k == index else x for k, x in enumerate(ITEMS))
    doubled = tuple(2 * x if k == index else x for k, x in enumerate(ITEMS))
    for i in (index, z3.IntVal(index)):
        assert evaluated(logic.pick(ITEMS, i)) == (ITEMS[index] if inside else ITEMS[-1])
        assert evaluated(logic.put(ITEMS, i, 99)) == changed
        assert evaluated(logic.modify(ITEMS, i, lambda x: 2 * x)) == doubled


def test_a_symbolic_index_leaves_what_is_the_same_alone() -> None:
    old = (Pair(1, z3.Int("x")), Pair(2, z3.Int("y")))
    new = logic.modify(old, z3.Int("i"), lambda pair: dataclasses.replace(pair, left=0))
    assert new[0].right is old[0].right
    assert new[1].right is old[1].right


def test_a_python_if_on_a_term_raises() -> None:
    with pytest.raises(z3.Z3Exception):
        bool(z3.Int("x") < z3.Int("y"))
