"""What is left of a candidate is inductive and as large as can be, in whatever order the answers come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

import pytest
from random_toys import a_condition, a_sketch, holds
from toys import TOYS, claim

from chimneysweep.engines import induction, invariant
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.induction import START, Induction, Limits, confirmed
from chimneysweep.engines.invariant import Candidate, claim_of
from chimneysweep.engines.pieces import Pieces
from chimneysweep.engines.verdict import Dropped
from chimneysweep.engines.worker import Job, JobAnswer
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.kernel import arguments
from chimneysweep.model.logic import Or
from chimneysweep.properties.property import Property

FREE = arguments({"chosen": 0})


class Shuffled:
    """A pool of one system whose answers come in any order; now and then one is lost."""

    def __init__(
        self, encoded: Encoded, claims: Sequence[Property], rng: Random, losses: float = 0.0
    ) -> None:
        self.pieces, self.rng, self.losses = Pieces(encoded, claims), rng, losses
        self.done: list[Job] = []

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, JobAnswer]]:
        waiting = [job for job in jobs if job is not None]
        self.rng.shuffle(waiting)
        for job in waiting:
            self.done.append(job)
            yield job, self.work(job)

    def work(self, job: Job) -> JobAnswer:
        if self.rng.random() < self.losses:
            return JobAnswer(None, reason="lost")
        known = self.pieces
        targets, premises = known.numbers(job.claims), known.numbers(job.lemmas)
        steps = Induction(known, Limits(sparing=job.sparing)).step(job.number, targets, premises)
        assert not steps.open
        fallen = {known.every[n].claim: o.step for n, o in steps.fallen}
        proofs = tuple((known.names(t), known.names(p)) for t, p in steps.proofs)
        return JobAnswer(not fallen, fallen={n: Dropped(n, why) for n, why in fallen.items()}, proofs=proofs)


def settled(pool: Shuffled, alive: Sequence[str], wanted: Sequence[str] = ()) -> Candidate:
    """A candidate after its rounds; without *wanted*, all that is alive is."""
    job = Job("step", "a toy", world_size(), sparing=bool(wanted))
    candidate = Candidate(job, alive, wanted or alive, len(pool.pieces.encoded.instances))
    candidate.settle(pool)
    return candidate


def doubts(pieces: Pieces, needed: Iterable[str], premises: Mapping[int, Iterable[str]]) -> list[str]:
    """What a fresh solver holds against the proofs of what is needed."""
    targets = pieces.numbers(needed)
    found = (confirmed(pieces, n, targets, pieces.numbers(p), Limits()) for n, p in premises.items())
    return [doubt for doubt in found if doubt]


def certified(pool: Shuffled, candidate: Candidate) -> list[str]:
    """What is wrong with what a candidate calls proved: premises that nobody proved, or doubts."""
    premises = {n: {p for _, some in proofs for p in some} for n, proofs in candidate.proofs.items()}
    unasked = {
        p for some in premises.values() for p in some if not {p, claim_of(p)} & candidate.needed.keys()
    }
    return [*(f"{p} is not needed" for p in unasked), *doubts(pool.pieces, candidate.needed, premises)]


def inductive(encoded: Encoded, claims: Sequence[Property]) -> bool:
    names = [c.name for c in claims]
    return not doubts(
        Pieces(encoded, claims), names, dict.fromkeys(range(START, len(encoded.instances)), names)
    )


def largest(encoded: Encoded, claims: Sequence[Property]) -> set[str]:
    """The largest inductive subset: one step and one claim after the other, until nothing falls."""
    left = list(claims)
    while True:
        pieces = Pieces(encoded, left)
        engine, every = Induction(pieces, Limits()), range(len(pieces.every))
        numbers = range(START, len(encoded.instances))
        fallen = {
            c.name for c in left if any(engine.step(n, pieces.of[c.name], every).fallen for n in numbers)
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
    assert candidate.alive == [toy.needy.name, toy.true.name, toy.lemma.name]
    assert set(candidate.dropped) == {toy.false.name}
    assert not certified(pool, candidate)


@pytest.mark.parametrize("name", TOYS)
def test_a_claim_that_is_judged_supports_nothing(name: str) -> None:
    toy = TOYS[name]
    pool = Shuffled(Encoded(toy.system), [toy.lemma, toy.needy, toy.false], Random(2))
    candidate = settled(pool, [toy.needy.name])
    candidate.judge([toy.lemma.name], pool)
    assert candidate.alive == [], "the lemma would have helped, and is no premise"
    helped = settled(pool, [toy.lemma.name])
    helped.judge([toy.false.name], pool)
    assert (helped.alive, set(helped.dropped)) == ([toy.lemma.name], {toy.false.name})


@pytest.mark.parametrize("name", TOYS)
def test_a_claim_that_follows_stands_when_it_is_judged(name: str) -> None:
    toy = TOYS[name]
    weaker = claim("weaker", lambda s: Or(toy.needy.holds(s), toy.false.holds(s)))
    pool = Shuffled(Encoded(toy.system), [toy.lemma, toy.needy, weaker], Random(3))
    candidate = settled(pool, [toy.needy.name, toy.lemma.name])
    candidate.judge(["weaker"], pool)
    assert not candidate.dropped


@pytest.mark.parametrize("name", TOYS)
def test_of_what_nobody_needs_nothing_is_asked(name: str) -> None:
    toy = TOYS[name]
    pool = Shuffled(Encoded(toy.system), [toy.false, toy.lemma, toy.needy, toy.true], Random(4))
    alive = [toy.false.name, toy.lemma.name, toy.needy.name, toy.true.name]
    candidate = settled(pool, alive, [toy.true.name])
    assert candidate.certificate == (toy.true.name,), "it is inductive by itself"
    assert {claim_of(n) for job in pool.done for n in job.claims} == {toy.true.name}
    assert not certified(pool, candidate)


def summary(candidate: Candidate) -> tuple[object, ...]:
    """All that a candidate came to."""
    return candidate.alive, candidate.dropped, list(candidate.needed), candidate.proofs


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_the_answers_changes_nothing(seed: int) -> None:
    encoded, claims, _ = random_case(seed)
    names = [c.name for c in claims]
    pools = [Shuffled(encoded, claims, Random(order)) for order in range(3)]
    found = [summary(settled(pool, names)) for pool in pools]
    assert found[0] == found[1] == found[2]
    assert len({tuple(job.number for job in pool.done) for pool in pools}) > 1, "the orders did differ"


def for_each(seed: int) -> list[tuple[Shuffled, Candidate]]:
    """What is settled for each claim of a random case by itself, with proofs that are to rest on little."""
    encoded, claims, _ = random_case(seed)
    pools = [Shuffled(encoded, claims, Random(0)) for _ in claims]
    names = [c.name for c in claims]
    return [(pool, settled(pool, names, [name])) for pool, name in zip(pools, names, strict=True)]


def test_no_proof_rests_on_what_fell_in_the_same_round() -> None:
    assert not any(certified(*each) for seed in range(6) for each in for_each(seed))


def test_what_needs_many_is_not_spared_them(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = [each for seed in range(6) for each in for_each(seed)]
    assert all(job.sparing for pool, _ in usual for job in pool.done)
    monkeypatch.setattr(invariant, "SPARED", 0)
    plain = [each for seed in range(6) for each in for_each(seed)]
    assert not any(job.sparing for pool, _ in plain for job in pool.done)
    assert not any(certified(*each) for each in (*usual, *plain))


def test_where_few_premises_cost_too_much_those_that_were_found_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(induction, "ONCE_MORE", 1)
    found = [each for seed in range(6) for each in for_each(seed)]
    assert not any(certified(*each) for each in found)
    assert any(some for _, c in found for proofs in c.proofs.values() for _, some in proofs)


def disagreement(seed: int) -> str:
    """What is wrong with what is left of a random candidate; "" if nothing."""
    encoded, claims, rng = random_case(seed)
    pool = Shuffled(encoded, claims, rng)
    candidate = settled(pool, [c.name for c in claims])
    left = [c for c in claims if c.name in candidate.alive]
    if certified(pool, candidate) or not inductive(encoded, left):
        return "what is left is not inductive"
    if set(candidate.alive) != largest(encoded, claims):
        return "something fell that need not have"
    if set(candidate.alive) | set(candidate.dropped) != {c.name for c in claims}:
        return "something was forgotten"
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rest_is_the_largest_inductive_part(seed: int) -> None:
    assert disagreement(seed) == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_lost_answers_cost_claims_and_never_soundness(seed: int) -> None:
    encoded, claims, rng = random_case(seed)
    candidate = settled(Shuffled(encoded, claims, rng, losses=0.2), [c.name for c in claims])
    assert inductive(encoded, [c for c in claims if c.name in candidate.alive])
    assert set(candidate.alive) <= largest(encoded, claims)


def test_one_that_asks_nothing_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was proved from a claim that fell is left as it is."""

    def forget(self: Candidate, fallen: Mapping[str, Dropped]) -> None:
        self.dropped |= fallen
        self.alive = [name for name in self.alive if name not in self.dropped]
        self.needed = {name: None for name in self.needed if claim_of(name) not in self.dropped}

    monkeypatch.setattr(Candidate, "_drop", forget)
    monkeypatch.setattr(Candidate, "_forget", lambda self, number: None)
    assert any("not inductive" in disagreement(seed) for seed in SEEDS)


@pytest.mark.parametrize("name", TOYS)
def test_a_premise_that_is_not_asked_itself_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = TOYS[name]
    claims = [toy.needy, toy.false, toy.lemma]
    pool = Shuffled(Encoded(toy.system), claims, Random(5))
    names = [c.name for c in claims]
    assert not certified(pool, settled(pool, names, [toy.needy.name]))
    monkeypatch.setattr(Candidate, "_need", lambda self: None)
    assert any("is not needed" in said for said in certified(pool, settled(pool, names, [toy.needy.name])))
