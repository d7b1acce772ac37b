"""Evaluates one definition twice: on Python values, and on Z3 terms with the same values put in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import z3

from chimneysweep.model.kernel import Action, arguments
from chimneysweep.model.logic import is_symbolic
from chimneysweep.model.records import BOOL, INT, Sort, Variable, rebuild, values, variables

Scalar = int | bool


def constant(name: str, sort: Sort) -> Any:
    """A Z3 constant for a variable."""
    return z3.Bool(name) if sort.kind == "bool" else z3.Int(name)


def term(value: Any, sort: Sort) -> Any:
    """A value as a Z3 term of its sort; a value of another type is an error of the model."""
    if is_symbolic(value):
        return value
    if isinstance(value, bool) is not (sort.kind == "bool"):
        raise TypeError(f"{value!r} stands where a {sort.kind} is due")
    return z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(value)


def plain(value: Any) -> Scalar:
    """A Z3 numeral or truth value as a Python one."""
    if z3.is_int_value(value):
        return int(value.as_long())
    if z3.is_true(value) or z3.is_false(value):
        return bool(z3.is_true(value))
    raise AssertionError(f"not evaluated: {value}")


class Formula:
    """Named Z3 terms over named constants, built once and evaluated often."""

    def __init__(self, constants: Sequence[tuple[Any, Sort]], terms: Mapping[str, Any]) -> None:
        self.names = list(terms)
        self.constants = constants
        sorts = [t.sort() for t in terms.values()]
        bundle = z3.Function("bundle", *sorts, z3.BoolSort())
        self.bundle = bundle(*terms.values())

    def at(self, chosen: Sequence[Scalar]) -> dict[str, Scalar]:
        """The terms with *chosen* put in for the constants."""
        pairs = [(c, term(v, s)) for (c, s), v in zip(self.constants, chosen, strict=True)]
        result = z3.simplify(z3.substitute(self.bundle, *pairs))
        return {name: plain(result.arg(k)) for k, name in enumerate(self.names)}


@dataclasses.dataclass
class Step:
    """One instance of an action, as a formula: its guard, and each variable that it may change."""

    action: Action
    instance: dict[str, int]
    variables: list[Variable]
    formula: Formula

    @staticmethod
    def build(action: Action, instance: dict[str, int], template: Any) -> Step:
        """The instance in the Z3 semantics."""
        names = variables(template)
        constants = [(constant(v.name, v.sort), v.sort) for v in names]
        free = {p.name: p.sort for p in action.parameters if p.name not in instance}
        chosen = {name: constant(f"p.{name}", sort) for name, sort in free.items()}
        state = rebuild(template, [c for c, _ in constants])
        p = arguments({**instance, **chosen})
        terms = {"the guard": term(action.guard(state, p), Sort("bool"))}
        after = values(action.effect(state, p))
        for variable, (before, sort), value in zip(names, constants, after, strict=True):
            if value is not before:
                terms[variable.name] = term(value, sort)
        constants += [(c, free[name]) for name, c in chosen.items()]
        return Step(action, instance, names, Formula(constants, terms))

    def differences(self, state: Any, parameters: Mapping[str, Scalar]) -> Iterator[str]:
        """What the two semantics disagree on in *state*."""
        chosen = {**parameters, **self.instance}
        p = arguments(chosen)
        before, after = values(state), values(self.action.effect(state, p))
        python: dict[str, Any] = {"the guard": self.action.guard(state, p)}
        python.update({v.name: x for v, x in zip(self.variables, after, strict=True)})
        free = [q.name for q in self.action.parameters if q.name not in self.instance]
        solver = {v.name: x for v, x in zip(self.variables, before, strict=True)}
        solver.update(self.formula.at([*before, *(chosen[name] for name in free)]))
        for name, value in python.items():
            if type(value) is not type(solver[name]) or value != solver[name]:
                yield f"{self.action.name} {chosen}: {name} is {value!r} in Python, {solver[name]!r} in Z3"


class Predicates:
    """Named truths and values of a state, in both semantics. ``read(state)`` names them."""

    def __init__(self, template: Any, read: Callable[[Any], Mapping[str, Any]]) -> None:
        constants = [(constant(v.name, v.sort), v.sort) for v in variables(template)]
        state = rebuild(template, [c for c, _ in constants])
        self.read = read
        self.formula = Formula(constants, {name: _lifted(value) for name, value in read(state).items()})

    @staticmethod
    def left_out(python: Mapping[str, Any], solver: Mapping[str, Any]) -> set[str]:
        """What Python may leave out: a case whose premise is false, with all that it says."""
        idle = [name for name, value in solver.items() if name not in python and value is False]
        return {n for n in solver if n not in python and any(n == i or n.startswith(f"{i}: ") for i in idle)}

    def differences(self, state: Any) -> Iterator[str]:
        """What the two semantics disagree on in *state*."""
        python, solver = self.read(state), self.formula.at(values(state))
        left_out = self.left_out(python, solver)
        if list(python) != [name for name in solver if name not in left_out]:
            yield f"{sorted(set(python) ^ set(solver))} stands in one semantics only, or elsewhere"
            return
        for name, value in python.items():
            if type(value) is not type(solver[name]) or value != solver[name]:
                yield f"{name} is {value!r} in Python, {solver[name]!r} in Z3"


def _lifted(value: Any) -> Any:
    return term(value, BOOL if isinstance(value, bool) else INT)
