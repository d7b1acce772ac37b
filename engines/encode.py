"""A system as Z3 terms: constants for the state, and one instance per action and enumerated index.

Effects are kept as terms over the present state, so an unchanged variable costs nothing:
an invariant after a step is the invariant with the changed variables substituted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import z3

from ..model.kernel import STUTTER, Action, System, arguments
from ..model.logic import And, Value, forget_constants
from ..model.records import Sort, Variable, rebuild, values
from ..properties.property import Property


def constant(variable: Variable, suffix: str = "") -> Any:
    """A fresh-named Z3 constant for a variable."""
    name = variable.name + suffix
    return z3.Bool(name) if variable.sort.kind == "bool" else z3.Int(name)


def term(value: Value) -> Any:
    """A value as a Z3 term, Python constants included."""
    if isinstance(value, bool):
        return z3.BoolVal(value)
    return z3.IntVal(value) if isinstance(value, int) else value


def inside(sort: Sort, value: Value) -> Value:
    """Whether a value lies within the bounds of its sort."""
    low = True if sort.low is None else value >= sort.low
    high = True if sort.high is None else value <= sort.high
    return And(low, high)


@dataclasses.dataclass(frozen=True)
class Instance:
    """One action with its enumerated parameters fixed.

    ``changes`` pairs each state constant that the effect changes with its new term.
    """

    action: Action
    fixed: dict[str, int]
    free: dict[str, Any]
    guard: Any
    changes: tuple[tuple[Any, Any], ...]

    @property
    def name(self) -> str:
        """``AckArrives(conn=1)``."""
        inner = ", ".join(f"{k}={v}" for k, v in self.fixed.items())
        return f"{self.action.name}({inner})" if inner else self.action.name

    def copied(self, context: Any) -> Instance:
        """The same in another context of the solver's."""
        free = {name: constant.translate(context) for name, constant in self.free.items()}
        changes = tuple((old.translate(context), new.translate(context)) for old, new in self.changes)
        return Instance(self.action, self.fixed, free, self.guard.translate(context), changes)


def _arity(context: Any, node: Any) -> int:
    return int(z3.Z3_get_app_num_args(context, node))


def fresh_context() -> None:
    """Begin a new main context of the solver: terms made before must not be used any more.

    What a solver finds depends on the order in which terms were made. After this it does not
    depend on what this process did before.
    """
    z3.z3._main_ctx = None
    forget_constants()


@contextlib.contextmanager
def copied(encoded: Encoded) -> Iterator[Encoded]:
    """The same system in a new main context, as long as this lasts: cheaper than to encode it again.

    A copy is the same each time, so what a solver finds there is, too.
    """
    before = z3.main_ctx()
    fresh_context()
    try:
        yield Encoded(encoded.system, encoded)
    finally:
        z3.z3._main_ctx = before
        forget_constants()


class Encoded:
    """A system over one set of Z3 constants. Terms belong to the main Z3 context of this process.

    *model*: the same system in another context, to be copied.
    """

    def __init__(self, system: System, model: Encoded | None = None) -> None:
        self.system = system
        self.variables = system.variables
        self.constants = [constant(v) for v in self.variables]
        self.state = rebuild(system.template, self.constants)
        self.init: Any = model.init.translate(z3.main_ctx()) if model else term(system.init(self.state))
        self._read: dict[int, frozenset[int]] = {}
        self._held: list[Any] = []  # what was read, so that no id in it is used again
        self.stutter = term(STUTTER.guard(self.state, arguments({})))
        self._claims: dict[str, Any] = {}
        self.instances: tuple[Instance, ...] = (
            tuple(instance.copied(z3.main_ctx()) for instance in model.instances)
            if model
            else tuple(
                self._instance(action, fixed) for action in system.actions for fixed in action.instances()
            )
        )

    def _instance(self, action: Action, fixed: dict[str, int]) -> Instance:
        free = {p.name: constant(Variable(p.name, p.sort), "?") for p in action.parameters if not p.enumerate}
        p = arguments({**fixed, **free})
        bounds = (inside(q.sort, free[q.name]) for q in action.parameters if q.name in free)
        guard = term(And(action.guard(self.state, p), *bounds))
        after = values(action.effect(self.state, p))
        changes = tuple(
            (old, term(new)) for old, new in zip(self.constants, after, strict=True) if new is not old
        )
        return Instance(action, fixed, free, guard, changes)

    @functools.cached_property
    def changes(self) -> tuple[tuple[tuple[int, Any, Any], ...], ...]:
        """For each instance, its changes with the AST ids of what they change."""
        return tuple(tuple((old.get_id(), old, new) for old, new in i.changes) for i in self.instances)

    @functools.cached_property
    def writes(self) -> tuple[frozenset[int], ...]:
        """For each instance, the constants (by AST id) that it changes."""
        return tuple(frozenset(key for key, _, _ in changes) for changes in self.changes)

    @functools.cached_property
    def sources(self) -> tuple[Mapping[int, frozenset[int]], ...]:
        """For each instance, what the new value of each constant that it changes reads."""
        return tuple({key: self.reads(new) for key, _, new in changes} for changes in self.changes)

    def reads(self, formula: Any) -> frozenset[int]:
        """The state constants (by AST id) that occur in a term."""
        key = formula.get_id()
        if key not in self._read:
            self._held.append(formula)
            self._read_below(formula.ctx.ref(), formula.as_ast())
        return self._read[key]

    def _read_below(self, context: Any, root: Any) -> None:
        """What *root* and every term below it reads, by Z3's C interface: a wrapper a term costs seconds."""
        todo = [(root, z3.Z3_get_ast_id(context, root))]
        while todo:
            node, key = todo[-1]
            if key in self._read:
                todo.pop()
                continue
            below = []
            if z3.Z3_get_ast_kind(context, node) == z3.Z3_APP_AST:
                children = (z3.Z3_get_app_arg(context, node, k) for k in range(_arity(context, node)))
                below = [(child, z3.Z3_get_ast_id(context, child)) for child in children]
            missing = [(child, number) for child, number in below if number not in self._read]
            if missing:
                todo += missing
                continue
            todo.pop()
            own = frozenset((key,)) if key in self._ids else frozenset()
            self._read[key] = own.union(*(self._read[number] for _, number in below))

    @functools.cached_property
    def _ids(self) -> frozenset[int]:
        return frozenset(c.get_id() for c in self.constants)

    def step_name(self, number: int) -> str:
        """The name of instance *number*; a negative number stands for the initial states."""
        return self.instances[number].name if number >= 0 else "the initial states"

    def formula(self, holds: Any) -> Any:
        """``holds(state)`` as a term over the constants."""
        return term(holds(self.state))

    def claim(self, prop: Property) -> Any:
        """What a property claims of the state, as a term; kept for the next query."""
        if prop.name not in self._claims:
            self._claims[prop.name] = self.formula(prop.holds)
        return self._claims[prop.name]

    def value(self, model: Any, terms: Sequence[Any]) -> list[int | bool]:
        """Concrete values of *terms* in a Z3 model, unconstrained ones included."""
        return [concrete(model.eval(t, model_completion=True)) for t in terms]


def concrete(value: Any) -> int | bool:
    """A Z3 numeral or truth value as a Python one. ValueError if it is neither."""
    if z3.is_true(value):
        return True
    if z3.is_false(value):
        return False
    if z3.is_int_value(value):
        return int(value.as_long())
    raise ValueError(f"not a value: {value}")
