"""What runs in a worker process: one job at a time, on a system encoded once per process.

Jobs and answers are plain picklable data, so a worker that crashes takes one job with it.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Mapping
from typing import Literal

from ..counterexamples.trace import Trace, traced
from ..model.bounds import Bounds
from ..model.logic import Not
from ..properties.loading import SubjectRef, as_it_is, load_design
from .bmc import Exhausted, Found, search
from .encode import Encoded
from .induction import Induction, recheck, total
from .tracing import Tracer
from .verdict import Dropped

Task = Literal["step", "refute", "witness", "recheck", "total"]


@dataclasses.dataclass(frozen=True)
class Job:
    """One unit of work. ``number`` is the action instance of a step (-1: the initial states).

    A step is decided for ``claims``, from ``lemmas``; a search concerns ``property``.

    ``timeout`` is in seconds per query, ``budget`` in seconds for a whole search.
    """

    task: Task
    design: str
    bounds: Bounds
    timeout: float
    property: str = ""
    lemmas: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    depth: int = 0
    budget: float = math.inf
    number: int = -1
    subject: SubjectRef = SubjectRef()


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of a job.

    ``ok``: preserved, rechecked or total; for a search, None when it is undecided.
    ``fallen``: the claims that a step does not preserve, each with the counterexample to induction.
    ``trace``: the counterexample, the witness or the counterexample to induction.
    ``depth``: how deep a search got without finding anything.
    """

    ok: bool | None
    trace: Trace | None = None
    reason: str = ""
    depth: int = -1
    seconds: float = 0.0
    fallen: Mapping[str, Dropped] = dataclasses.field(default_factory=dict)


def encoded(ref: SubjectRef, name: str, bounds: Bounds) -> Encoded:
    """The system of a design as terms, kept for the next job."""
    return _encoded(ref, name, bounds, as_it_is(*ref.files(name)))


@functools.lru_cache(maxsize=2)
def _encoded(ref: SubjectRef, name: str, bounds: Bounds, version: str) -> Encoded:
    subject = ref.load()
    return Encoded(subject.system(load_design(name, subject), bounds))


def instances(ref: SubjectRef, name: str, bounds: Bounds) -> int:
    """How many action instances a design has."""
    return len(encoded(ref, name, bounds).instances)


def work(job: Job) -> Answer:
    """Do one job."""
    started = time.perf_counter()
    answer = _TASKS[job.task](job)
    return dataclasses.replace(answer, seconds=time.perf_counter() - started)


def _tracer(job: Job) -> Tracer:
    told = traced(job.subject.load(), job.subject)
    return Tracer(encoded(job.subject, job.design, job.bounds).system, job.bounds, told, job.design)


def _step(job: Job) -> Answer:
    system = encoded(job.subject, job.design, job.bounds)
    induction = Induction(system, [job.subject.load().find(name) for name in job.lemmas], job.timeout)
    step = induction.step(job.number, [job.subject.load().find(name) for name in job.claims])
    tracer = _tracer(job)
    fallen = {
        name: Dropped(name, f"not preserved by {o.step}", tracer.induction(o, job.subject.load().find(name)))
        for name, o in step.fallen.items()
    }
    where = system.step_name(job.number)
    reason = f"undecided for {where} ({step.open})" if step.open else ""
    return Answer(None if reason else not fallen, reason=reason, fallen=fallen)


def _refute(job: Job) -> Answer:
    prop = job.subject.load().find(job.property)
    outcome = search(
        encoded(job.subject, job.design, job.bounds),
        lambda w: Not(prop.holds(w)),
        job.depth,
        job.timeout,
        job.budget,
    )
    if isinstance(outcome, Found):
        trace = _tracer(job).counterexample(outcome, prop)
        return Answer(False, trace, depth=len(trace.steps) - 1)
    if isinstance(outcome, Exhausted):
        return Answer(None, reason="no counterexample found", depth=outcome.depth)
    return Answer(None, reason=f"the solver gave up ({outcome.reason})", depth=outcome.depth)


def _witness(job: Job) -> Answer:
    prop = job.subject.load().find(job.property)
    outcome = search(
        encoded(job.subject, job.design, job.bounds), prop.premise, job.depth, job.timeout, job.budget
    )
    if isinstance(outcome, Found):
        return Answer(True, _tracer(job).witness(outcome, prop))
    return Answer(None, reason="no witness found", depth=outcome.depth)


def _recheck(job: Job) -> Answer:
    claims = [job.subject.load().find(name) for name in job.lemmas]
    found = recheck(encoded(job.subject, job.design, job.bounds), claims, job.number, job.timeout)
    return Answer(not found, reason=found)


def _total(job: Job) -> Answer:
    return Answer(total(encoded(job.subject, job.design, job.bounds)))


_TASKS = {"step": _step, "refute": _refute, "witness": _witness, "recheck": _recheck, "total": _total}
