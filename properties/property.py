"""What a property is: a clause of the specification, a guarantee, or a lemma.

A property speaks of cases (each block, each connection, each buffer). In each case
the conjuncts must hold where the premise does. Written with :mod:`..model.logic`,
so it is checked on Z3 terms and on the Python values of a run alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from ..model.kernel import State
from ..model.logic import Implies, Value, all_of, any_of

Kind = Literal["clause", "guarantee", "rule", "refinement", "lemma"]
"""A sentence of the documents; what users are owed; a rule of the wire (RFC 9293 and its companions);
that a design is a refinement of the most general target; a helper."""


@dataclasses.dataclass(frozen=True)
class Conjunct:
    """One thing that must hold, in words, with the values that it speaks of."""

    says: str
    formula: Value
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Case:
    """One place where a property applies: ``connection 1, buffer 3``."""

    where: str
    premise: Value
    holds: tuple[Conjunct, ...]


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the specification (or an RFC) says it: file name and heading or step."""

    page: str
    heading: str = ""

    def __str__(self) -> str:
        return f"{self.page}, {self.heading}" if self.heading else self.page


@dataclasses.dataclass(frozen=True)
class Property:
    """A named invariant.

    ``reading`` names the reading of the sentence that this property takes; the default
    reading has none. ``impossible_with`` marks a literal reading that no target can keep
    together with the clauses named, and is itself checked.
    """

    id: str
    kind: Kind
    says: str
    source: Source
    cases: Callable[[State], Iterable[Case]]
    reading: str = ""
    impossible_with: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id, with the reading if it is not the default one: ``snd.specified@literal``."""
        return f"{self.id}@{self.reading}" if self.reading else self.id

    def holds(self, world: State) -> Value:
        """The invariant as one formula or truth value."""
        return all_of(Implies(c.premise, all_of(j.formula for j in c.holds)) for c in self.cases(world))

    def premise(self, world: State) -> Value:
        """Whether the property applies anywhere in this state."""
        return any_of(c.premise for c in self.cases(world))


@dataclasses.dataclass(frozen=True)
class Failure:
    """A conjunct that does not hold in a concrete state: where, what, and on which values."""

    where: str
    says: str
    values: Mapping[str, int | bool]


def failures(prop: Property, world: State) -> list[Failure]:
    """Every conjunct of *prop* that a concrete state breaks; empty if it holds."""
    found = []
    for case in prop.cases(world):
        if case.premise:
            broken = (j for j in case.holds if not j.formula)
            found += [Failure(case.where, j.says, dict(j.values)) for j in broken]
    return found
