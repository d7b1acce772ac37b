"""All properties of one design: induction, then shortest counterexamples, on several cores.

1. What is wanted is asked of each action instance; what its proofs rest on, of lemmas, clauses and
   guarantees, is asked next (:mod:`.invariant`). What falls is dropped. Where few properties are wanted,
   as little as can be is asked; where many are, all claims are asked at once.
2. What stands is decided again by a solver of another make, before anything is called proved.
3. What fell goes to the search for a shortest counterexample.
4. Every premise needs a run that reaches it.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..counterexamples.trace import Trace
from ..model.bounds import Bounds
from ..model.chimney.state import world_size
from ..properties.loading import SubjectRef, load_design
from ..properties.property import Property
from .bmc import SEARCH
from .effort import MILLION, OUTER
from .invariant import Candidate
from .pool import Pool
from .verdict import Dropped, Proved, Result, Unknown, Verdict, Violated
from .witness import scripted
from .worker import Job, Task, instances


@dataclasses.dataclass(frozen=True)
class Request:
    """What to check: a design, properties by name (none: all but the lemmas), bounds and limits.

    ``depth`` is in steps, ``effort`` in the solver's units of work for one search; ``timeout``, in
    seconds for one query, is an outer limit on which no verdict should rest.
    """

    design: str = "reference"
    properties: tuple[str, ...] = ()
    bounds: Bounds = world_size()
    timeout: float = OUTER
    depth: int = 10
    workers: int = 2
    effort: int = SEARCH
    subject: SubjectRef = SubjectRef()


@dataclasses.dataclass(frozen=True)
class Witness:
    """Whether a property's premise can hold: True with a run, False if proved impossible, None if unknown."""

    property: str
    reachable: bool | None
    steps: int
    seconds: float
    trace: Trace | None = None


@dataclasses.dataclass(frozen=True)
class Report:
    """What came of a check. ``total``: every state of the system has a successor."""

    design: str
    bounds: Bounds
    results: tuple[Result, ...]
    witnesses: tuple[Witness, ...]
    total: bool
    seconds: float
    partial: bool = False
    dropped: tuple[Dropped, ...] = ()


FEW = 4
"""Up to so many properties, a quick search comes first, and a proof is to rest on few premises."""
QUICK = 8 * MILLION
"""Work that the quick search may do for each."""

Progress = Callable[[Result], None]


