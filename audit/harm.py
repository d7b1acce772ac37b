"""Runs that keep a specification, or all of it but some clauses, and do harm."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from ..counterexamples.trace import Trace
from ..engines.bmc import Exhausted, ShortestRun
from ..engines.compliance import Compliance, CompliantSearch, Goal, inductive
from ..engines.effort import MILLION, Effort
from ..engines.encode import Encoded
from ..engines.tracing import TraceMaker
from ..model.logic import Not, any_of
from ..properties.property import Property
from .audited import Audited
from .places import reached
from .rules import restrained

SEARCH = 200 * MILLION
"""Work for one search."""
PROOF = 30 * MILLION
"""Work for one query of a proof."""


@dataclasses.dataclass(frozen=True)
class Bound:
    """No such run of up to ``depth`` steps; that is owed to the clauses in ``owed`` (and to the rules).

    ``reason`` says why the search ended sooner than it was to; "" if it did not.
    """

    depth: int
    owed: tuple[str, ...] = ()
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Harm:
    """What came of a search: a shortest run that breaks ``broken``, or how deep there is none."""

    trace: Trace | None
    bound: Bound
    broken: str = ""


class Harmful:
    """Searches for harm that the most general target does while it keeps what is demanded.

    *drop*: the clauses and rules that it need not keep; *instead*: what it has to keep in their place.
    """

    def __init__(
        self, audited: Audited, drop: Collection[str] = (), instead: Sequence[Property] = ()
    ) -> None:
        rules = [rule for rule in audited.rules if rule.name not in drop]
        self._audited = audited
        dropped = set(drop) - audited.added
        self._clauses = [*(c for c in audited.clauses if c.name not in dropped), *instead]
        self._search = CompliantSearch(Encoded(restrained(audited.general(), rules)))

    def search(self, goal: Sequence[str], depth: int, units: float) -> Harm:
        """A shortest run that keeps the clauses, and breaks one of *goal*; *units* of work."""
        wanted = [self._audited.find(name) for name in goal]
        found = self._search.shortest(
            self._clauses, lambda s: any_of(Not(g.holds(s)) for g in wanted), depth, Effort(units)
        )
        return _harm(self._search, self._audited, found, wanted)

    def comes_to(self, goal: Goal, depth: int, units: float) -> Harm:
        """A shortest run that keeps the clauses and the rules of the wire, and ends in a state of *goal*."""
        kept = (*self._clauses, *self._audited.whole.of_kind("rule"))
        found = self._search.shortest(kept, goal, depth, Effort(units))
        return _harm(self._search, self._audited, found, ())

    def proved(self, goal: Sequence[str], each: float) -> tuple[str, ...]:
        """What of *goal* no run breaks that keeps the clauses, whatever its length.

        By induction; *each* is the work for one query.
        """
        wanted = [self._audited.find(name) for name in goal]
        lemmas = self._audited.lemmas or self._audited.whole.of_kind("lemma")
        kept = inductive(self._search.encoded, self._clauses, [*lemmas, *wanted], each)
        return tuple(p.name for p in wanted if p in kept)


def harm(audited: Audited, goal: str, drop: str, depth: int, effort: float) -> Harm:
    """A shortest run that keeps every clause and every rule but *drop*, and breaks *goal*: a job."""
    return Harmful(audited, (drop,)).search((goal,), depth, effort * SEARCH)


def _harm(search: CompliantSearch, audited: Audited, found: Compliance, goal: Sequence[Property]) -> Harm:
    owed = tuple(claim.name for claim in found.asserted)
    outcome = found.outcome
    if isinstance(outcome, Exhausted):
        return Harm(None, Bound(outcome.depth, owed))
    if not isinstance(outcome, ShortestRun):
        return Harm(None, Bound(outcome.depth, owed, outcome.reason))
    system = search.encoded.system
    last = reached(system, audited.world, outcome).state
    tracer = TraceMaker(system, audited.world, audited.traced, system.name)
    broken = next((g for g in goal if not g.holds(last)), None)
    if broken is None:
        trace = tracer.reached(outcome)
        return Harm(trace, Bound(len(trace.steps) - 1, owed))
    trace = tracer.counterexample(outcome, broken)
    return Harm(trace, Bound(len(trace.steps) - 1, owed), broken.name)
