"""Many terms at once: the same as one by one, in their order."""

from __future__ import annotations

import pytest
import z3

from chimneysweep.engines.rawterms import (
    Assumptions,
    address,
    addresses,
    conjunction,
    constant_like,
    equation,
    replaced,
)


def test_a_conjunction_is_flat_and_in_order() -> None:
    x, y = z3.Ints("x y")
    parts = [x > 1, z3.And(x > 2, y > 2), z3.BoolVal(True), x > 1]
    whole = conjunction(parts)
    assert whole.eq(z3.And(*parts))
    assert addresses(whole) == [address(part) for part in parts]
    assert [child.sexpr() for child in conjunction(parts[:1]).children()] == ["(> x 1)"]


def test_what_is_assumed_is_what_the_answer_rests_on() -> None:
    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    x, marks = z3.Int("x"), {n: z3.Bool(f"mark {n}") for n in (7, 3, 5)}
    bounds = {7: x > 9, 3: x < 100, 5: x < 4}
    solver.add(conjunction([z3.Implies(marks[n], bounds[n]) for n in marks]).translate(context))
    assumed = Assumptions(context)
    assert assumed.check(solver) == z3.sat, "nothing is assumed yet"
    for n, mark in marks.items():
        assumed.add({n: mark})
    assert assumed.check(solver) == z3.unsat
    assert list(assumed.core(solver)) == [7, 5]
    assumed.keep(lambda n: n != 5)
    assert assumed.check(solver) == z3.sat


def test_what_is_made_by_address_is_what_the_solver_s_own_layer_makes() -> None:
    x, y, b = z3.Int("x"), z3.Int("y"), z3.Bool("b")
    assert constant_like(x, "@3").eq(z3.Int("x@3"))
    assert constant_like(b, "@3").eq(z3.Bool("b@3"))
    assert equation(x, y + 1).eq(x == y + 1)
    assert equation(b, x > 1).eq(b == (x > 1))
    formula, pairs = z3.And(x > 1, b), [(x, y + 1), (b, y > 2)]
    assert replaced(formula, pairs).eq(z3.substitute(formula, *pairs))
    assert replaced(formula, []) is formula
    with pytest.raises(z3.Z3Exception):
        replaced(formula, [(x, b)])
