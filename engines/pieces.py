"""Claims in pieces: each conjunct of each case is decided by itself, from the pieces that it needs.

A piece knows which variables it reads, so a step that writes none of them needs no query, and
a query has in it only what its piece can depend on (its cone of influence).
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import z3

from ..model.logic import And, Implies, Not, Or
from ..properties.property import Property
from .encode import Encoded, term

LARGE = 32
"""So many pieces of one place are worth a question of their own."""
MOST = 256
"""So many are asked together at most, so that what is asked does not grow with the world."""
STEPS = 24
"""So many stepwise pieces of one claim are asked at a time, where there are more."""


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
    stepwise: bool = False  # it follows from those of the same claim and place before it
    turn: int = 0  # how many of the same claim are at the same place before it

    @functools.cached_property
    def spot(self) -> tuple[str, ...]:
        """Where it is, by the numbers: ``connection 1`` and ``send buffer 0``."""
        parts = self.where.split(", ")
        return tuple(part for part in parts if part[-1:].isdigit()) or (parts[0],)

    @property
    def place(self) -> str:
        """Where it is at large: ``connection 1``."""
        return self.spot[0]

    @functools.cached_property
    def kind(self) -> tuple[str, ...]:
        """What is there: ``connection`` and ``send buffer``."""
        return tuple(part.rstrip("0123456789 ") for part in self.spot)

    @functools.cached_property
    def alike(self) -> tuple[object, ...]:
        """The same for the pieces that say the same of other spots."""
        return self.claim, self.kind, self.turn


class Pieces:
    """All pieces of some claims over one encoded system, in the order of the claims."""

    def __init__(self, encoded: Encoded, claims: Sequence[Property]) -> None:
        self.encoded = encoded
        self._claims = claims
        self._numbers: dict[tuple[str, ...], list[int]] = {}

    @functools.cached_property
    def every(self) -> list[Piece]:
        """All pieces, by number."""
        found: list[Piece] = []
        for claim in self._claims:
            turns: collections.Counter[str] = collections.Counter()
            for where, formula in _conjuncts(claim, self.encoded):
                reads, mark = self.encoded.reads(formula), z3.Bool(f"piece {len(found)}")
                assumed = z3.Implies(mark, formula)
                turn, turns[where] = turns[where], turns[where] + 1
                stepwise = claim.stepwise
                found.append(
                    Piece(len(found), claim.name, where, formula, reads, mark, assumed, stepwise, turn)
                )
        return found

    @functools.cached_property
    def of(self) -> dict[str, range]:
        """The numbers of the pieces of each claim."""
        sizes = collections.Counter(piece.claim for piece in self.every)
        ends = itertools.accumulate(sizes[claim.name] for claim in self._claims)
        return {c.name: range(end - sizes[c.name], end) for c, end in zip(self._claims, ends, strict=True)}

    def numbers(self, names: Iterable[str]) -> Sequence[int]:
        """The numbers of pieces by name (``chain.order#3``), or of all pieces of a claim."""
        key = tuple(names)  # every step asks for all the claims that are still alive
        if key not in self._numbers:
            self._numbers[key] = [number for name in key for number in self._named(name)]
        return self._numbers[key]

    def _named(self, name: str) -> Sequence[int]:
        claim, mark, number = name.partition("#")
        return [self.of[claim][int(number)]] if mark else self.of[claim]

    def names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The names of pieces."""
        return tuple(f"{self.every[n].claim}#{n - self.of[self.every[n].claim].start}" for n in numbers)

    def places(self, numbers: Iterable[int]) -> Iterator[list[int]]:
        """Pieces to be asked together: some steps of a claim that has many; those of some spots of one
        large place; those of all others.
        """
        every = self.every
        steps = _by((n for n in numbers if every[n].stepwise), lambda n: (every[n].claim, every[n].where))
        long = [some for some in steps.values() if len(some) > STEPS]
        for some in long:
            yield from (some[k : k + STEPS] for k in range(0, len(some), STEPS))
        apart = {n for some in long for n in some}
        found = _by((n for n in numbers if n not in apart), lambda n: every[n].place)
        for some in found.values():
            if len(some) >= LARGE:
                yield from _packed(_by(some, lambda n: self.every[n].spot).values())
        yield [n for some in found.values() if len(some) < LARGE for n in some]

    def earlier(self, targets: Collection[int]) -> list[int]:
        """The steps before the first of *targets*, where all of these are steps of one claim in one place."""
        one = {(p.claim, p.where) for p in map(self.every.__getitem__, targets) if p.stepwise}
        if len(one) != 1 or not all(self.every[n].stepwise for n in targets):
            return []
        ((claim, where),) = one
        return [n for n in self.of[claim] if n < min(targets) and self.every[n].where == where]

    def broken(self, after: Mapping[int, Any]) -> Any:
        """That one of some pieces does not hold, after a step, say; of stepwise ones, one as the first."""
        every = self.every
        steps = _by((n for n in after if every[n].stepwise), lambda n: (every[n].claim, every[n].where))
        numbered = ((k, n, some) for some in steps.values() for k, n in enumerate(some))
        first = [And(*(after[m] for m in some[:k]), Not(after[n])) for k, n, some in numbered]
        others = (formula for n, formula in after.items() if not every[n].stepwise)
        return term(Or(Not(And(*others)), *first))


def _by(numbers: Iterable[int], key: Callable[[int], Hashable]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for n in numbers:
        found.setdefault(key(n), []).append(n)
    return found


def _packed(groups: Iterable[list[int]]) -> Iterator[list[int]]:
    """Groups put together, as long as there are no more than MOST in one."""
    together: list[int] = []
    for group in groups:
        if together and len(together) + len(group) > MOST:
            yield together
            together = []
        together = together + group
    yield together


def _conjuncts(claim: Property, encoded: Encoded) -> Iterator[tuple[str, Any]]:
    for case in claim.cases(encoded.state):
        for conjunct in case.holds:
            whole = term(Implies(case.premise, conjunct.formula))
            for part in whole.children() if z3.is_and(whole) else [whole]:
                if not z3.is_true(part):
                    yield case.where, part
