"""All properties of one design: induction first, then shortest counterexamples, on several cores.

0. For a few properties: a quick look for a counterexample.
1. Lemmas, clauses and guarantees are taken together as one candidate invariant, and each
   action instance is asked which of them it does not preserve. What falls is dropped,
   and the rest is asked again, until nothing falls.
2. What stands is decided again in fresh solvers, before anything is called proved.
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
from .induction import START
from .invariant import Candidate
from .pool import Pool
from .verdict import Dropped, Proved, Result, Unknown, Verdict, Violated
from .witness import scripted
from .worker import Job, Task, instances


@dataclasses.dataclass(frozen=True)
class Request:
    """What to check: a design, properties by name (none: all but the lemmas), bounds and limits.

    ``timeout`` is in seconds per query, ``depth`` in steps, ``budget`` in seconds for the
    search for one counterexample.
    """

    design: str = "reference"
    properties: tuple[str, ...] = ()
    bounds: Bounds = world_size()
    timeout: float = 20.0
    depth: int = 10
    workers: int = 2
    budget: float = 30.0
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
"""Up to so many properties, a quick search for a counterexample comes first."""
QUICK = 5.0
"""Seconds that it may take for each."""

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
        self.shared = 0.0
        self.dropped: dict[str, Dropped] = {}

    def job(self, task: Task, name: str = "", **more: Any) -> Job:
        r = self.request
        return Job(task, r.design, r.bounds, r.timeout, name, subject=r.subject, **more)

    def searches(self, names: Iterable[str], task: Task, budget: float) -> list[Job]:
        return [self.job(task, n, depth=self.request.depth, budget=budget) for n in names]

    def decide(self, name: str, verdict: Verdict) -> None:
        result = Result(name, self.request.design, verdict, self.spent.get(name, 0.0))
        self.results[name] = result
        self.progress(result)

    def run(self) -> None:
        names = [p.name for p in self.wanted]
        if len(names) <= FEW:
            self.refute(names, QUICK)
            names = [name for name in names if name not in self.results]
        if names:
            invariant = self.invariant(names)
            self.certify(invariant, [name for name in names if name not in self.dropped])
            self.refute([name for name in names if name in self.dropped], self.request.budget)

    def invariant(self, names: Sequence[str]) -> list[str]:
        """The largest inductive part of all lemmas, clauses and guarantees together.

        Readings other than the default one are judged by it and are no part of it.
        """
        kept = [p.name for p in self.subject.properties if not p.reading]
        extra = [name for name in names if name not in kept]
        count = instances(self.request.subject, self.request.design, self.request.bounds)
        candidate = Candidate(self.job("step"), kept, extra, count)
        candidate.settle(self.pool)
        self.shared = candidate.seconds
        self.dropped = candidate.dropped
        return candidate.kept

    def refute(self, names: Iterable[str], budget: float) -> None:
        """Search for a shortest counterexample of each property.

        Where there is none within the limits, a property that fell is undecided, and
        another one is left open.
        """
        for job, answer in self.pool.answers(self.searches(names, "refute", budget)):
            name = job.property
            self.spent[name] = self.spent.get(name, 0.0) + answer.seconds
            if answer.ok is False and answer.trace is not None:
                self.decide(name, Violated(answer.trace, answer.depth))
            elif name in self.dropped:
                why = self.dropped[name]
                self.decide(name, Unknown(f"{why.reason}; {answer.reason}", answer.depth, why.induction))

    def certify(self, lemmas: list[str], standing: list[str]) -> None:
        """Decide the whole invariant again in fresh solvers; only then call it proved."""
        if not standing:
            return
        invariant = tuple(dict.fromkeys((*lemmas, *standing)))
        count = instances(self.request.subject, self.request.design, self.request.bounds)
        jobs = (self.job("recheck", lemmas=invariant, number=n) for n in range(START, count))
        doubts = [answer.reason for _, answer in self.pool.answers(jobs) if not answer.ok]
        self.spent.update(dict.fromkeys(standing, self.shared))
        for name in standing:
            if doubts:
                self.decide(name, Unknown(f"induction proved it, a fresh solver did not: {doubts[0]}"))
            else:
                self.decide(name, Proved(tuple(lemmas), rechecked=True))

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
        jobs = self.searches([p.name for p in missing], "witness", self.request.budget)
        for job, answer in self.pool.answers(jobs):
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
