"""A pool of worker processes in which a crash or a hang costs one job, not the run."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
from collections.abc import Iterable, Iterator
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from .worker import Answer, Job, work

GRACE = 60.0
"""Seconds beyond its own query time limits after which a job is stopped from outside."""


class Pool:
    """Runs jobs on *workers* processes and yields each answer as it comes."""

    def __init__(self, workers: int) -> None:
        self._pool = ProcessPool(max_workers=workers, context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for nothing: what still runs is stopped."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def answers(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Answer]]:
        """Each job with its answer, in the order in which they are done."""
        futures: dict[concurrent.futures.Future[Answer], Job] = {}
        for job in jobs:
            futures[self._pool.schedule(work, args=(job,), timeout=_limit(job))] = job
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], _answer(future)


def _limit(job: Job) -> float:
    return min(job.budget, (job.depth + 2) * job.timeout) + GRACE


def _answer(future: concurrent.futures.Future[Answer]) -> Answer:
    try:
        return future.result()
    except concurrent.futures.TimeoutError as error:
        return Answer(None, reason=f"stopped: no answer within its time limit {error.args[1:]}")
    except ProcessExpired as error:
        return Answer(None, reason=f"its worker process died (exit code {error.exitcode})")
    except Exception as error:  # noqa: BLE001 - whatever a job raises concerns that job alone
        return Answer(None, reason=f"defect in chimneysweep: {type(error).__name__}: {error}")
