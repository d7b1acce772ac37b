"""Many terms at once, by Z3's own functions.

A query has hundreds of premises, and Z3's Python layer takes longer over each than the solver does: so all
are put together, moved to another context, taken apart and assumed without an object of Python's for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import z3


def _array(terms: Sequence[int]) -> Any:
    return (z3.Ast * len(terms))(*terms)


def address(term: Any) -> int:
    """Where a term is: equal terms of one context are one."""
    return int(term.as_ast().value)


def conjunction(terms: Sequence[Any]) -> Any:
    """One application of `and` to all of the terms, of which there is at least one, in their order."""
    context = terms[0].ctx
    array = _array([address(each) for each in terms])
    return z3.BoolRef(z3.Z3_mk_and(context.ref(), len(terms), array), context)


def constant_like(term: Any, suffix: str) -> Any:
    """A constant of the same sort as the constant *term*, its name extended by *suffix*."""
    context = term.ctx.ref()
    node = term.as_ast()
    name = z3.Z3_get_symbol_string(context, z3.Z3_get_decl_name(context, z3.Z3_get_app_decl(context, node)))
    symbol = z3.Z3_mk_string_symbol(context, name + suffix)
    return type(term)(z3.Z3_mk_const(context, symbol, z3.Z3_get_sort(context, node)), term.ctx)


def equation(left: Any, right: Any) -> Any:
    """That two terms of one sort and context are equal."""
    made = z3.Z3_mk_eq(left.ctx.ref(), left.as_ast(), right.as_ast())
    return z3.BoolRef(made, left.ctx)


def replaced(formula: Any, pairs: Sequence[tuple[Any, Any]]) -> Any:
    """A formula in which the first term of each pair, a constant, is replaced by the second, of its sort."""
    if not pairs:
        return formula
    context = formula.ctx
    old, new = (_array([address(each) for each in side]) for side in zip(*pairs, strict=True))
    made = z3.Z3_substitute(context.ref(), formula.as_ast(), len(pairs), old, new)
    return z3.BoolRef(made, context)


def addresses(applied: Any) -> list[int]:
    """Where the arguments of an application are, in their order."""
    context, node = applied.ctx.ref(), applied.as_ast()
    count = z3.Z3_get_app_num_args(context, node)
    return [int(z3.Z3_get_app_arg(context, node, k).value) for k in range(count)]


class Assumptions:
    """The marks that a solver of *context* is to assume, by number."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._kept: list[Any] = []  # what keeps the marks alive
        self._marks: dict[int, int] = {}

    def add(self, marks: Mapping[int, Any]) -> None:
        """Marks of the main context, at least one, that are assumed from now on."""
        moved = conjunction(list(marks.values())).translate(self._context)
        self._kept.append(moved)
        self._marks |= dict(zip(marks, addresses(moved), strict=True))

    def keep(self, wanted: Callable[[int], bool]) -> None:
        """Assume no others than those whose number is wanted."""
        self._marks = {number: mark for number, mark in self._marks.items() if wanted(number)}

    def check(self, solver: Any) -> z3.CheckSatResult:
        """Whether what the solver knows can hold together with all of the marks."""
        marks = _array(list(self._marks.values()))
        context = self._context.ref()
        return z3.CheckSatResult(z3.Z3_solver_check_assumptions(context, solver.solver, len(marks), marks))

    def core(self, solver: Any) -> Iterator[int]:
        """The numbers of the marks on which it rests that the solver found no such state."""
        used = {address(mark) for mark in solver.unsat_core()}
        return (number for number, mark in self._marks.items() if mark in used)
