"""What every engine is: a name, and how it decides properties of a system.

An engine is asked about a *problem*: a system with all its claims, and somebody who does jobs (a pool of
processes, or this one). It decides the properties that are named, within a budget, and tells each verdict as
it has it. What it says is proved was confirmed by a fresh solver; what it says is violated has a trace that
was replayed in the Python semantics; all else is undecided, with the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from ..model.kernel import System
from ..properties.property import Property
from .bmc import SEARCH
from .effort import OUTER
from .verdict import Dropped, Verdict
from .worker import Job, JobAnswer, Task

BATCH = 8
"""So many properties share a job where each is searched for a counterexample."""


@dataclasses.dataclass(frozen=True)
class Budget:
    """What may be spent: ``depth`` in steps, ``effort`` in the solver's units of work for one search.

    ``seconds`` is an outer limit for one query, on which no verdict should rest.
    """

    depth: int = 10
    effort: int = SEARCH
    seconds: float = OUTER


class Asks(Protocol):
    """Who does jobs: a pool of workers, or this process."""

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, JobAnswer]]:
        """Each job with its answer, in any order."""
        ...


@dataclasses.dataclass(frozen=True)
class Problem:
    """A system, every property that is claimed of it, and who does the jobs, which are like ``pattern``.

    ``suspect``: it is said to be wrong, so a counterexample is likely.
    """

    system: System
    claims: tuple[Property, ...]
    pattern: Job
    asks: Asks
    suspect: bool = False

    def job(self, task: Task, budget: Budget, **more: Any) -> Job:
        """A job on this system."""
        limits = {"timeout": budget.seconds, "depth": budget.depth, "effort": budget.effort}
        return dataclasses.replace(self.pattern, task=task, **{**limits, **more})

    @property
    def instances(self) -> int:
        """How many action instances the system has."""
        return sum(1 for action in self.system.actions for _ in action.instances())

    def each(
        self, task: Task, names: Iterable[str], budget: Budget, **more: Any
    ) -> Iterator[tuple[str, JobAnswer]]:
        """The answers to a job for each of *names*, in any order."""
        jobs = [self.job(task, budget, property=name, **more) for name in names]
        return ((job.property, answer) for job, answer in self.asks.answers(jobs))

    def batched(
        self, task: Task, names: Sequence[str], budget: Budget, **more: Any
    ) -> Iterator[tuple[str, JobAnswer]]:
        """The answers to a search for each of *names*: several in one job, which encodes the system once."""
        batches = [tuple(names[n : n + BATCH]) for n in range(0, len(names), BATCH)]
        lost: list[str] = []
        for job, answer in self.asks.answers(
            [self.job(task, budget, claims=batch, **more) for batch in batches if len(batch) > 1]
        ):
            yield from answer.each.items()
            lost += [name for name in job.claims if name not in answer.each]  # a crash costs one property
        yield from self.each(task, (*lost, *(b[0] for b in batches if len(b) == 1)), budget, **more)


@dataclasses.dataclass(frozen=True)
class Decided:
    """What became of one property, and the seconds that it took (a proof shares them with others)."""

    property: str
    verdict: Verdict
    seconds: float


class Engine(Protocol):
    """Decides properties of a system."""

    name: str

    def decide(self, problem: Problem, names: Sequence[str], budget: Budget) -> Iterator[Decided | Dropped]:
        """A verdict on each of *names*, as it is had, and what else was found not to be inductive."""
        ...
