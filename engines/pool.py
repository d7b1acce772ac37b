"""A pool of worker processes in which a crash or a hang costs one job, not the run."""

from __future__ import annotations

import concurrent.futures
import contextlib
import gc
import signal
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from .effort import OUTER
from .spawning import CopyContext, WorkerContext
from .worker import Job, JobAnswer, work

GRACE = 60.0
"""Seconds beyond its own query time limits after which a job is stopped from outside."""


J = TypeVar("J")
A = TypeVar("A")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes that are started here never see an interrupt: whoever started them ends them.

    What is blocked in this thread is blocked in the threads and processes that begin in it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers(Generic[J, A]):
    """Runs jobs on *workers* processes and yields each answer as it comes.

    *task* is what a worker does with a job; it must be importable by name. *failed* makes
    the answer to a job that did not come to an end, from the reason. *limit* is how many seconds
    a job may take. *context*: how they are started.
    """

    def __init__(
        self,
        workers: int,
        task: Callable[[J], A],
        failed: Callable[[str], A],
        *,
        limit: Callable[[J], float] = lambda job: OUTER + GRACE,
        context: WorkerContext | None = None,
    ) -> None:
        self.workers = workers
        self._work = task
        self._failed = failed
        self._limit = limit
        self._pool = ProcessPool(
            max_workers=workers,
            context=context or WorkerContext(),
            initializer=gc.freeze,  # what is built already is not looked through again and again
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for nothing: what still runs is stopped."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def answers(self, jobs: Iterable[J | None]) -> Iterator[tuple[J, A]]:
        """Each job with its answer, in the order in which they are done.

        *jobs* is read only as fast as workers become free, so what it yields may depend
        on the answers so far; None means that nothing can be said before the next one.
        """
        supply = iter(jobs)
        running: dict[concurrent.futures.Future[A], J] = {}
        while True:
            while len(running) <= self.workers:
                job = next(supply, None)
                if job is None:
                    break
                with _undisturbed():
                    scheduled = self._pool.schedule(self._work, args=(job,), timeout=self._limit(job))
                running[scheduled] = job
            if not running:
                return
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), self._answer(future)

    def _answer(self, future: concurrent.futures.Future[A]) -> A:
        try:
            return future.result()
        except concurrent.futures.TimeoutError as error:
            return self._failed(f"stopped: no answer within its time limit {error.args[1:]}")
        except ProcessExpired as error:
            return self._failed(f"its worker process died (exit code {error.exitcode})")
        except Exception as error:  # noqa: BLE001 - whatever a job raises concerns that job alone
            return self._failed(f"defect in chimneysweep: {type(error).__name__}: {error}")


class Pool(Workers[Job, JobAnswer]):
    """Workers that check a design: see :mod:`.worker`."""

    def __init__(self, workers: int, task: Callable[[Job], JobAnswer] = work) -> None:
        failed = partial(JobAnswer, None, None)
        super().__init__(workers, task, failed, limit=_limit, context=CopyContext())


def _limit(job: Job) -> float:
    """Seconds after which a job is taken to hang."""
    return (job.depth + 2) * job.timeout + GRACE
