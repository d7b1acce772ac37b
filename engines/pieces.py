"""Claims in pieces: each conjunct of each case is decided by itself, from the pieces that it needs.

A piece knows which variables it reads, so a step that writes none of them needs no query, and
a query has in it only what its piece can depend on (its cone of influence).
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import z3

from ..model.logic import Implies
from ..properties.property import Property
from .encode import Encoded, term

LARGE = 32
"""So many pieces of one place are worth a question of their own."""


@dataclasses.dataclass(frozen=True)
class Piece:
    """One conjunct of a case of a claim: *number* counts them over all claims."""

    number: int
    claim: str
    where: str
    formula: Any
    reads: frozenset[int]
    mark: Any  # a constant that stands for assuming the piece
    assumed: Any  # mark => formula

    @functools.cached_property
    def place(self) -> str:
        """The place that it is in, at large: ``connection 1`` of ``connection 1, send buffer 0``."""
        return self.where.partition(",")[0]

    @property
    def kind(self) -> str:
        """What sort of place that is: ``connection``."""
        return self.place.rstrip("0123456789 ")


class Pieces:
    """All pieces of some claims over one encoded system, in the order of the claims."""

    def __init__(self, encoded: Encoded, claims: Sequence[Property]) -> None:
        self.encoded = encoded
        self._claims = claims

    @functools.cached_property
    def every(self) -> list[Piece]:
        """All pieces, by number."""
        found: list[Piece] = []
        for claim in self._claims:
            for where, formula in _conjuncts(claim, self.encoded):
                reads, mark = self.encoded.reads(formula), z3.Bool(f"piece {len(found)}")
                assumed = z3.Implies(mark, formula)
                found.append(Piece(len(found), claim.name, where, formula, reads, mark, assumed))
        return found

    @functools.cached_property
    def of(self) -> dict[str, range]:
        """The numbers of the pieces of each claim."""
        sizes = collections.Counter(piece.claim for piece in self.every)
        ends = itertools.accumulate(sizes[claim.name] for claim in self._claims)
        return {c.name: range(end - sizes[c.name], end) for c, end in zip(self._claims, ends, strict=True)}

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The numbers of pieces by name (``chain.order#3``), or of all pieces of a claim."""
        found: list[int] = []
        for name in names:
            claim, mark, number = name.partition("#")
            found += [self.of[claim][int(number)]] if mark else self.of[claim]
        return found

    def names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The names of pieces."""
        return tuple(f"{self.every[n].claim}#{n - self.of[self.every[n].claim].start}" for n in numbers)

    def places(self, numbers: Iterable[int]) -> Iterator[list[int]]:
        """Pieces to be asked together: those of one large place, and those of all others."""
        found = collections.defaultdict(list)
        for n in numbers:
            found[self.every[n].place].append(n)
        yield from (some for some in found.values() if len(some) >= LARGE)
        yield [n for some in found.values() if len(some) < LARGE for n in some]


def _conjuncts(claim: Property, encoded: Encoded) -> Iterator[tuple[str, Any]]:
    for case in claim.cases(encoded.state):
        for conjunct in case.holds:
            whole = term(Implies(case.premise, conjunct.formula))
            for part in whole.children() if z3.is_and(whole) else [whole]:
                if not z3.is_true(part):
                    yield case.where, part
