"""All properties of one design: induction first, then shortest counterexamples, on several cores.

0. For a few properties: a quick look for a counterexample.
1. Each property is tried by induction from all lemmas, clauses and guarantees together
   (the support). One that fails there cannot be proved from less, so it goes to the
   search for a counterexample.
2. If some property passed, the support is proved from itself; what fails is dropped,
   and what rested on it is tried again, until nothing more falls.
3. What stands is one inductive invariant. It is decided again in fresh solvers, action
   by action, before anything is called proved.
4. Every premise needs a run that reaches it.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..counterexamples.trace import Trace
from ..model.designs.catalogue import design
from ..model.state import Bounds
from ..properties.catalogue import PROPERTIES, find, of_kind
from ..properties.property import Property
from .pool import Pool
from .verdict import Dropped, Proved, Result, Unknown, Verdict, Violated
from .witness import scripted
from .worker import Answer, Job, Task, instances


@dataclasses.dataclass(frozen=True)
class Request:
    """What to check: a design, properties by name (none: all but the lemmas), bounds and limits.

    ``timeout`` is in seconds per query, ``depth`` in steps, ``budget`` in seconds for the
    search for one counterexample.
    """

    design: str = "reference"
    properties: tuple[str, ...] = ()
    bounds: Bounds = Bounds()
    timeout: float = 20.0
    depth: int = 10
    workers: int = 2
    budget: float = 30.0


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
        self.pool = pool
        self.progress = progress
        named = request.properties or tuple(p.name for p in of_kind("clause", "guarantee"))
        self.wanted = [find(name) for name in named]
        self.results: dict[str, Result] = {}
        self.spent: dict[str, float] = {}
        self.dropped: dict[str, Answer] = {}

    def job(self, task: Task, name: str = "", **more: Any) -> Job:
        r = self.request
        return Job(task, r.design, r.bounds, r.timeout, name, **more)

    def searches(self, names: Iterable[str], task: Task, budget: float) -> list[Job]:
        return [self.job(task, n, depth=self.request.depth, budget=budget) for n in names]

    def decide(self, name: str, verdict: Verdict) -> None:
        result = Result(name, self.request.design, verdict, self.spent.get(name, 0.0))
        self.results[name] = result
        self.progress(result)

    def run(self) -> None:
        names = [p.name for p in self.wanted]
        support = [p.name for p in PROPERTIES if not p.reading]
        if len(names) <= FEW:
            self.refute(names, {}, QUICK)
            names = [name for name in names if name not in self.results]
        standing, failed = self.inductive(names, support)
        self.refute(failed, failed, self.request.budget)
        if standing:
            kept, standing, fallen = self.support_that_holds(support, failed, standing)
            self.refute(fallen, fallen, self.request.budget)
            self.certify(kept, standing)

    def inductive(self, names: Sequence[str], lemmas: Sequence[str]) -> tuple[list[str], dict[str, Answer]]:
        """Which of *names* are inductive from *lemmas*, and why the others are not."""
        standing, failed = [], {}
        jobs = [self.job("prove", n, lemmas=tuple(lemmas)) for n in names]
        for job, answer in self.pool.answers(jobs):
            self.spent[job.property] = self.spent.get(job.property, 0.0) + answer.seconds
            if answer.ok:
                standing.append(job.property)
            else:
                failed[job.property] = answer
        return standing, failed

    def support_that_holds(
        self, support: list[str], failed: dict[str, Answer], standing: list[str]
    ) -> tuple[list[str], list[str], dict[str, Answer]]:
        """Drop what is not inductive until the rest is, together; try again what rested on it.

        Returns the invariant that is left, which of *standing* follow, and why others fell.
        """
        fallen: dict[str, Answer] = {}
        known = set(standing)
        while True:
            kept = [name for name in support if name not in failed and name not in fallen]
            kept = [name for name in kept if name not in self.dropped]
            changed = len(kept) < len(support)
            todo = [name for name in kept if changed or name not in known]
            _, lost = self.inductive(todo, kept)
            extra = [name for name in standing if name not in kept]
            if changed:
                _, more = self.inductive(extra, kept)
                fallen.update(more)
            self.dropped.update(lost)
            fallen.update({name: why for name, why in lost.items() if name in standing})
            standing = [name for name in standing if name not in fallen]
            if not lost or not standing:
                return kept, standing, fallen
            support, known = kept, set()

    def refute(self, names: Iterable[str], why: dict[str, Answer], budget: float) -> None:
        """Search for a shortest counterexample of each property.

        Where there is none within the limits, a property is undecided if *why* says how
        induction failed on it, and left open otherwise.
        """
        for job, answer in self.pool.answers(self.searches(names, "refute", budget)):
            name = job.property
            self.spent[name] = self.spent.get(name, 0.0) + answer.seconds
            if answer.ok is False and answer.trace is not None:
                self.decide(name, Violated(answer.trace, answer.depth))
            elif name in why:
                step = why[name]
                self.decide(name, Unknown(f"{step.reason}; {answer.reason}", answer.depth, step.trace))

    def certify(self, lemmas: list[str], standing: list[str]) -> None:
        """Decide the whole invariant again in fresh solvers; only then call it proved."""
        if not standing:
            return
        invariant = tuple(dict.fromkeys((*lemmas, *standing)))
        count = instances(self.request.design, self.request.bounds)
        jobs = (self.job("recheck", lemmas=invariant, number=n) for n in range(-1, count))
        doubts = [answer.reason for _, answer in self.pool.answers(jobs) if not answer.ok]
        for name in standing:
            if doubts:
                self.decide(name, Unknown(f"induction proved it, a fresh solver did not: {doubts[0]}"))
            else:
                self.decide(name, Proved(tuple(lemmas), rechecked=True))

    def witnesses(self) -> list[Witness]:
        """A run to the premise of each property: its counterexample, a scripted run, or a search."""
        found = []
        missing: list[Property] = []
        scripts = scripted(design(self.request.design), self.wanted)
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
    design(request.design)
    started = time.perf_counter()
    with Pool(request.workers) as pool:
        state = _Check(request, pool, progress)
        state.run()
        witnesses = state.witnesses()
        total = all(answer.ok for _, answer in pool.answers([state.job("total")]))
    order = {p.name: n for n, p in enumerate(PROPERTIES)}
    results = sorted(state.results.values(), key=lambda r: order[r.property])
    return Report(
        request.design,
        request.bounds,
        tuple(results),
        tuple(witnesses),
        total,
        time.perf_counter() - started,
        dropped=tuple(Dropped(n, a.reason, a.trace) for n, a in state.dropped.items()),
    )
