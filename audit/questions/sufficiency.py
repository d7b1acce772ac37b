"""Sufficiency: can a target that keeps every clause still lose, duplicate, reorder or leak something?

A target is kept from harm by the clauses and by rules (:mod:`..rules`): stated ones, which
are no hole, and proposed ones. With all of them, no run may break a guarantee; with one
proposal left out, a run that does is the hole that it closes.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping

from ...engines.encode import Encoded
from ...engines.pool import Workers
from ...engines.relevance import Relevance
from ..finding import Answer, Finding, Sound
from ..harm import Harm, Job, failed, work
from ..rules import Rule
from ..spec import Spec

DEPTH = 8
"""Steps: the longest harmful run that is looked for."""
WORKERS = 2
POLISH = 10.0
"""Seconds for making a run easy to read: enough to do all of it, so that it comes out the same each time."""

Note = Callable[[str], None]
Done = Mapping[Job, Harm]


def ask(spec: Spec, budget: float, note: Note) -> Answer:
    """Search for harm with every rule kept, and with each proposal left out."""
    started = time.monotonic()
    names = tuple(g.name for g in spec.guarantees)
    search = functools.partial(Job, spec.again, depth=DEPTH, timeout=budget, budget=budget, polish=POLISH)
    whole = {name: search((name,)) for name in names}
    holes = {rule.name: search((rule.guards,), drop=(rule.name,)) for rule in proposals(spec)}
    proof = Job(spec.again, names, timeout=5.0, budget=budget, prove=True)
    done: dict[Job, Harm] = {}
    jobs = [*whole.values(), *holes.values(), proof]
    with Workers(WORKERS, work, failed, fresh=True) as workers:
        for job, harm in workers.answers(jobs):
            done[job] = harm
            note(f"{len(done)} of {len(jobs)} searches, {_told(job, harm)}")
    kept = {name: done[job] for name, job in whole.items()}
    left_out = {name: done[job] for name, job in holes.items()}
    return Answer(
        "sufficiency",
        len(spec.clauses) + len(spec.rules),
        tuple(_findings(spec, kept, left_out)),
        tuple(_sound(spec, kept, done[proof].proved)),
        tuple(_undecided(spec, kept, left_out)),
        time.monotonic() - started,
    )


def proposals(spec: Spec) -> tuple[Rule, ...]:
    """The rules that nobody states."""
    return tuple(rule for rule in spec.rules if rule.source is None)


def _told(job: Job, harm: Harm) -> str:
    about = f"without {job.drop[0]}" if job.drop else job.goal[0] if len(job.goal) == 1 else "proofs"
    return f"{about}: {f'harm in {len(harm.trace.steps)} steps' if harm.trace else 'no harm'}"


def _findings(spec: Spec, kept: Mapping[str, Harm], left_out: Mapping[str, Harm]) -> Iterator[Finding]:
    for name, harm in kept.items():
        if harm.trace is not None:
            short = name.removeprefix("guarantee.").replace(".", "-")
            shows = f"every clause is kept, and {name} is broken in {len(harm.trace.steps)} steps"
            yield Finding(f"sufficiency.open-{short}", "sufficiency", (name,), shows, harm.trace)
    for rule in proposals(spec):
        harm = left_out[rule.name]
        if harm.trace is not None:
            shows = (
                f"every clause is kept, and {harm.broken} is broken in {len(harm.trace.steps)} steps; "
                f"what would close it: {rule.says}"
            )
            name = f"sufficiency.{rule.name.replace('.', '-')}"
            yield Finding(name, "sufficiency", (rule.name, harm.broken), shows, harm.trace)


def _sound(spec: Spec, kept: Mapping[str, Harm], proved: tuple[str, ...]) -> Iterator[Sound]:
    world = spec.bounds.show()
    stated = len(spec.rules) - len(proposals(spec))
    besides = f"{len(spec.clauses)} clauses, {stated} rules stated elsewhere, {len(proposals(spec))} proposed"
    for name, harm in kept.items():
        if name in proved:
            yield Sound(name, f"proved for any number of steps from {besides}; {world}")
        elif harm.trace is None and harm.bound.depth >= 0:
            owed = ", ".join(harm.bound.owed) or "the rules alone"
            rests = f"no run of up to {harm.bound.depth} steps breaks it, of a target that keeps {besides}"
            yield Sound(name, f"{rests}; {world}; owed to {owed}")
    for rule in spec.rules:
        if rule.source is not None:
            yield Sound(rule.says, f"stated ({rule.source}), and no clause formalises it: kept as a rule")


def _undecided(spec: Spec, kept: Mapping[str, Harm], left_out: Mapping[str, Harm]) -> Iterator[str]:
    for name, harm in (*kept.items(), *((f"without {n}", h) for n, h in left_out.items())):
        if harm.bound.reason:
            yield f"{name}: no harm in {harm.bound.depth} steps; {harm.bound.reason}"
    for name, harm in left_out.items():
        if harm.trace is None and not harm.bound.reason:
            yield f"the rule {name} is not needed in runs of up to {harm.bound.depth} steps"
    for name in unread(spec):
        yield f"{name}: the target passes it, and no clause and no guarantee reads it"


def unread(spec: Spec) -> list[str]:
    """What the target passes on and nobody reads: no property, no guard, no other variable."""
    encoded = Encoded(spec.general(spec.bounds))
    relevance = Relevance(encoded)
    read = {v for p in spec.properties for v in relevance.variables(encoded.claim(p))}
    written: set[int] = set()
    for instance, mark in zip(encoded.instances, relevance.footprints, strict=True):
        read |= mark.guard.union(*(reads - {v} for v, reads in mark.writes.items()))
        written |= mark.writes.keys() if instance.action.actor == "target" else set()
    names = {c.get_id(): v.name for c, v in zip(encoded.constants, encoded.variables, strict=True)}
    return sorted(n for n in (names[v] for v in written - read) if spec.passed(n))
