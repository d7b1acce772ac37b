"""The largest inductive part of some claims, as far as what is wanted needs it.

What is wanted is asked of every action instance. What its proofs rest on is asked next, and so on
until nothing new is needed; of claims that nobody needs nothing is asked. A claim that falls is
dropped, and what was proved with it is asked again. (Flanagan and Leino call the dropping Houdini.)

Where few properties are wanted, each by itself and as little as can be is asked; where many are, all
claims are asked at once. The work is done in rounds: the answers of a round are taken together, in the
order of the instances, so what comes out does not depend on which worker answered first.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .engine import Asks, Budget, Decided, Problem
from .induction import START
from .verdict import Dropped, Proved, Unknown
from .worker import Job, JobAnswer, Proof


class Candidate:
    """Claims on their way to being an invariant.

    ``alive`` may serve as premises; ``dropped`` says of each claim that fell why. ``needed`` are the
    claims or pieces that are asked of every instance: at first those that are *wanted*.
    """

    def __init__(self, job: Job, alive: Sequence[str], wanted: Sequence[str], instances: int) -> None:
        self._job = job
        self.alive = list(alive)
        self.needed = dict.fromkeys(wanted)
        self.dropped: dict[str, Dropped] = {}
        self.seconds = 0.0
        self.proofs: dict[int, list[Proof]] = {n: [] for n in range(START, instances)}
        self._asked: dict[int, set[str]] = {n: set() for n in self.proofs}
        self._wanted = tuple(wanted)

    def settle(self, asks: Asks, *, first: bool = False, wave: int | None = None) -> None:
        """Drop claims until what is needed is inductive. *first*: stop as soon as what is wanted fell.

        *wave*: ask so many instances at a time, so that what falls early is not asked of the others.
        """
        while jobs := list(itertools.islice(self._jobs(), wave)):
            answers = {job.number: (job, answer) for job, answer in asks.answers(jobs)}
            for number in sorted(answers):
                self._take(number, *answers[number], asks)
            if first and any(name in self.dropped for name in self._wanted):
                return
            self._need()

    def judge(self, others: Iterable[str], asks: Asks) -> None:
        """Ask for claims that nothing rests on, once what they may rest on is settled."""
        self.needed |= dict.fromkeys(others)
        self.settle(asks, wave=WAVE)

    def _jobs(self) -> Iterator[Job]:
        """Each instance with what it was not asked yet."""
        for number, asked in self._asked.items():
            targets = tuple(name for name in self.needed if name not in asked)
            if targets:
                asked.update(targets)
                few = self._job.sparing and len(self.needed) <= SPARED
                job = dataclasses.replace(self._job, number=number, claims=targets, sparing=few)
                yield dataclasses.replace(job, lemmas=tuple(self.alive))

    def _take(self, number: int, job: Job, answer: JobAnswer, asks: Asks) -> None:
        self.seconds += answer.seconds
        if answer.ok is None:  # a crash or a hang costs one claim, not all that were asked with it
            self._one_by_one(number, job, answer, asks)
        self.proofs[number] += answer.proofs
        self._drop(answer.fallen)
        self._forget(number)  # what fell in the same round may have been assumed there

    def _one_by_one(self, number: int, job: Job, whole: JobAnswer, asks: Asks) -> None:
        if len(job.claims) == 1:
            claim = claim_of(job.claims[0])
            self._drop({claim: Dropped(claim, whole.reason)})
            return
        each = [dataclasses.replace(job, claims=(name,)) for name in job.claims]
        answers = {single.claims: (single, answer) for single, answer in asks.answers(each)}
        for single in each:
            if claim_of(single.claims[0]) not in self.dropped:
                self._take(number, *answers[single.claims], asks)

    def _drop(self, fallen: Mapping[str, Dropped]) -> None:
        """Forget the claims that fell, and every proof that rests on one of them."""
        for name, why in fallen.items():
            self.dropped.setdefault(name, why)
        if not fallen:
            return
        self.alive = [name for name in self.alive if name not in self.dropped]
        self.needed = {name: None for name in self.needed if claim_of(name) not in self.dropped}
        for number in self.proofs:
            self._forget(number)

    def _forget(self, number: int) -> None:
        """Forget the proofs of an instance that rest on what fell; they are asked again."""
        if not self.dropped:
            return
        proofs = self.proofs[number]
        lost = [proof for proof in proofs if any(claim_of(p) in self.dropped for p in proof[1])]
        again = {piece for targets, _ in lost for piece in targets}
        self.proofs[number] = [proof for proof in proofs if proof not in lost]
        self._asked[number] -= again | {claim_of(piece) for piece in again}

    def _need(self) -> None:
        """What the proofs rest on is needed, too; a claim that is needed as a whole stands for its pieces."""
        for proofs in self.proofs.values():
            for _, premises in proofs:
                self.needed |= {p: None for p in premises if claim_of(p) not in self.needed}

    @property
    def certificate(self) -> tuple[str, ...]:
        """The claims of which something is needed, in their own order."""
        names = {claim_of(name) for name in self.needed}
        return tuple(name for name in self.alive if name in names)


def claim_of(piece: str) -> str:
    """The claim that a piece (``name#3``) is of, or the claim itself."""
    return piece.partition("#")[0]


SPARED = 60
"""Proofs rest on few premises while no more pieces than these are needed: with more it costs too much."""
WAVE = 4
"""So many instances are asked at a time of claims that may well be wrong."""
FEW = 4
"""Up to so many properties are decided each by itself, with proofs that rest on few premises."""


class ByInduction:
    """Induction by itself: what is inductive is proved; of what is not, it is not known whether it holds."""

    name = "induction"

    def decide(self, problem: Problem, names: Sequence[str], budget: Budget) -> Iterator[Decided | Dropped]:
        """Proved, or undecided with the step that induction fails on; then every claim that fell."""
        fallen: dict[str, Dropped] = {}
        if len(names) <= FEW:
            yield from self._each(problem, names, budget, fallen)
        else:
            yield from self._all(problem, list(names), budget, fallen)
        yield from fallen.values()

    def _each(
        self, problem: Problem, names: Sequence[str], budget: Budget, fallen: dict[str, Dropped]
    ) -> Iterator[Decided]:
        """Each by itself; what one attempt found to fall is no premise of the next."""
        for name in names:
            candidate = self._settled(problem, [name], budget, fallen, sparing=True)
            fallen |= candidate.dropped
            yield from _told(problem, candidate, [name], budget)

    def _all(
        self, problem: Problem, names: list[str], budget: Budget, fallen: dict[str, Dropped]
    ) -> Iterator[Decided]:
        """All at once; what fell with a premise once more by itself: it may need what of that did not."""
        candidate = self._settled(problem, names, budget, {}, sparing=False)
        fallen |= candidate.dropped
        yield from _told(problem, candidate, [name for name in names if name not in fallen], budget)
        lost = {p.name for p in problem.claims if not p.reading and p.name in fallen}
        for name in [name for name in names if name in fallen]:
            again = candidate  # where every premise stood, it would fall again
            if lost - {name}:
                again = self._settled(problem, [name], budget, {}, sparing=True)
            if name not in again.dropped:
                del fallen[name]
            yield from _told(problem, again, [name], budget)

    def _settled(
        self, problem: Problem, names: list[str], budget: Budget, fallen: Mapping[str, Dropped], sparing: bool
    ) -> Candidate:
        """The inductive part of all claims that *names* need (if not *sparing*: of all claims).

        Readings other than the default one are no part of what others rest on.
        """
        alive = [p.name for p in problem.claims if not p.reading and p.name not in fallen]
        job = problem.job("step", budget, sparing=sparing)
        candidate = Candidate(job, alive, names if sparing else alive, problem.instances)
        candidate.settle(problem.asks, first=sparing)
        if not sparing:
            candidate.judge([name for name in names if name not in alive], problem.asks)
        return candidate


def _told(problem: Problem, candidate: Candidate, names: Sequence[str], budget: Budget) -> Iterator[Decided]:
    """What became of some that were wanted: proved and confirmed, or open."""
    fell = candidate.dropped
    yield from _certified(problem, candidate, [name for name in names if name not in fell], budget)
    yield from (_open(candidate, fell[name]) for name in names if name in fell)


def _open(candidate: Candidate, why: Dropped) -> Decided:
    reason = f"not inductive ({why.reason})" if why.induction else why.reason
    return Decided(why.name, Unknown(reason, induction=why.induction), candidate.seconds)


def _certified(
    problem: Problem, candidate: Candidate, standing: Sequence[str], budget: Budget
) -> Iterator[Decided]:
    """Decide again that what the proofs rest on is inductive; only then call it proved."""
    if not standing:
        return
    needed = tuple(candidate.needed)
    jobs = [
        problem.job("confirm", budget, number=n, claims=needed, proofs=tuple(proofs))
        for n, proofs in candidate.proofs.items()
    ]
    doubts = {job.number: answer.reason for job, answer in problem.asks.answers(jobs) if not answer.ok}
    for name in standing:
        if doubts:
            said = f"induction proved it, a fresh solver did not: {doubts[min(doubts)]}"
            yield Decided(name, Unknown(said), candidate.seconds)
        else:
            proved = Proved(candidate.certificate, rechecked=True, rests_on=needed)
            yield Decided(name, proved, candidate.seconds)
