"""Where the time of `chimneysweep check` goes: worker seconds by kind of job, and the costliest jobs."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator

from chimneysweep.engines import portfolio
from chimneysweep.engines.pool import Pool
from chimneysweep.engines.portfolio import CheckRequest, check
from chimneysweep.engines.worker import Job, JobAnswer, bench
from chimneysweep.model.bounds import Bounds

TOP = 10


@dataclasses.dataclass(frozen=True)
class Profile:
    """Wall seconds of a check, worker seconds and jobs of each task, and the jobs that took longest."""

    bounds: Bounds
    seconds: float
    tasks: dict[str, tuple[int, float]]
    costliest: list[tuple[str, float]]


def profile(bounds: Bounds, limit: float) -> Profile:
    """Check the reference and write down what each job took."""
    spent: list[tuple[Job, float]] = []

    class Timed(Pool):
        """A pool that remembers the seconds of its jobs."""

        def answers(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobAnswer]]:
            for job, answer in super().answers(jobs):
                spent.append((job, answer.seconds))
                yield job, answer

    original, portfolio.Pool = portfolio.Pool, Timed  # type: ignore[misc]
    try:
        report = check(CheckRequest(bounds=bounds, timeout=limit))
    finally:
        portfolio.Pool = original  # type: ignore[misc]
    tasks: dict[str, list[float]] = defaultdict(list)
    for job, seconds in spent:
        tasks[job.task].append(seconds)
    costliest = sorted(((_name(job), seconds) for job, seconds in spent), key=lambda pair: -pair[1])
    return Profile(bounds, report.seconds, {t: (len(s), sum(s)) for t, s in tasks.items()}, costliest[:TOP])


def _name(job: Job) -> str:
    """What a job was about: its property, or the step that it decides."""
    if job.property:
        return f"{job.task} {job.property}"
    return f"{job.task} {bench(job).pieces.encoded.step_name(job.number)}"