class _Check:
    """One run of the portfolio."""

    def __init__(self, request: Request, pool: Pool, progress: Progress) -> None:
        self.request = request
        self.subject = request.subject.load()
        self.pool = pool
        self.progress = progress
        named = request.properties or tuple(p.name for p in self.subject.properties if p.kind != "lemma")
        self.wanted = [self.subject.find(name) for name in named]
        self.results: dict[str, Result] = {}
        self.spent: dict[str, float] = {}
        self.dropped: dict[str, Dropped] = {}

    def job(self, task: Task, name: str = "", **more: Any) -> Job:
        r = self.request
        return Job(task, r.design, r.bounds, r.timeout, name, subject=r.subject, **more)

    def searches(self, names: Iterable[str], task: Task, effort: int = 0) -> list[Job]:
        work = effort or self.request.effort
        return [self.job(task, n, depth=self.request.depth, effort=work) for n in names]

    def decide(self, name: str, verdict: Verdict) -> None:
        result = Result(name, self.request.design, verdict, self.spent.get(name, 0.0))
        self.results[name] = result
        self.progress(result)

    def run(self) -> None:
        names = [p.name for p in self.wanted]
        if len(names) > FEW:
            self.settle(names, sparing=False)
            return
        self.look(names)
        for name in (name for name in names if name not in self.results):
            self.settle([name], sparing=True)

    def look(self, names: Sequence[str]) -> None:
        """A quick search for a counterexample; that there is none decides nothing."""
        for job, answer in self.pool.answers(self.searches(names, "refute", min(QUICK, self.request.effort))):
            if answer.ok is False and answer.trace is not None:
                self.spent[job.property] = answer.seconds
                self.decide(job.property, Violated(answer.trace, answer.depth))

    def settle(self, names: Sequence[str], sparing: bool) -> None:
        """Prove what is inductive, and search for a counterexample of what is not."""
        candidate = self.invariant(names, sparing)
        self.dropped |= candidate.dropped
        self.certify(candidate, [name for name in names if name not in candidate.dropped])
        self.refute([name for name in names if name in candidate.dropped])

    def invariant(self, names: Sequence[str], sparing: bool) -> Candidate:
        """The inductive part of all claims that *names* need (if not *sparing*: of all claims).

        Readings other than the default one are no part of what others rest on.
        """
        alive = [p.name for p in self.subject.properties if not p.reading and p.name not in self.dropped]
        wanted = names if sparing else alive
        count = instances(self.request.subject, self.request.design, self.request.bounds)
        candidate = Candidate(self.job("step", sparing=sparing), alive, wanted, count)
        candidate.settle(self.pool, first=sparing)
        if not sparing:
            candidate.judge([name for name in names if name not in alive], self.pool)
        return candidate

    def refute(self, names: Sequence[str]) -> None:
        """Search for a shortest counterexample of each property; where there is none, it is undecided."""
        found = {}
        for job, answer in self.pool.answers(self.searches(names, "refute")):
            found[job.property] = answer
            self.spent[job.property] = self.spent.get(job.property, 0.0) + answer.seconds
            why = self.dropped[job.property]
            if answer.ok is False and answer.trace is not None:
                self.decide(job.property, Violated(answer.trace, answer.depth))
            else:
                reason = f"{why.reason}; {answer.reason}"
                self.decide(job.property, Unknown(reason, answer.depth, why.induction))

    def certify(self, candidate: Candidate, standing: Sequence[str]) -> None:
        """Decide again that what the proofs rest on is inductive; only then call it proved."""
        if not standing:
            return
        needed = tuple(candidate.needed)
        jobs = (
            self.job("confirm", number=n, claims=needed, lemmas=candidate.premises(n))
            for n in candidate.proofs
        )
        doubts = {job.number: answer.reason for job, answer in self.pool.answers(jobs) if not answer.ok}
        self.spent.update(dict.fromkeys(standing, candidate.seconds))
        for name in standing:
            if doubts:
                said = doubts[min(doubts)]
                self.decide(name, Unknown(f"induction proved it, a fresh solver did not: {said}"))
            else:
                self.decide(name, Proved(candidate.certificate, rechecked=True))

    def witnesses(self) -> list[Witness]:
        """A run to the premise of each property: its counterexample, a scripted run, or a search."""
        found = []
        missing: list[Property] = []
        scripts = {}
        if self.request.bounds.hold(self.subject.enough or self.subject.bounds):
            scripts = scripted(self.subject, self.request.design, self.wanted, self.request.subject)
        for prop in self.wanted:
            result = self.results.get(prop.name)
            if result and isinstance(result.verdict, Violated):
                found.append(Witness(prop.name, True, len(result.verdict.trace.steps), 0.0))
            elif prop.name in scripts:
                trace = scripts[prop.name]
                found.append(Witness(prop.name, True, len(trace.steps), 0.0, trace))
            else:
                missing.append(prop)
        jobs = self.searches([p.name for p in missing], "witness")
        answers = dict(self.pool.answers(jobs))
        for job in jobs:
            answer = answers[job]
            steps = len(answer.trace.steps) if answer.trace else answer.depth
            found.append(Witness(job.property, answer.ok, steps, answer.seconds, answer.trace))
        return found


def check(request: Request, progress: Progress = lambda result: None) -> Report:
    """Decide the requested properties of a design.

    *progress* hears of each result as it is decided. Raises KeyError for a design or a
    property that does not exist; KeyboardInterrupt leaves the results heard so far.
    """
    subject = request.subject.load()
    load_design(request.design, subject)
    started = time.perf_counter()
    with Pool(request.workers) as pool:
        state = _Check(request, pool, progress)
        state.run()
        witnesses = state.witnesses()
        total = all(answer.ok for _, answer in pool.answers([state.job("total")]))
    order = {p.name: n for n, p in enumerate(subject.properties)}
    results = sorted(state.results.values(), key=lambda r: order[r.property])
    return Report(
        request.design,
        request.bounds,
        tuple(results),
        tuple(witnesses),
        total,
        time.perf_counter() - started,
        dropped=tuple(d for d in state.dropped.values() if not subject.find(d.name).reading),
    )
