"""Property-directed reachability (Z3's Spacer): an invariant that nobody had to write.

Slow where induction with lemmas is quick, and of use on small instances, to see what
the lemmas lack. What Spacer calls an invariant is decided again, step by step, in fresh
solvers; what it calls reachable is left to the bounded search, which finds the run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import z3

from ..properties.property import Property
from .bmc import solver as fresh_solver
from .effort import MILLION, OUTER, RAN_OUT, Effort
from .encode import Encoded

OPTIONS = {
    "engine": "spacer",
    # What these take out of the rules is missing from the invariant.
    "xform.slice": False,
    "xform.inline_linear": False,
    "xform.inline_eager": False,
}

MOST = 100 * MILLION
"""Work for one property: some ten seconds, in which what it can decide is decided."""


@dataclasses.dataclass(frozen=True)
class Inductive:
    """The property holds: ``invariant`` (a term over the encoded constants) is inductive and implies it."""

    invariant: Any

    @property
    def conjuncts(self) -> tuple[str, ...]:
        """The invariant for a person, one conjunct after the other."""
        conjuncts = self.invariant.children() if z3.is_and(self.invariant) else [self.invariant]
        return tuple(" ".join(str(c).split()) for c in conjuncts)


@dataclasses.dataclass(frozen=True)
class Reachable:
    """Some run breaks the property. Which one is for the bounded search to tell."""


@dataclasses.dataclass(frozen=True)
class GaveUp:
    """Undecided, and why."""

    reason: str


Outcome = Inductive | Reachable | GaveUp


def decide(encoded: Encoded, prop: Property, effort: int = MOST) -> Outcome:
    """Look for an invariant that implies *prop*; *effort*: work for the search, in the solver's units."""
    fixedpoint = z3.Fixedpoint()
    fixedpoint.set(**OPTIONS)
    fixedpoint.set("rlimit", min(effort, 2**32 - 1))
    reached = _rules(fixedpoint, encoded)
    claim = encoded.claim(prop)
    try:
        answer = fixedpoint.query(z3.And(reached(*encoded.constants), z3.Not(claim)))
    except z3.Z3Exception as error:
        return GaveUp(RAN_OUT if "resource limit" in str(error) else str(error))
    if answer == z3.sat:
        return Reachable()
    if answer == z3.unknown:
        said = str(fixedpoint.reason_unknown())
        return GaveUp(RAN_OUT if "cancel" in said else said)
    invariant = z3.substitute_vars(fixedpoint.get_cover_delta(-1, reached), *encoded.constants)
    invariant = z3.simplify(z3.And(invariant, claim))
    doubt = next(doubts(encoded, invariant, claim), "")
    return GaveUp(f"its invariant does not stand: {doubt}") if doubt else Inductive(invariant)


def _rules(fixedpoint: Any, encoded: Encoded) -> Any:
    """The system as Horn clauses; returns the relation of reachable states."""
    constants = encoded.constants
    reached = z3.Function("reached", *(c.sort() for c in constants), z3.BoolSort())
    fixedpoint.register_relation(reached)
    fixedpoint.declare_var(*constants)
    fixedpoint.rule(reached(*constants), encoded.init)
    for instance in encoded.instances:
        if instance.free:
            fixedpoint.declare_var(*instance.free.values())
        after = (z3.substitute(c, *instance.changes) for c in constants)
        fixedpoint.rule(reached(*after), [reached(*constants), instance.guard])
    return reached


def doubts(encoded: Encoded, invariant: Any, claim: Any) -> Iterator[str]:
    """What a fresh solver holds against an invariant that is to be inductive and to imply *claim*."""
    steps = [(i.name, i.guard, z3.substitute(invariant, *i.changes)) for i in encoded.instances]
    for where, given, wanted in (
        ("the initial states", encoded.init, invariant),
        ("the property", invariant, claim),
        *((name, z3.And(invariant, guard), after) for name, guard, after in steps),
    ):
        query = fresh_solver(OUTER)
        query.add(given, z3.Not(wanted))
        answer = Effort(MOST).check(query)
        if answer != z3.unsat:
            yield f"{where}: {answer}"
