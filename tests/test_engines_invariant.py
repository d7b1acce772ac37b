"""What is left of a candidate is inductive and as large as can be, in whatever order the answers come."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from random import Random

import pytest
from random_toys import a_condition, a_sketch, holds
from toys import TOYS, claim

from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.induction import START, Induction, recheck
from chimneysweep.engines.invariant import Candidate
from chimneysweep.engines.verdict import Dropped
from chimneysweep.engines.worker import Answer, Job
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.kernel import arguments
from chimneysweep.model.logic import Or
from chimneysweep.properties.property import Property

LIMIT = 20.0
WORKERS = 3
FREE = arguments({"chosen": 0})


class Shuffled:
    """A pool of one system whose answers come in any order; now and then one is lost."""

    def __init__(
        self, encoded: Encoded, claims: Sequence[Property], rng: Random, losses: float = 0.0
    ) -> None:
        self.encoded, self.rng, self.losses = encoded, rng, losses
        self.claims = {c.name: c for c in claims}

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Answer]]:
        supply, running = iter(jobs), []
        while True:
            while len(running) <= WORKERS and (job := next(supply, None)) is not None:
                running.append(job)
            if not running:
                return
            job = running.pop(self.rng.randrange(len(running)))
            yield job, self.work(job)

    def work(self, job: Job) -> Answer:
        if self.rng.random() < self.losses:
            return Answer(None, reason="lost")
        induction = Induction(self.encoded, [self.claims[n] for n in job.lemmas], LIMIT)
        step = induction.step(job.number, [self.claims[n] for n in job.claims])
        assert not step.open
        return Answer(not step.fallen, fallen={n: Dropped(n, o.step) for n, o in step.fallen.items()})


def settled(pool: Shuffled, kept: Sequence[str], extra: Sequence[str] = ()) -> Candidate:
    job = Job("step", "a toy", world_size(), LIMIT)
    candidate = Candidate(job, kept, extra, len(pool.encoded.instances))
    candidate.settle(pool)  # type: ignore[arg-type]
    return candidate


def inductive(encoded: Encoded, claims: Sequence[Property]) -> bool:
    numbers = range(START, len(encoded.instances))
    return not any(recheck(encoded, claims, n, LIMIT) for n in numbers)


def largest(encoded: Encoded, claims: Sequence[Property]) -> set[str]:
    """The largest inductive subset: one step and one claim after the other, until nothing falls."""
    left = list(claims)
    while True:
        induction = Induction(encoded, left, LIMIT)
        fallen = {
            c.name
            for c in left
            if any(induction.step(n, [c]).fallen for n in range(START, len(encoded.instances)))
        }
        if not fallen:
            return {c.name for c in left}
        left = [c for c in left if c.name not in fallen]


def random_case(seed: int) -> tuple[Encoded, list[Property], Random]:
    rng = Random(seed)
    conditions = [a_condition(rng) for _ in range(8)]
    trees = [("or", c, d) for c, d in zip(conditions[::2], conditions[1::2], strict=True)] + conditions
    claims = [claim(f"c{n}", lambda s, t=t: holds(t, s, FREE)) for n, t in enumerate(trees)]
    return Encoded(a_sketch(rng).system()), claims, rng


SEEDS = range(25)


@pytest.mark.parametrize("name", TOYS)
def test_what_is_false_falls_and_the_rest_stands(name: str) -> None:
    toy = TOYS[name]
    claims = [toy.false, toy.needy, toy.true, toy.lemma]
    pool = Shuffled(Encoded(toy.system), claims, Random(1))
    candidate = settled(pool, [c.name for c in claims])
    assert candidate.kept == [toy.needy.name, toy.true.name, toy.lemma.name]
    assert set(candidate.dropped) == {toy.false.name}


@pytest.mark.parametrize("name", TOYS)
def test_an_extra_claim_is_judged_and_supports_nothing(name: str) -> None:
    toy = TOYS[name]
    pool = Shuffled(Encoded(toy.system), [toy.lemma, toy.needy, toy.false], Random(2))
    assert settled(pool, [toy.needy.name], [toy.lemma.name]).kept == []
    helped = settled(pool, [toy.lemma.name], [toy.false.name])
    assert (helped.kept, helped.extra) == ([toy.lemma.name], [])


@pytest.mark.parametrize("name", TOYS)
def test_an_extra_claim_that_follows_stands(name: str) -> None:
    toy = TOYS[name]
    weaker = claim("weaker", lambda s: Or(toy.needy.holds(s), toy.false.holds(s)))
    pool = Shuffled(Encoded(toy.system), [toy.lemma, toy.needy, weaker], Random(3))
    assert settled(pool, [toy.needy.name, toy.lemma.name], ["weaker"]).extra == ["weaker"]


def disagreement(seed: int) -> str:
    """What is wrong with what is left of a random candidate; "" if nothing."""
    encoded, claims, rng = random_case(seed)
    candidate = settled(Shuffled(encoded, claims, rng), [c.name for c in claims])
    left = [c for c in claims if c.name in candidate.kept]
    if not inductive(encoded, left):
        return "what is left is not inductive"
    if set(candidate.kept) != largest(encoded, claims):
        return "something fell that need not have"
    if set(candidate.kept) | set(candidate.dropped) != {c.name for c in claims}:
        return "something was forgotten"
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rest_is_the_largest_inductive_part(seed: int) -> None:
    assert disagreement(seed) == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_lost_answers_cost_claims_and_never_soundness(seed: int) -> None:
    encoded, claims, rng = random_case(seed)
    candidate = settled(Shuffled(encoded, claims, rng, losses=0.2), [c.name for c in claims])
    assert inductive(encoded, [c for c in claims if c.name in candidate.kept])
    assert set(candidate.kept) <= largest(encoded, claims)


def _asked_once(self: Candidate) -> Iterator[Job | None]:
    """Never asks an instance again, whatever fell since."""
    for number in self._numbers:
        self._asked[number] = len(self.kept)
        claims = (*self.kept, *self.extra)
        yield dataclasses.replace(self._job, number=number, lemmas=tuple(self.kept), claims=claims)


def test_one_that_settles_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Candidate, "_jobs", _asked_once)
    assert any("not inductive" in disagreement(seed) for seed in SEEDS)
