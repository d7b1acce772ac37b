"""Z3 terms as C: what is used twice is computed once, and what stands behind ``&&`` only if need be.

A constant's name is the C expression that reads it (``s->conns[0].peer.acked``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import z3

Show = Callable[[list[str]], str]
"""C of a term, from the C of its operands."""


class Untranslatable(Exception):
    """A term that the compiled monitor has no C for."""


def _between(sign: str) -> Show:
    return lambda parts: f"({f' {sign} '.join(parts)})"


ANY_NUMBER = {z3.Z3_OP_AND: "&&", z3.Z3_OP_OR: "||", z3.Z3_OP_ADD: "+", z3.Z3_OP_SUB: "-"}
PAIRS = {
    z3.Z3_OP_EQ: "==",
    z3.Z3_OP_IFF: "==",
    z3.Z3_OP_DISTINCT: "!=",
    z3.Z3_OP_LE: "<=",
    z3.Z3_OP_GE: ">=",
    z3.Z3_OP_LT: "<",
    z3.Z3_OP_GT: ">",
}
OTHERS: dict[tuple[int, int], Show] = {
    (z3.Z3_OP_TRUE, 0): lambda parts: "1",
    (z3.Z3_OP_FALSE, 0): lambda parts: "0",
    (z3.Z3_OP_NOT, 1): lambda parts: f"(!{parts[0]})",
    (z3.Z3_OP_UMINUS, 1): lambda parts: f"(-{parts[0]})",
    (z3.Z3_OP_ITE, 3): lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})",
    (z3.Z3_OP_MOD, 2): lambda parts: f"modulo({parts[0]}, {parts[1]})",
}


@dataclasses.dataclass(eq=False, slots=True)
class Term:
    """A term as C has it: what to write, with which operands; ``leaf`` is a constant's name."""

    show: Show
    parts: tuple[Term, ...]
    condition: bool
    leaf: str = ""
    joined: bool = False

    def conjuncts(self) -> Iterator[Term]:
        """The conditions that the term joins with "and", or itself."""
        if not self.joined:
            yield self
        for part in self.parts if self.joined else ():
            yield from part.conjuncts()


class Terms:
    """Takes over Z3 terms and Python values, each shared subterm once."""

    def __init__(self) -> None:
        self._known: dict[
            int, tuple[Any, Term]
        ] = {}  # the Z3 term is kept, since its id is only then its own

    def of(self, value: Any) -> Term:
        """A Z3 term, or a Python int or bool. Raises Untranslatable."""
        if isinstance(value, int):
            return Term(lambda parts: _number(int(value)), (), isinstance(value, bool))
        todo = [value]
        while todo:  # terms may be deeper than Python recurses
            node = todo[-1]
            missing = [c for c in node.children() if c.get_id() not in self._known]
            if missing:
                todo += missing
            else:
                self._known.setdefault(node.get_id(), (node, self._take(node)))
                todo.pop()
        return self._known[value.get_id()][1]

    def _take(self, value: Any) -> Term:
        kind, parts = value.decl().kind(), tuple(self._known[c.get_id()][1] for c in value.children())
        condition = bool(z3.is_bool(value))
        if kind == z3.Z3_OP_UNINTERPRETED and not parts:
            name = value.decl().name()
            return Term(lambda parts: name, (), condition, name)
        if kind == z3.Z3_OP_ANUM:
            number = value.as_long()
            return Term(lambda parts: _number(number), (), condition)
        sign = ANY_NUMBER.get(kind) or (PAIRS.get(kind) if len(parts) == 2 else None)
        show = _between(sign) if sign else OTHERS.get((kind, len(parts)))
        if show is None:
            raise Untranslatable(f"no C is known for {value.decl().name()} with {len(parts)} operands")
        return Term(show, parts, condition, joined=kind == z3.Z3_OP_AND)


def _number(value: int) -> str:
    return f"INT64_C({value})"


def below(terms: Iterable[Term]) -> list[Term]:
    """The terms and all that they are made of, each once, operands first."""
    found: dict[Term, None] = {}
    todo = list(terms)[::-1]
    while todo:
        missing = [part for part in todo[-1].parts if part not in found]
        if missing:
            todo += missing[::-1]
        else:
            found[todo.pop()] = None
    return list(found)


DEEPEST = 40
"""Levels of parentheses that a C expression may have; compilers take no more than some hundreds."""


class CBlock:
    """A block of C in which subterms that occur more than once have names, given in ``lines``.

    Within an *outer* scope, the names that it gave are used.
    """

    def __init__(self, terms: Iterable[Term], outer: CBlock | None = None) -> None:
        self._names: dict[Term, str] = dict(outer._names) if outer else {}
        self.lines: list[str] = []
        nodes = below(terms)
        uses: dict[Term, int] = {}
        for node in nodes:
            for part in node.parts:
                uses[part] = uses.get(part, 0) + 1
        depth: dict[Term, int] = {}
        for node in nodes:
            depth[node] = 1 + max((depth[p] for p in node.parts if p not in self._names), default=0)
            often = uses.get(node, 0) > 1 or depth[node] >= DEEPEST
            if often and node.parts and node not in self._names:
                name = f"t{len(self._names)}"
                self.lines.append(
                    f"const {'_Bool' if node.condition else 'int64_t'} {name} = {self.show(node)};"
                )
                self._names[node] = name

    def show(self, term: Term) -> str:
        """A term as a C expression."""
        return self._names.get(term) or term.show([self.show(part) for part in term.parts])
