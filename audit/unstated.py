"""What the clauses demand and no sentence states: inferred, so that the text has a hole there.

An inferred clause rests on a sentence about another moment, on a figure, on a permission, or on
nothing. What a target may do that keeps all that is stated is asked by leaving it out
(:mod:`.questions.necessity`). Several clauses and rules may say the same thing: they are left out
together, and where one says less of it that is stated, that stands in its place.
"""

from __future__ import annotations

from ..properties.property import Property
from .audited import Audited
from .rules import Inferred


def inferred(audited: Audited) -> tuple[Inferred, ...]:
    """What is declared, and every other clause that says of itself that it is inferred."""
    declared = audited.inferred
    implied = {name for each in declared for name in each.drops}
    rest = (c for c in audited.clauses if c.inferred and c.name not in implied)
    return (*declared, *(_alone(audited, clause) for clause in rest))


def _alone(audited: Audited, clause: Property) -> Inferred:
    guards = tuple(g.name for g in audited.guarantees)
    return Inferred(clause.name, clause.says, (clause.name,), guards, clause.inferred)
