"""What runs in a worker process: one job at a time.

Jobs and answers are plain picklable data, so a worker that crashes takes one job with it. What
comes of a job does not depend on the jobs before it: a search builds its terms in a context of the
solver's of its own, and so does every induction query.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from ..counterexamples.trace import Trace, traced
from ..model.bounds import Bounds
from ..model.logic import Not
from ..properties.loading import SubjectRef, as_it_is, load_design
from .bmc import SEARCH, Exhausted, Found, search
from .effort import OUTER, Effort
from .encode import Encoded, fresh_context
from .induction import Induction, Limits, Obstacle, confirmed, total
from .pieces import Pieces
from .tracing import Tracer
from .verdict import Dropped

Task = Literal["step", "refute", "witness", "confirm", "total"]


@dataclasses.dataclass(frozen=True)
class Job:
    """One unit of work. ``number`` is the action instance of a step (-1: the initial states).

    A step is decided for ``claims`` (or pieces of them, ``name#3``), from ``lemmas``; a search concerns
    ``property``. ``timeout`` is in seconds per query, as an outer limit; ``effort`` in the solver's
    units of work for a whole search. ``sparing``: proofs are to rest on few premises.
    """

    task: Task
    design: str
    bounds: Bounds
    timeout: float = OUTER
    property: str = ""
    lemmas: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    depth: int = 0
    effort: int = SEARCH
    number: int = -1
    sparing: bool = False
    subject: SubjectRef = SubjectRef()


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of a job.

    ``ok``: preserved, confirmed or total; for a search, None when it is undecided.
    ``fallen``: the claims that a step does not preserve, each with the counterexample to induction.
    ``proofs``: pieces that it does preserve, with the premises that this rests on.
    ``trace``: the counterexample, the witness or the counterexample to induction.
    ``depth``: how deep a search got without finding anything.
    """

    ok: bool | None
    trace: Trace | None = None
    reason: str = ""
    depth: int = -1
    seconds: float = 0.0
    fallen: Mapping[str, Dropped] = dataclasses.field(default_factory=dict)
    proofs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()


def encoded(ref: SubjectRef, name: str, bounds: Bounds) -> Encoded:
    """The system of a design as terms, kept for the next job."""
    return pieces(ref, name, bounds).encoded


def pieces(ref: SubjectRef, name: str, bounds: Bounds) -> Pieces:
    """The claims of a subject in pieces, over the system of a design, kept for the next job."""
    return _pieces(ref, name, bounds, as_it_is(*ref.files(name)))


@functools.lru_cache(maxsize=1)
def _pieces(ref: SubjectRef, name: str, bounds: Bounds, version: str) -> Pieces:
    subject = ref.load()
    return Pieces(Encoded(subject.system(load_design(name, subject), bounds)), subject.properties)


def instances(ref: SubjectRef, name: str, bounds: Bounds) -> int:
    """How many action instances a design has."""
    subject = ref.load()
    return sum(1 for a in subject.system(load_design(name, subject), bounds).actions for _ in a.instances())


def work(job: Job) -> Answer:
    """Do one job."""
    started = time.perf_counter()
    answer = _TASKS[job.task](job)
    return dataclasses.replace(answer, seconds=time.perf_counter() - started)


class Here:
    """Does jobs in this process, one after the other."""

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Answer]]:
        """Each job with its answer, in their order."""
        for job in jobs:
            if job is not None:
                yield job, work(job)


def _tracer(job: Job) -> Tracer:
    told = traced(job.subject.load(), job.subject)
    return Tracer(encoded(job.subject, job.design, job.bounds).system, job.bounds, told, job.design)


def _limits(job: Job) -> Limits:
    return Limits(seconds=job.timeout, sparing=job.sparing)


def _step(job: Job) -> Answer:
    known = pieces(job.subject, job.design, job.bounds)
    induction = Induction(known, _limits(job))
    steps = induction.step(job.number, known.numbers(job.claims), known.numbers(job.lemmas))
    where = known.encoded.step_name(job.number)
    fallen = {}
    for number, obstacle in steps.fallen:
        claim = known.every[number].claim
        if claim not in fallen:
            fallen[claim] = Dropped(claim, f"not preserved by {where}", _obstructed(job, obstacle, claim))
    for number, reason in steps.open:
        claim = known.every[number].claim
        fallen.setdefault(claim, Dropped(claim, f"undecided for {where} ({reason})"))
    proofs = tuple((known.names(targets), known.names(premises)) for targets, premises in steps.proofs)
    return Answer(not fallen, fallen=fallen, proofs=proofs)


def _obstructed(job: Job, obstacle: Obstacle, claim: str) -> Trace | None:
    return _tracer(job).induction(obstacle, job.subject.load().find(claim))


def _refute(job: Job) -> Answer:
    system = _afresh(job)
    prop = job.subject.load().find(job.property)
    outcome = search(system, lambda w: Not(prop.holds(w)), job.depth, Effort(job.effort), job.timeout)
    if isinstance(outcome, Found):
        trace = _tracer(job).counterexample(outcome, prop)
        return Answer(False, trace, depth=len(trace.steps) - 1)
    if isinstance(outcome, Exhausted):
        return Answer(None, reason="no counterexample found", depth=outcome.depth)
    return Answer(None, reason=f"the solver gave up ({outcome.reason})", depth=outcome.depth)


def _witness(job: Job) -> Answer:
    system = _afresh(job)
    prop = job.subject.load().find(job.property)
    outcome = search(system, prop.premise, job.depth, Effort(job.effort), job.timeout)
    if isinstance(outcome, Found):
        return Answer(True, _tracer(job).witness(outcome, prop))
    return Answer(None, reason="no witness found", depth=outcome.depth)


def _afresh(job: Job) -> Encoded:
    """The system in a new context of the solver's: the run that is found is the same each time."""
    _pieces.cache_clear()
    fresh_context()
    return encoded(job.subject, job.design, job.bounds)


def _confirm(job: Job) -> Answer:
    known = pieces(job.subject, job.design, job.bounds)
    targets, premises = known.numbers(job.claims), known.numbers(job.lemmas)
    found = confirmed(known, job.number, targets, premises, _limits(job))
    return Answer(not found, reason=found)


def _total(job: Job) -> Answer:
    return Answer(total(encoded(job.subject, job.design, job.bounds)))


_TASKS = {"step": _step, "refute": _refute, "witness": _witness, "confirm": _confirm, "total": _total}
