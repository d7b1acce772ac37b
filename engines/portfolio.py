"""A design is checked: by one engine, or by the portfolio of them, on several cores.

The portfolio does this.

1. What is wanted is asked of each action instance; what its proofs rest on, of lemmas, clauses and
   guarantees, is asked next (:mod:`.invariant`). What falls is dropped. Where few properties are wanted,
   as little as can be is asked; where many are, all claims are asked at once.
2. What stands is decided again by a solver of another make, before anything is called proved.
3. What fell goes to the search for a shortest counterexample.

Whatever the engine, every premise needs a run that reaches it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..counterexamples.trace import Trace
from ..model.bounds import Bounds
from ..model.chimney.state import world_size
from ..properties.loading import SubjectRef, load_design
from ..properties.property import Property
from .bmc import SEARCH
from .bounded import Bounded
from .effort import MILLION, OUTER
from .engine import Asks, Budget, Decided, Engine, Problem
from .invariant import FEW, ByInduction
from .pool import Pool
from .reachability import Reachability
from .spawning import alone
from .verdict import Dropped, Proved, Result, Unknown, Violated
from .witness import scripted
from .worker import Job, bench


@dataclasses.dataclass(frozen=True)
class CheckRequest:
    """What to check: a design, properties by name (none: all but the lemmas), bounds and limits.

    ``depth`` is in steps, ``effort`` in the solver's units of work for one search; ``timeout``, in
    seconds for one query, is an outer limit on which no verdict should rest. ``engine`` is by name.
    """

    design: str = "reference"
    properties: tuple[str, ...] = ()
    bounds: Bounds = world_size()
    timeout: float = OUTER
    depth: int = 10
    workers: int = 2
    effort: int = SEARCH
    subject: SubjectRef = SubjectRef()
    engine: str = "portfolio"


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
    engine: str = "portfolio"


QUICK = 8 * MILLION
"""Work that the quick search may do for each."""

Progress = Callable[[Result], None]


class Portfolio:
    """Induction, then bounded search for what is left; a quick search first where a bug is likely."""

    name = "portfolio"

    def decide(self, problem: Problem, names: Sequence[str], budget: Budget) -> Iterator[Decided | Dropped]:
        """Proved by induction, violated by a shortest run, or undecided by both."""
        left = dict.fromkeys(names)
        quick = dataclasses.replace(budget, effort=min(QUICK, budget.effort))
        likely = problem.suspect and len(names) <= FEW
        for found in Bounded().decide(problem, names if likely else (), quick):
            if isinstance(found.verdict, Violated):
                del left[found.property]
                yield found
        open_: dict[str, Decided] = {}
        for result in ByInduction().decide(problem, list(left), budget):
            if isinstance(result, Decided) and isinstance(result.verdict, Unknown):
                open_[result.property] = result
            else:
                yield result
        for found in Bounded().decide(problem, list(open_), budget):
            yield _both(open_[found.property], found)


def _both(proof: Decided, search: Decided) -> Decided:
    """What came of a property that induction left open."""
    verdict = search.verdict
    if isinstance(verdict, Unknown) and isinstance(proof.verdict, Unknown):
        reason = f"{proof.verdict.reason}; {verdict.reason}"
        verdict = Unknown(reason, verdict.bound, proof.verdict.induction)
    return Decided(search.property, verdict, proof.seconds + search.seconds)


ENGINES: Mapping[str, Engine] = {
    engine.name: engine for engine in (Portfolio(), ByInduction(), Bounded(), Reachability())
}
"""The engines by name."""


class _Check:
    """One design is checked by one engine."""

    def __init__(self, request: CheckRequest, asks: Asks, progress: Progress) -> None:
        self.request = request
        self.subject = request.subject.load()
        self.progress = progress
        named = request.properties or tuple(p.name for p in self.subject.properties if p.kind != "lemma")
        self.wanted = [self.subject.find(name) for name in named]
        self.results: dict[str, Result] = {}
        self.dropped: dict[str, Dropped] = {}
        design = load_design(request.design, self.subject)
        system = self.subject.system(design, request.bounds)
        pattern = Job("total", request.design, request.bounds, subject=request.subject)
        self.problem = Problem(system, self.subject.properties, pattern, asks, bool(design.breaks))
        self.budget = Budget(request.depth, request.effort, request.timeout)

    def prepare(self, searching: bool) -> None:
        """Build here once what each worker needs, where workers are copies of this process.

        *searching*: the claims are not needed in pieces.
        """
        if not alone():
            return
        with contextlib.suppress(Exception):  # a worker tries again, and tells what is wrong with the design
            known = bench(self.problem.pattern).pieces
            known.numbers(() if searching else (claim.name for claim in self.problem.claims))

    def run(self) -> None:
        names = [p.name for p in self.wanted]
        for found in ENGINES[self.request.engine].decide(self.problem, names, self.budget):
            if isinstance(found, Dropped):
                self.dropped[found.name] = found
            else:
                result = Result(found.property, self.request.design, found.verdict, found.seconds)
                self.results[found.property] = result
                self.progress(result)

    def total(self) -> bool:
        """Whether every state has a successor."""
        jobs = [self.problem.job("total", self.budget)]
        return all(answer.ok for _, answer in self.problem.asks.answers(jobs))

    def witnesses(self) -> list[Witness]:
        """A run to the premise of each property: its counterexample, a scripted run, or a search."""
        found = []
        missing: list[Property] = []
        runs = {r.property: r.verdict.trace for r in self.results.values() if isinstance(r.verdict, Violated)}
        rest = [prop for prop in self.wanted if prop.name not in runs]
        scripts = {}
        if rest and self.request.bounds.hold(self.subject.enough or self.subject.bounds):
            scripts = scripted(self.subject, self.request.design, rest, self.request.subject)
        for prop in self.wanted:
            if prop.name in runs:
                found.append(Witness(prop.name, True, len(runs[prop.name].steps), 0.0))
            elif prop.name in scripts:
                trace = scripts[prop.name]
                found.append(Witness(prop.name, True, len(trace.steps), 0.0, trace))
            else:
                missing.append(prop)
        known = tuple(sorted(set(self._invariants())))
        sought = [prop.name for prop in missing]
        answers = dict(self.problem.batched("witness", sought, self.budget, lemmas=known))
        for prop in missing:
            answer = answers[prop.name]
            steps = len(answer.trace.steps) if answer.trace else answer.depth
            found.append(Witness(prop.name, answer.ok, steps, answer.seconds, answer.trace))
        return found

    def _invariants(self) -> Iterator[str]:
        """What holds in every reachable state, as far as proofs of this check say so."""
        for result in self.results.values():
            verdict = result.verdict
            if isinstance(verdict, Proved) and verdict.rechecked and not verdict.found:
                yield from {*verdict.rests_on, result.property}


def check(request: CheckRequest, progress: Progress = lambda result: None) -> Report:
    """Decide the requested properties of a design.

    *progress* hears of each result as it is decided. Raises KeyError for a design or a
    property that does not exist; KeyboardInterrupt leaves the results heard so far.
    """
    started = time.perf_counter()
    design = load_design(request.design, request.subject.load())
    one_search = request.properties == (design.breaks,)  # which finds its bug: a second worker would idle
    with Pool(1 if one_search else request.workers) as pool:
        state = _Check(request, pool, progress)
        state.prepare(searching=one_search)
        state.run()
        witnesses = state.witnesses()
        total = state.total()
    order = {p.name: n for n, p in enumerate(state.subject.properties)}
    results = sorted(state.results.values(), key=lambda r: order[r.property])
    return Report(
        request.design,
        request.bounds,
        tuple(results),
        tuple(witnesses),
        total,
        time.perf_counter() - started,
        dropped=tuple(d for d in state.dropped.values() if not state.subject.find(d.name).reading),
        engine=request.engine,
    )
