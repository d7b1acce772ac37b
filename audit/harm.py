"""Runs that keep a specification, or all of it but some clauses, and do harm: one search a job.

Used by the questions that ask what the clauses are good for. A job is plain data, and a
worker process makes the specification again by name.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Callable, Sequence

from ..counterexamples.trace import Trace, run
from ..engines.bmc import POLISH, Exhausted, Found
from ..engines.compliance import Compliance, Search, inductive
from ..engines.encode import Encoded
from ..engines.tracing import Tracer
from ..model.bounds import Bounds
from ..model.logic import Not, any_of
from ..model.records import rebuild
from ..properties.property import Property
from .rules import Rule, restrained
from .situations import traced_subject
from .spec import Spec


@dataclasses.dataclass(frozen=True)
class Bound:
    """No such run of up to ``depth`` steps; that is owed to the clauses in ``owed`` (and to the rules).

    ``reason`` says why the search ended sooner than it was to; "" if it did not.
    """

    depth: int
    owed: tuple[str, ...] = ()
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Job:
    """Look for a run that keeps every clause and rule but those in ``drop``, and breaks one of ``goal``.

    ``timeout`` is in seconds a query, ``budget`` in all. ``rules`` False: only the clauses are kept.
    ``prove``: do not look for a run, but prove by induction that there is none. ``owed`` are clauses
    that are known to matter; ``polish`` are the seconds for making a run easy to read.
    """

    again: Callable[[], Spec]
    goal: tuple[str, ...]
    drop: tuple[str, ...] = ()
    rules: bool = True
    depth: int = 8
    timeout: float = 20.0
    budget: float = math.inf
    prove: bool = False
    owed: tuple[str, ...] = ()
    polish: float = POLISH


@dataclasses.dataclass(frozen=True)
class Harm:
    """What came of a job: a shortest run that breaks ``broken``, or how deep there is none.

    ``proved`` are the properties among the goals that no run breaks, whatever its length.
    """

    trace: Trace | None
    bound: Bound
    broken: str = ""
    seconds: float = 0.0
    proved: tuple[str, ...] = ()


def work(job: Job) -> Harm:
    """Do one job."""
    started = time.perf_counter()
    spec = _spec(job.again)
    rules = tuple(r for r in spec.rules if r.name not in job.drop) if job.rules else ()
    clauses = [c for c in spec.clauses if c.name not in job.drop]
    goal = [spec.find(name) for name in job.goal]
    search = searcher(job.again, tuple(r.name for r in rules), spec.bounds)
    if job.prove:
        kept = inductive(search.encoded, clauses, [*spec.lemmas, *goal], job.timeout)
        return Harm(None, Bound(-1), proved=tuple(p.name for p in goal if p in kept))
    found = search.shortest(
        clauses,
        lambda s: any_of(Not(g.holds(s)) for g in goal),
        job.depth,
        asserted=[c for c in clauses if c.name in job.owed],
        timeout=job.timeout,
        budget=job.budget,
        polish=job.polish,
    )
    harm = _harm(search, spec.bounds, found, goal)
    return dataclasses.replace(harm, seconds=time.perf_counter() - started)


def failed(reason: str) -> Harm:
    """The answer to a job that did not come to an end."""
    return Harm(None, Bound(-1, reason=reason))


@functools.lru_cache(maxsize=4)
def _spec(again: Callable[[], Spec]) -> Spec:
    return again()


@functools.lru_cache(maxsize=4)
def searcher(again: Callable[[], Spec], rules: tuple[str, ...], bounds: Bounds) -> Search:
    """The most general target under the rules named, encoded; kept for the next job."""
    spec = _spec(again)
    return Search(Encoded(restrained(spec.general(bounds), [spec.rule(name) for name in rules])))


def _harm(search: Search, bounds: Bounds, found: Compliance, goal: Sequence[Property]) -> Harm:
    owed = tuple(claim.name for claim in found.asserted)
    outcome = found.outcome
    if isinstance(outcome, Exhausted):
        return Harm(None, Bound(outcome.depth, owed))
    if not isinstance(outcome, Found):
        return Harm(None, Bound(outcome.depth, owed, f"the solver gave up ({outcome.reason})"))
    system = search.encoded.system
    _, last = run(system, rebuild(system.template, outcome.first), outcome.choices)
    broken = next(g for g in goal if not g.holds(last))
    trace = Tracer(system, bounds, traced_subject(system), system.name).counterexample(outcome, broken)
    return Harm(trace, Bound(len(trace.steps) - 1, owed), broken.name)


def breaks(
    spec: Spec,
    clauses: Sequence[Property],
    guarantee: Property,
    depth: int,
    budget: float,
    rules: Sequence[Rule] | None = None,
) -> Trace | Bound:
    """A shortest run of up to *depth* steps that keeps *clauses*, in any readings, and breaks *guarantee*.

    *budget* is in seconds; *rules* are those kept besides (None: all of *spec*).
    """
    kept = spec.rules if rules is None else tuple(rules)
    search = searcher(spec.again, tuple(r.name for r in kept), spec.bounds)
    found = search.shortest(clauses, lambda s: Not(guarantee.holds(s)), depth, timeout=budget, budget=budget)
    harm = _harm(search, spec.bounds, found, [guarantee])
    return harm.trace or harm.bound
