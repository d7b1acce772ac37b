"""The other encoding: the same formulas over bit-vectors instead of integers.

Formulas are built over integers and then translated term by term, so that both encodings
have the same structure, the same pruning and the same names. Two's complement of 40 bits
holds every value of the model as long as streams stay below 2^36 bytes, which is stated
as an assumption; `mod 2^32` becomes a mask.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Iterable
from typing import Any

import z3

from chimneysweep.engines.encode import Encoded, Instance
from chimneysweep.properties.property import Property

WIDTH = 40
REACH = 2**36
CHOICE = 2**31

OPERATIONS: dict[int, Callable[..., Any]] = {
    z3.Z3_OP_ADD: lambda *parts: functools.reduce(operator.add, parts),
    z3.Z3_OP_SUB: lambda *parts: functools.reduce(operator.sub, parts),
    z3.Z3_OP_UMINUS: operator.neg,
    z3.Z3_OP_MUL: operator.mul,
    z3.Z3_OP_LE: operator.le,
    z3.Z3_OP_LT: operator.lt,
    z3.Z3_OP_GE: operator.ge,
    z3.Z3_OP_GT: operator.gt,
    z3.Z3_OP_EQ: operator.eq,
    z3.Z3_OP_DISTINCT: z3.Distinct,
    z3.Z3_OP_ITE: z3.If,
    z3.Z3_OP_AND: z3.And,
    z3.Z3_OP_OR: z3.Or,
    z3.Z3_OP_NOT: z3.Not,
    z3.Z3_OP_IMPLIES: z3.Implies,
}


class Translation:
    """Terms over integers as terms over bit-vectors of one width."""

    def __init__(self, width: int = WIDTH) -> None:
        self.width = width
        self._known: dict[int, tuple[Any, Any]] = {}  # the term is kept, so that its id stays its own

    def __call__(self, term: Any) -> Any:
        key = term.get_id()
        if key not in self._known:
            self._known[key] = (term, self._translate(term))
        return self._known[key][1]

    def _translate(self, term: Any) -> Any:
        if z3.is_int_value(term):
            return z3.BitVecVal(term.as_long(), self.width)
        if not term.num_args():
            return term if z3.is_bool(term) else z3.BitVec(term.decl().name(), self.width)
        kind = term.decl().kind()
        if kind == z3.Z3_OP_MOD:
            return self._modulo(*term.children())
        if kind == z3.Z3_OP_PB_AT_MOST:
            return z3.AtMost(*term.children(), term.params()[0])
        return OPERATIONS[kind](*(self(child) for child in term.children()))

    def _modulo(self, left: Any, right: Any) -> Any:
        divisor = right.as_long()
        if divisor & (divisor - 1):
            raise ValueError(f"modulo {divisor} is no mask")
        return self(left) & z3.BitVecVal(divisor - 1, self.width)

    def within(self, terms: Iterable[Any], reach: int) -> list[Any]:
        """The assumption that translated numbers lie within *reach* of zero."""
        numbers = [self(t) for t in terms if z3.is_int(t)]
        return [z3.And(n >= -reach, n <= reach) for n in numbers]


class BitVectors:
    """An encoded system over bit-vectors, as far as Spacer looks at one.

    A step that would leave the range is no step: the assumption again.
    """

    def __init__(self, encoded: Encoded) -> None:
        self._encoded = encoded
        self._bits = Translation()
        self.constants = [self._bits(c) for c in encoded.constants]
        self.init = self._bits(encoded.init)
        self.instances = tuple(self._instance(i) for i in encoded.instances)

    def _instance(self, instance: Instance) -> Instance:
        bits = self._bits
        limits = bits.within(instance.free.values(), CHOICE)
        limits += bits.within((new for _, new in instance.changes), REACH)
        return dataclasses.replace(
            instance,
            free={name: bits(c) for name, c in instance.free.items()},
            guard=z3.And(bits(instance.guard), *limits),
            changes=tuple((bits(old), bits(new)) for old, new in instance.changes),
        )

    def claim(self, prop: Property) -> Any:
        """What a property claims, over bit-vectors."""
        return self._bits(self._encoded.claim(prop))
