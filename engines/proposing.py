"""Help for a proof that does not close: lemmas that nobody wrote.

First what is left of lemmas that fell: one may hold still where a variable of the state has a certain value.
Then what templates give (:mod:`.templates`); then what they give where two variables have a value each.
Candidates that a reachable state contradicts (:mod:`.samples`) are not asked about. What induction does not
preserve is dropped until nothing falls (:mod:`.invariant`), and of what is left so much is kept as the proof
of what is wanted needs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

from ..model.kernel import State
from ..model.logic import Implies, Value
from ..properties.property import Case, Conjunct, Property, Source
from ..properties.subject import Subject
from .encode import Encoded, fresh_context
from .engine import Budget, Problem
from .invariant import Candidate
from .samples import reachable
from .templates import Formula, candidates, compiled, conditions, scopes
from .verdict import Dropped
from .worker import Bench, Job


@dataclasses.dataclass(frozen=True)
class Proposal:
    """A lemma that is proposed: a template's formula, or what is left of a lemma that fell (by its name)."""

    formula: Formula
    fell: str = ""


@dataclasses.dataclass(frozen=True)
class Open:
    """What is not proved: of which *subject*, by name, with what fell; ``bench`` does the jobs."""

    subject: Subject
    pattern: Job
    wanted: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    budget: Budget
    bench: Callable[[Sequence[Property]], Bench]


def propose(open_: Open) -> list[Proposal] | None:
    """Lemmas with which what is wanted is inductive, few of them; None if none that are tried would do."""
    system = open_.bench(()).system
    fresh_context()
    enough = open_.subject.enough or open_.subject.bounds
    first = open_.subject.first(system.template) if open_.pattern.bounds.hold(enough) else None
    states = reachable(Encoded(system), first)
    best: tuple[int, list[Proposal]] | None = None
    for kind in (_left, _templates, _two_choices):
        found = _helpful(open_, list(kind(open_, states)))
        if found and (best is None or found[0] > best[0]):
            best = found
        if best and best[0] == len(open_.wanted):
            break
    return best[1] if best else None


def _left(open_: Open, states: Sequence[State]) -> Iterator[Proposal]:
    """Each lemma that fell, where something has a value; those that no state contradicts."""
    scope = next(scopes(states[0]))
    for lost in open_.dropped:
        lemma = open_.subject.find(lost.name)
        kept = [bool(lemma.holds(state)) for state in states] if lemma.kind == "lemma" else []
        for when in conditions(scope, states) if kept else ():
            here = compiled(when)
            there = [holds for state, holds in zip(states, kept, strict=True) if here(state)]
            if there and all(there) and len(there) < len(kept):
                yield Proposal(Formula(scope, when, ""), lost.name)


def _templates(open_: Open, states: Sequence[State]) -> Iterator[Proposal]:
    for scope in scopes(states[0]):
        yield from (Proposal(formula) for formula in candidates(scope, scope.rows(states)))


def _two_choices(open_: Open, states: Sequence[State]) -> Iterator[Proposal]:
    for scope in scopes(states[0]):
        more = candidates(scope, scope.rows(states), two_choices=True)
        yield from (Proposal(formula) for formula in more)


def _helpful(open_: Open, proposals: Sequence[Proposal]) -> tuple[int, list[Proposal]] | None:
    """Of how much that is wanted *proposals* help with the proof, and those that it needs; None if it needs
    others.
    """
    known = {f"lemma.proposed-{n}": p for n, p in enumerate(proposals)}
    claims = (*open_.subject.properties, *(as_lemma(name, p, open_.subject) for name, p in known.items()))
    problem = Problem(open_.bench(()).system, claims, open_.pattern, open_.bench(claims))
    alive = [p.name for p in claims if not p.reading]
    alive = _settled(problem, alive, alive, open_.budget).alive
    wanted = [name for name in open_.wanted if name in alive]
    if not wanted:
        return None
    needed = _settled(problem, alive, wanted, open_.budget).certificate
    kept = sorted((name for name in needed if name in known), key=lambda name: known[name].formula.size)
    others = [name for name in alive if name not in known]
    for name in reversed(kept):  # the longest first
        fewer = [n for n in kept if n != name]
        tried = _settled(problem, [*others, *fewer], wanted, open_.budget, first=True)
        if not {*wanted} & tried.dropped.keys():
            kept = fewer
    return len(wanted), [known[name] for name in kept]


def _settled(
    problem: Problem, alive: Sequence[str], wanted: Sequence[str], budget: Budget, *, first: bool = False
) -> Candidate:
    job = problem.job("step", budget, sparing=len(wanted) < len(alive))
    candidate = Candidate(job, alive, wanted, problem.instances)
    candidate.settle(problem.asks, first=first)
    return candidate


def as_lemma(name: str, proposal: Proposal, subject: Subject) -> Property:
    """A proposal as a property of *subject*."""
    if proposal.fell:
        when, fell = compiled(proposal.formula.when), subject.find(proposal.fell)

        def formula(s: State) -> Value:
            return Implies(when(s), fell.holds(s))
    else:
        formula = compiled(proposal.formula.code)

    return Property(
        name, "lemma", name, Source("proposed"), lambda s: [Case("", True, (Conjunct(name, formula(s)),))]
    )
