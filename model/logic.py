"""One logic, two semantics: every function here takes Python ints and bools or Z3 terms.

The model is written once with these functions and the ordinary operators
(``+ - == < <=``). Called on Python values it runs; called on Z3 terms it builds
formulas. A concrete condition is folded away, so a model that is concrete in
places yields small formulas.

``and``, ``or``, ``not``, ``if`` and chained comparisons must not be used on
values that may be symbolic: Z3 raises when a term is used as a Python bool.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

SEQUENCE_SPACE = 2**32

Value = Any
"""A Python int or bool, or a Z3 term of sort Int or Bool."""


def is_symbolic(value: Value) -> bool:
    """Whether *value* is a Z3 term rather than a Python int or bool."""
    return not isinstance(value, (bool, int))


def _z3() -> Any:
    import z3

    return z3


def And(*parts: Value) -> Value:
    """Conjunction; with no parts, True."""
    rest = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            rest.append(part)
    if len(rest) < 2:
        return rest[0] if rest else True
    return _joined("Z3_mk_and", rest)


def Or(*parts: Value) -> Value:
    """Disjunction; with no parts, False."""
    rest = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            rest.append(part)
    if len(rest) < 2:
        return rest[0] if rest else False
    return _joined("Z3_mk_or", rest)


def _joined(make: str, parts: Sequence[Value]) -> Value:
    """A term over conditions, made without the checks that the solver's own ``And`` repeats for each part."""
    z3 = _z3()
    context = z3.main_ctx()
    terms = (z3.Ast * len(parts))(*(part.as_ast() for part in parts))
    return z3.BoolRef(getattr(z3, make)(context.ref(), len(parts), terms), context)


def Not(part: Value) -> Value:
    """Negation."""
    if not is_symbolic(part):
        return not part
    z3 = _z3()
    return z3.BoolRef(z3.Z3_mk_not(part.ctx_ref(), part.as_ast()), part.ctx)


def Implies(premise: Value, conclusion: Value) -> Value:
    """Implication."""
    return Or(Not(premise), conclusion)


def Iff(left: Value, right: Value) -> Value:
    """Both or neither; both sides are conditions."""
    return left == right


def all_of(parts: Iterable[Value]) -> Value:
    """Conjunction of an iterable."""
    return And(*parts)


def any_of(parts: Iterable[Value]) -> Value:
    """Disjunction of an iterable."""
    return Or(*parts)


def count(parts: Iterable[Value]) -> Value:
    """How many of the conditions hold."""
    return total(If(p, 1, 0) for p in parts)


def total(parts: Iterable[Value]) -> Value:
    """Sum of ints; 0 for none."""
    result: Value = 0
    for part in parts:
        result = part if _is_zero(result) else result if _is_zero(part) else result + part
    return result


def _is_zero(value: Value) -> bool:
    return not is_symbolic(value) and value == 0


def If(condition: Value, then: Value, otherwise: Value) -> Value:
    """Conditional on ints, bools, tuples and records (dataclasses), merged field by field."""
    if condition is True or then is otherwise:
        return then
    if condition is False:
        return otherwise
    if isinstance(then, tuple):
        return tuple(If(condition, t, o) for t, o in zip(then, otherwise, strict=True))
    if dataclasses.is_dataclass(then) and not isinstance(then, type):
        return _merge(condition, then, otherwise)
    return _if_scalar(condition, then, otherwise)


def _merge(condition: Value, then: Any, otherwise: Any) -> Any:
    names = [f.name for f in dataclasses.fields(then)]
    parts = {n: If(condition, getattr(then, n), getattr(otherwise, n)) for n in names}
    return type(then)(**parts)


def _if_scalar(condition: Value, then: Value, otherwise: Value) -> Value:
    if not is_symbolic(then) and not is_symbolic(otherwise):
        if then == otherwise:
            return then
        if isinstance(then, bool):
            return condition if then else Not(condition)
    z3 = _z3()
    context = z3.main_ctx()
    left, right = (value if is_symbolic(value) else _constant(value) for value in (then, otherwise))
    kind = z3.BoolRef if isinstance(left, z3.BoolRef) else z3.ArithRef
    made = z3.Z3_mk_ite(context.ref(), condition.as_ast(), left.as_ast(), right.as_ast())
    return kind(made, context)


@functools.lru_cache(maxsize=4096, typed=True)
def _constant(value: int | bool) -> Any:
    return _z3().BoolVal(value) if isinstance(value, bool) else _z3().IntVal(value)


def forget_constants() -> None:
    """Forget the terms that were made for constants: the solver begins anew."""
    _constant.cache_clear()


def Min(left: Value, right: Value) -> Value:
    """The smaller of two ints."""
    return If(left <= right, left, right)


def Max(left: Value, right: Value) -> Value:
    """The larger of two ints."""
    return If(left <= right, right, left)


def clamp(value: Value, low: Value, high: Value) -> Value:
    """*value* brought into [low, high]."""
    return Max(low, Min(value, high))


def pick(items: Sequence[Any], index: Value) -> Any:
    """``items[index]``; an index outside the sequence picks the last item, in both semantics."""
    if not is_symbolic(index):
        return items[index] if 0 <= index < len(items) else items[-1]
    result = items[-1]
    for k in range(len(items) - 2, -1, -1):
        result = If(index == k, items[k], result)
    return result


class _Picked:
    """An item of which each field is picked when it is read."""

    def __init__(self, items: Sequence[Any], index: Value) -> None:
        self._items, self._index = items, index

    def __getattr__(self, name: str) -> Any:
        return pick([getattr(item, name) for item in self._items], self._index)


def pick_to_read(items: Sequence[Any], index: Value) -> Any:
    """``pick(items, index)`` of records, to read fields of: those that are not read cost nothing."""
    return _Picked(items, index) if is_symbolic(index) else pick(items, index)


def put(items: tuple[Any, ...], index: Value, item: Any) -> tuple[Any, ...]:
    """*items* with *item* at *index*; an index outside the tuple changes nothing."""
    if not is_symbolic(index):
        if not 0 <= index < len(items):
            return items
        return (*items[:index], item, *items[index + 1 :])
    return tuple(If(index == k, item, old) for k, old in enumerate(items))


def modify(items: tuple[Any, ...], index: Value, change: Callable[[Any], Any]) -> tuple[Any, ...]:
    """*items* with ``change(item)`` at *index*: only the fields that it changes depend on the index."""
    if not is_symbolic(index):
        return put(items, index, change(items[index])) if 0 <= index < len(items) else items
    return tuple(If(index == k, change(old), old) for k, old in enumerate(items))


def serial(position: Value) -> Value:
    """The sequence number (mod 2^32) of an unbounded position."""
    return position % SEQUENCE_SPACE


def serial_difference(left: Value, right: Value) -> Value:
    """``left - right`` of two sequence numbers as RFC 1982 reads it: in [-2^31, 2^31)."""
    gap = serial(left - right)
    return If(gap < SEQUENCE_SPACE // 2, gap, gap - SEQUENCE_SPACE)
