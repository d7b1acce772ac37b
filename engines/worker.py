"""What runs in a worker process: one job at a time.

Jobs and answers are plain picklable data, so a worker that crashes takes one job with it. What
comes of a job does not depend on the jobs before it: a search builds its terms in a context of the
solver's of its own, and so does every induction query.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import z3

from ..counterexamples.trace import Trace, traced
from ..model.bounds import Bounds
from ..model.kernel import State, System
from ..model.logic import Not, Value
from ..properties.loading import SubjectRef, as_it_is, load_design
from ..properties.property import Property
from .bmc import SEARCH, Exhausted, ShortestRun, search, solver
from .effort import OUTER, Effort
from .encode import Encoded, copied
from .induction import Induction, Limits, confirmed, total
from .pieces import Pieces
from .rawterms import conjunction
from .relevance import Relevance
from .spacer import GaveUp, Inductive
from .spacer import decide as reached
from .tracing import TraceMaker
from .verdict import Dropped

Task = Literal["step", "refute", "witness", "confirm", "total", "spacer"]

Proof = tuple[tuple[str, ...], tuple[str, ...]]
"""Pieces of claims (``name#3``) that one instance preserves, and the premises that this rests on."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One unit of work. ``number`` is the action instance of a step (-1: the initial states).

    A step is decided for ``claims`` (or pieces of them, ``name#3``), from ``lemmas``, and confirmed for them
    by its ``proofs``; a search concerns ``property``, or each of ``claims`` in turn; a witness is sought
    unless ``lemmas`` exclude it. ``timeout`` is in seconds per query, as an outer limit; ``effort`` in the
    solver's units of work for a whole search. ``sparing``: proofs are to rest on few premises.
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
    proofs: tuple[Proof, ...] = ()


@dataclasses.dataclass(frozen=True)
class JobAnswer:
    """What came of a job.

    ``ok``: preserved, confirmed or total; for a search, None when it is undecided; for a witness, False where
    there can be none.
    ``fallen``: the claims that a step does not preserve, each with the counterexample to induction.
    ``proofs``: pieces that it does preserve, with the premises that this rests on.
    ``trace``: the counterexample, the witness or the counterexample to induction.
    ``depth``: how deep a search got without finding anything. ``invariant``: the conjuncts of one that
    was found. ``each``: the answers to a search that concerns several properties.
    """

    ok: bool | None
    trace: Trace | None = None
    reason: str = ""
    depth: int = -1
    seconds: float = 0.0
    invariant: tuple[str, ...] = ()
    each: Mapping[str, JobAnswer] = dataclasses.field(default_factory=dict)
    fallen: Mapping[str, Dropped] = dataclasses.field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()


class Bench:
    """A system with its claims as terms, on which one job after the other is done."""

    def __init__(self, system: System, claims: Sequence[Property], tracer: TraceMaker) -> None:
        self.system, self.tracer = system, tracer
        self._claims = {claim.name: claim for claim in claims}

    @functools.cached_property
    def pieces(self) -> Pieces:
        """The claims in pieces, kept for the next job."""
        return Pieces(Encoded(self.system), list(self._claims.values()))

    def work(self, job: Job) -> JobAnswer:
        """Do one job."""
        started = time.perf_counter()
        answer = _TASKS[job.task](self, job)
        return dataclasses.replace(answer, seconds=time.perf_counter() - started)

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, JobAnswer]]:
        """Each job with its answer, in their order: as a pool does them, in this process."""
        return ((job, self.work(job)) for job in jobs if job is not None)

    def _step(self, job: Job) -> JobAnswer:
        known = self.pieces
        induction = Induction(known, _limits(job))
        steps = induction.step(job.number, known.numbers(job.claims), known.numbers(job.lemmas))
        where = known.encoded.step_name(job.number)
        fallen = {}
        for number, obstacle in steps.fallen:
            claim = known.every[number].claim
            if claim not in fallen:
                shown = self.tracer.induction(obstacle, self._claims[claim])
                fallen[claim] = Dropped(claim, f"not preserved by {where}", shown)
        for number, reason in steps.open:
            claim = known.every[number].claim
            fallen.setdefault(claim, Dropped(claim, f"undecided for {where} ({reason})"))
        proofs = tuple((known.names(targets), known.names(premises)) for targets, premises in steps.proofs)
        return JobAnswer(not fallen, fallen=fallen, proofs=proofs)

    def _search(self, job: Job) -> JobAnswer:
        """Search for one property, or for each of several; the system is copied once."""
        one = {"refute": self._refuted, "witness": self._witness}[job.task]
        found = {}
        with copied(self.pieces.encoded) as system:
            relevance, known = Relevance(system), self._moved(job.lemmas)
            for name in job.claims or (job.property,):
                begun = time.perf_counter()
                answer = one(job, self._claims[name], system, relevance, known)
                found[name] = dataclasses.replace(answer, seconds=time.perf_counter() - begun)
        return JobAnswer(None, each=found) if job.claims else found[job.property]

    def _moved(self, names: Sequence[str]) -> list[Any]:
        """What is claimed by these names, in the main context of now."""
        formulas = [self.pieces.every[n].formula for n in self.pieces.numbers(names)]
        return [conjunction(formulas).translate(z3.main_ctx())] if formulas else []

    def _refuted(
        self, job: Job, prop: Property, system: Encoded, relevance: Relevance, known: Sequence[Any]
    ) -> JobAnswer:
        def broken(state: State) -> Value:
            return Not(prop.holds(state))

        outcome = search(system, broken, job.depth, Effort(job.effort), job.timeout, relevance)
        if isinstance(outcome, ShortestRun):
            trace = self.tracer.counterexample(outcome, prop)
            return JobAnswer(False, trace, depth=len(trace.steps) - 1)
        if isinstance(outcome, Exhausted):
            return JobAnswer(None, reason="no counterexample found", depth=outcome.depth)
        return JobAnswer(None, reason=f"the solver gave up ({outcome.reason})", depth=outcome.depth)

    def _witness(
        self, job: Job, prop: Property, system: Encoded, relevance: Relevance, known: Sequence[Any]
    ) -> JobAnswer:
        if self._never(system, prop, job, known):
            return JobAnswer(False, reason="the premise is excluded by what is proved", depth=0)
        outcome = search(system, prop.premise, job.depth, Effort(job.effort), job.timeout, relevance)
        if isinstance(outcome, ShortestRun):
            return JobAnswer(True, self.tracer.witness(outcome, prop))
        return JobAnswer(None, reason="no witness found", depth=outcome.depth)

    def _never(self, system: Encoded, prop: Property, job: Job, known: Sequence[Any]) -> bool:
        """Whether the premise holds in no state that keeps what is *known*, which is proved."""
        query = solver(job.timeout)
        query.add(system.formula(prop.premise), *known)
        return bool(Effort(job.effort).check(query) == z3.unsat)

    def _spacer(self, job: Job) -> JobAnswer:
        with copied(self.pieces.encoded) as system:
            outcome = reached(system, self._claims[job.property], job.effort)
        if isinstance(outcome, Inductive):
            return JobAnswer(True, invariant=outcome.conjuncts)
        if isinstance(outcome, GaveUp):
            return JobAnswer(None, reason=f"Spacer gave up ({outcome.reason})")
        return JobAnswer(False)

    def _confirm(self, job: Job) -> JobAnswer:
        """Each proof again, and of what the claims need besides that nothing needs to be proved."""
        known = self.pieces
        proofs = [(known.numbers(targets), known.numbers(premises)) for targets, premises in job.proofs]
        claimed, proved = set(known.numbers(job.claims)), {t for targets, _ in proofs for t in targets}
        for targets, premises in (*proofs, (sorted(claimed - proved), [])):
            unproved = known.names(set(premises) - claimed)
            found = f"rests on {unproved[0]}, which is not claimed" if unproved else ""
            found = found or confirmed(known, job.number, targets, premises, _limits(job))
            if found:
                return JobAnswer(False, reason=found)
        return JobAnswer(True)

    def _total(self, job: Job) -> JobAnswer:
        return JobAnswer(total(self.pieces.encoded))


_TASKS = {
    "step": Bench._step,
    "refute": Bench._search,
    "witness": Bench._search,
    "confirm": Bench._confirm,
    "total": Bench._total,
    "spacer": Bench._spacer,
}


def _limits(job: Job) -> Limits:
    return Limits(seconds=job.timeout, sparing=job.sparing)


def bench(job: Job) -> Bench:
    """The bench for a job by what it names, kept for the next one."""
    return _bench(job.subject, job.design, job.bounds, as_it_is(*job.subject.files(job.design)))


@functools.lru_cache(maxsize=1)
def _bench(ref: SubjectRef, name: str, bounds: Bounds, version: str) -> Bench:
    subject = ref.load()
    system = subject.system(load_design(name, subject), bounds)
    return Bench(system, subject.properties, TraceMaker(system, bounds, traced(subject, ref), name))


def work(job: Job) -> JobAnswer:
    """Do one job of any system: what a worker process runs."""
    return bench(job).work(job)
