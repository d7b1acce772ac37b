"""The work of an audit: jobs for processes of their own, and questions that ask for them.

A job is a function of a module with plain arguments; it is called with the :class:`.audited.Audited`
first, which its process makes again. A question is a generator: it yields the jobs whose results it
needs next, and returns its answer. Each job has a fresh context of the solver's, so what it finds depends
neither on the jobs before it nor on how busy the machine is; a process that dies costs one job.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ..engines.encode import fresh_context
from ..engines.pool import Workers
from ..properties.loading import SubjectRef
from .audited import Audited, load

A = TypeVar("A")
WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Computation:
    """Something to be computed: ``function(audited, *arguments)``. ``says`` is told while it runs."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    says: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(frozen=True)
class Failed:
    """The result of a job that did not come to an end, and why."""

    reason: str


@dataclasses.dataclass(frozen=True)
class Done:
    """The result of a job (or :class:`Failed`), and the seconds of the processor that it took."""

    result: Any
    seconds: float = 0.0


Asks = Generator[Sequence[Computation], Mapping[Computation, Any], A]
"""What a question is: it yields jobs, is sent their results, and returns its answer."""
Note = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Inquiry:
    """What is asked: of which specification, with how many times the usual work, and for which findings."""

    audited: Audited
    effort: float = 1.0
    only: frozenset[str] = frozenset()

    def wants(self, finding: str) -> bool:
        """Whether a finding of this id is asked for; all are, if none is named."""
        return not self.only or finding in self.only


def _work(sent: tuple[SubjectRef, Computation]) -> Done:
    ref, job = sent
    return _done(load(ref), job)


def _done(audited: Audited, job: Computation) -> Done:
    started = time.process_time()
    fresh_context()
    result = job.function(audited, *job.arguments)
    return Done(result, time.process_time() - started)


def _failed(reason: str) -> Done:
    return Done(Failed(reason))


class _Asked:
    """Questions under way, the jobs that they wait for, and the results so far."""

    def __init__(self, asks: Mapping[str, Asks[A]]) -> None:
        self.known: dict[Computation, Done] = {}
        self.answers: dict[str, tuple[Any, float]] = {}
        self._asks = dict(asks)
        self._waiting: dict[str, Sequence[Computation]] = {}
        self._spent: dict[str, float] = dict.fromkeys(asks, 0.0)
        self._wanted: dict[Computation, None] = {}
        self._handed: set[Computation] = set()

    def start(self, name: str) -> None:
        """Let a question say which jobs it needs first."""
        self._on(name, None)

    def _on(self, name: str, results: Mapping[Computation, Any] | None) -> None:
        """Let a question go on; what it waits for next is wanted."""
        try:
            jobs = self._asks[name].send(results)  # type: ignore[arg-type]
        except StopIteration as end:
            self._waiting.pop(name, None)
            self.answers[name] = end.value, self._spent[name]
            return
        self._waiting[name] = jobs
        self._wanted |= dict.fromkeys(jobs)
        self._look(name)

    def _look(self, name: str) -> None:
        jobs = self._waiting.get(name)
        if jobs is not None and all(job in self.known for job in jobs):
            self._on(name, {job: self.known[job].result for job in jobs})

    @property
    def waits(self) -> bool:
        """Whether a question needs the result of a job."""
        return bool(self._waiting)

    def done(self, job: Computation, done: Done) -> None:
        """Take the result of a job; questions that it was the last one for go on."""
        self.known[job] = done
        for name, jobs in list(self._waiting.items()):
            if job in jobs:
                self._spent[name] += done.seconds
                self._look(name)

    def jobs(self) -> Iterator[Computation | None]:
        """The jobs that are wanted; None where nothing more is known before a result comes."""
        while self._waiting:
            fresh = next((job for job in self._wanted if job not in self._handed), None)
            if fresh is not None:
                self._handed.add(fresh)
            yield fresh

    def note(self, note: Note, job: Computation) -> None:
        """Tell how far it is."""
        note(f"{len(self.known)} of {len(self._wanted)}: {job.says}")


def answered(audited: Audited, asks: Mapping[str, Asks[A]], note: Note) -> Iterator[tuple[str, A, float]]:
    """Each question's name and answer, with the seconds that its jobs took, in the order in which they end.

    What was not loaded from a name or a file cannot be made again elsewhere: it is asked in this process.
    """
    asked = _Asked(asks)
    reported: set[str] = set()
    for name in asks:
        asked.start(name)
        yield from _new(asked, reported)
    for job, done in _results(audited, asked):
        asked.done(job, done)
        asked.note(note, job)
        yield from _new(asked, reported)


def _new(asked: _Asked, reported: set[str]) -> Iterator[tuple[str, Any, float]]:
    for name, (answer, seconds) in asked.answers.items():
        if name not in reported:
            reported.add(name)
            yield name, answer, seconds


def _results(audited: Audited, asked: _Asked) -> Iterator[tuple[Computation, Done]]:
    if audited.ref is None:
        jobs = (job for job in asked.jobs() if job is not None)
        yield from ((job, _done(audited, job)) for job in jobs)
    elif asked.waits:
        ref = audited.ref
        with Workers(WORKERS, _work, _failed) as workers:
            sent = (None if job is None else (ref, job) for job in asked.jobs())
            yield from ((job, done) for (_, job), done in workers.answers(sent))


def answer(audited: Audited, asks: Asks[A], note: Note = lambda text: None) -> A:
    """The answer to one question."""
    for _, found, _ in answered(audited, {"": asks}, note):
        return found
    raise RuntimeError("the question has no answer")
