"""Sufficiency: can a target that keeps every clause still lose, duplicate, reorder or leak something?

A target is kept from harm by the clauses and by rules (:mod:`..rules`): stated ones, which
are no hole, and proposed ones. With all of them, no run may break a guarantee; with one
proposal left out, a run that does is the hole that it closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engines.encode import Encoded
from ...engines.relevance import Relevance
from ..audited import Audited
from ..finding import Answer, Finding, Sound
from ..harm import PROOF, Bound, Harm, Harmful, harm
from ..jobs import Asks, Computation, Failed, Inquiry
from ..rules import Rule
from ..unstated import inferred

DEPTH = 8
"""Steps: the longest harmful run that is looked for."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.guarantees else "nothing says what the users are owed (no property is a guarantee)"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Search for harm with every rule kept, and with each proposal left out."""
    audited = inquiry.audited
    whole = {g.name: kept(g.name, inquiry.effort) for g in audited.guarantees if inquiry.wants(_open(g.name))}
    left_out = {r.name: _without(r, inquiry.effort) for r in proposals(audited) if inquiry.wants(_hole(r))}
    proof = Computation(proved, (inquiry.effort,), "what is kept in runs of any length")
    jobs = [*whole.values(), *left_out.values(), *(() if inquiry.only else (proof,))]
    done = yield jobs
    every = {name: result(done[job]) for name, job in whole.items()}
    holes = {name: result(done[job]) for name, job in left_out.items()}
    certain = done.get(proof, ())
    return Answer(
        "sufficiency",
        len(audited.clauses) + len(audited.rules),
        tuple(_findings(audited, every, holes)),
        tuple(_sound(audited, every, () if isinstance(certain, Failed) else certain)),
        tuple(_undecided(every, holes)),
        tuple(_remarks(audited, holes, [] if inquiry.only else unread(audited))),
    )


def kept(guarantee: str, effort: float) -> Computation:
    """The search for a run that keeps everything, and breaks a guarantee."""
    return Computation(harm, (guarantee, "", DEPTH, effort), f"runs that break {guarantee}")


def _without(rule: Rule, effort: float) -> Computation:
    return Computation(harm, (rule.guards, rule.name, DEPTH, effort), f"runs without {rule.name}")


def proved(audited: Audited, effort: float) -> tuple[str, ...]:
    """The guarantees that no run breaks, whatever its length."""
    return Harmful(audited).proved([g.name for g in audited.guarantees], effort * PROOF)


def result(done: Harm | Failed) -> Harm:
    """The result of a search, also of one that did not come to its end."""
    return Harm(None, Bound(-1, reason=done.reason)) if isinstance(done, Failed) else done


def proposals(audited: Audited) -> tuple[Rule, ...]:
    """The rules that nobody states, but for those that are inferred from what is stated."""
    implied = {name for each in inferred(audited) for name in each.drops}
    return tuple(rule for rule in audited.rules if rule.source is None and rule.name not in implied)


def _open(guarantee: str) -> str:
    return f"sufficiency.open-{guarantee.removeprefix('guarantee.').replace('.', '-')}"


def _hole(rule: Rule) -> str:
    return f"sufficiency.{rule.name.replace('.', '-')}"


def _findings(audited: Audited, every: Mapping[str, Harm], holes: Mapping[str, Harm]) -> Iterator[Finding]:
    for name, found in every.items():
        if found.trace is not None:
            shows = f"every clause is kept, and {name} is broken in {len(found.trace.steps)} steps"
            yield Finding(_open(name), "sufficiency", (name,), shows, found.trace)
    for name, found in holes.items():
        rule = audited.rule(name)
        if found.trace is not None:
            shows = (
                f"every clause is kept, and {found.broken} is broken in {len(found.trace.steps)} steps; "
                f"what would close it: {rule.says}"
            )
            yield Finding(_hole(rule), "sufficiency", (name, found.broken), shows, found.trace)


def _sound(audited: Audited, every: Mapping[str, Harm], proved: tuple[str, ...]) -> Iterator[Sound]:
    world = audited.world.show()
    stated = sum(rule.source is not None for rule in audited.rules)
    proposed = len(audited.rules) - stated
    besides = f"{len(audited.clauses)} clauses, {stated} rules stated elsewhere, {proposed} proposed"
    for name, found in every.items():
        if name in proved:
            yield Sound(name, f"proved for any number of steps from {besides}; {world}")
        elif found.trace is None and found.bound.depth >= 0:
            owed = ", ".join(found.bound.owed) or "the rules alone"
            rests = f"no run of up to {found.bound.depth} steps breaks it, of a target that keeps {besides}"
            yield Sound(name, f"{rests}; {world}; owed to {owed}")
    for rule in audited.rules:
        if rule.source is not None and every:
            yield Sound(rule.says, f"stated ({rule.source}), and no clause formalises it: kept as a rule")


def _undecided(every: Mapping[str, Harm], holes: Mapping[str, Harm]) -> Iterator[str]:
    for name, found in (*every.items(), *((f"without {n}", h) for n, h in holes.items())):
        if found.bound.reason:
            yield f"{name}: no harm in {found.bound.depth} steps; {found.bound.reason}"


def _remarks(audited: Audited, holes: Mapping[str, Harm], unread: list[str]) -> Iterator[str]:
    for name, found in holes.items():
        if found.trace is None and not found.bound.reason:
            guards = audited.rule(name).guards
            yield f"without the rule {name}, no run of up to {found.bound.depth} steps breaks {guards}"
    for name in unread:
        yield f"{name}: the target passes it, and no clause and no guarantee reads it"


def unread(audited: Audited) -> list[str]:
    """What the target passes on and nobody reads: no property, no guard, no other variable."""
    encoded = Encoded(audited.general())
    relevance = Relevance(encoded)
    rules = audited.whole.of_kind("clause", "guarantee", "rule")
    read = {v for p in rules for v in relevance.variables(encoded.claim(p))}
    written: set[int] = set()
    for instance, mark in zip(encoded.instances, relevance.footprints, strict=True):
        read |= mark.guard.union(*(reads - {v} for v, reads in mark.writes.items()))
        written |= mark.writes.keys() if instance.action.actor == "target" else set()
    names = {c.get_id(): v.name for c, v in zip(encoded.constants, encoded.variables, strict=True)}
    return sorted(names[v] for v in written - read)
