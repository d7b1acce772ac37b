"""Induction on claims, as the tests ask for it: by name, one system at a time."""

from __future__ import annotations

from collections.abc import Sequence

from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.induction import START, Induction, Limits, Obstacle, Steps, confirmed
from chimneysweep.engines.pieces import Pieces
from chimneysweep.engines.verdict import Dropped
from chimneysweep.engines.worker import Job, JobAnswer
from chimneysweep.properties.property import Property

NUMBERS = Limits()


def numbers(encoded: Encoded) -> range:
    """Every instance, and the initial states."""
    return range(START, len(encoded.instances))


def stepped(
    encoded: Encoded, support: Sequence[Property], claims: Sequence[Property], number: int
) -> tuple[Pieces, Steps]:
    """What one instance does to *claims*, given *support*."""
    every = list({c.name: c for c in (*support, *claims)}.values())
    pieces = Pieces(encoded, every)
    targets = pieces.numbers(c.name for c in claims)
    return pieces, Induction(pieces, Limits()).step(number, targets, pieces.numbers(c.name for c in support))


def fallen(
    encoded: Encoded, support: Sequence[Property], claims: Sequence[Property], number: int
) -> set[str]:
    """The claims that one instance does not preserve; nothing may be open."""
    pieces, steps = stepped(encoded, support, claims, number)
    assert not steps.open
    return {pieces.every[n].claim for n, _ in steps.fallen}


def obstacle(encoded: Encoded, support: Sequence[Property], prop: Property) -> Obstacle | None:
    """The first step that does not preserve *prop*, given itself and *support*."""
    for number in numbers(encoded):
        _, steps = stepped(encoded, [*support, prop], [prop], number)
        assert not steps.open
        if steps.fallen:
            return steps.fallen[0][1]
    return None


def doubts(encoded: Encoded, invariant: Sequence[Property], limits: Limits | None = None) -> list[str]:
    """What a solver of another make holds against an invariant."""
    pieces = Pieces(encoded, invariant)
    every = range(len(pieces.every))
    found = (confirmed(pieces, n, every, every, limits or Limits()) for n in numbers(encoded))
    return [doubt for doubt in found if doubt]


def answered(encoded: Encoded, claims: Sequence[Property], job: Job) -> JobAnswer:
    """What a worker answers to a step."""
    pieces = Pieces(encoded, claims)
    steps = Induction(pieces, Limits()).step(
        job.number, pieces.numbers(job.claims), pieces.numbers(job.lemmas)
    )
    assert not steps.open
    names = {pieces.every[n].claim: Dropped(pieces.every[n].claim, o.step) for n, o in steps.fallen}
    proofs = tuple((pieces.names(t), pieces.names(p)) for t, p in steps.proofs)
    return JobAnswer(not names, fallen=names, proofs=proofs)
