"""Necessity: drop each clause in turn, and see which guarantee falls.

For each guarantee one search with every clause kept tells which clauses it is owed to; only
those are dropped, one after the other, and what falls is a cell of the matrix. A clause
without which nothing falls either follows from the others (redundant), or from them and the
rules (:mod:`..rules`), or says something of its own that no guarantee needs (unguarded).
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ...engines.pool import Workers
from ..finding import Answer, Computed, Finding, Sound
from ..harm import Harm, Job, failed, work
from ..matrix import UNSEARCHED, Cell, Matrix
from ..spec import Spec

DEPTH = 7
"""Steps: the longest run in which something may fall."""
WORKERS = 2

Note = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Idle:
    """Clauses without which nothing falls.

    ``own``: a target that keeps all the rest can break it, in so many steps. ``redundant``: one
    that keeps the other clauses cannot; whether that is proved, or bounded. ``covered``: one
    that keeps the rules besides cannot.
    """

    own: Mapping[str, int]
    redundant: Mapping[str, bool]
    covered: tuple[str, ...]


class _Asked:
    """The searches of one audit."""

    def __init__(self, spec: Spec, budget: float, note: Note, workers: Workers[Job, Harm]) -> None:
        self.spec = spec
        self._note = note
        self._workers = workers
        self._until = time.monotonic() + budget
        self._search = functools.partial(Job, spec.again, depth=DEPTH, polish=0.0)
        self.undecided: list[str] = []

    def _done(self, jobs: Iterable[Job], what: str) -> Iterator[tuple[Job, Harm]]:
        todo = list(jobs)
        for number, (job, harm) in enumerate(self._workers.answers(self._timed(todo)), 1):
            self._note(f"{what}: {number} of {len(todo)}")
            if harm.bound.reason:
                without = f", without {job.drop[0]}" if job.drop else ""
                self.undecided.append(f"{job.goal[0]}{without}: {harm.bound.reason}")
            yield job, harm

    def _timed(self, jobs: Sequence[Job]) -> Iterator[Job]:
        for job in jobs:
            left = max(0.01, self._until - time.monotonic())
            yield dataclasses.replace(job, timeout=left, budget=left)

    def matrix(self) -> Matrix:
        """Which guarantee falls without which clause."""
        guarantees = [g.name for g in self.spec.guarantees]
        rows = [c.name for c in self.spec.clauses]
        cells: dict[tuple[str, str], Cell] = {}
        wanted: list[Job] = []
        for job, harm in self._done(
            (self._search((g,)) for g in guarantees), "what each guarantee is owed to"
        ):
            name, owed = job.goal[0], harm.bound.owed
            if harm.trace is not None:
                self.undecided.append(f"{name}: falls with every clause kept, so none is to blame")
            elif not harm.bound.reason:
                cells.update({(row, name): Cell(None, harm.bound.depth) for row in rows})
                wanted += (self._search((name,), drop=(clause,), owed=owed) for clause in owed)
        for job, harm in self._done(wanted, "clauses left out"):
            cells[job.drop[0], job.goal[0]] = _cell(harm)
        says = "steps in which a target that keeps every other clause breaks the guarantee"
        return Matrix(f"{says}; {self.spec.bounds.show()}", tuple(rows), tuple(guarantees), cells)

    def idle(self, names: Sequence[str]) -> Idle:
        """Judge clauses that nothing depends on."""
        beside = self._breaks(names, rules=True)
        followed = [name for name in names if name in beside and beside[name] is None]
        alone = self._breaks(followed, rules=False)
        redundant = [name for name in alone if alone[name] is None]
        proofs = (self._search((name,), drop=(name,), rules=False, prove=True) for name in redundant)
        proved = [name for _, harm in self._done(proofs, "proofs") for name in harm.proved]
        own = {name: steps for name, steps in beside.items() if steps is not None}
        covered = tuple(name for name in followed if alone.get(name) is not None)
        return Idle(own, {name: name in proved for name in redundant}, covered)

    def _breaks(self, names: Sequence[str], *, rules: bool) -> dict[str, int | None]:
        """In how many steps a target that keeps every other clause breaks each; None: in none."""
        jobs = (self._search((name,), drop=(name,), rules=rules) for name in names)
        kept = "the rest" if rules else "the other clauses"
        found: dict[str, int | None] = {}
        for job, harm in self._done(jobs, f"clauses that follow from {kept}"):
            if harm.trace is not None or not harm.bound.reason:
                found[job.goal[0]] = len(harm.trace.steps) if harm.trace else None
        return found


def _cell(harm: Harm) -> Cell:
    """A search that ended early decides nothing."""
    if harm.trace is not None:
        return Cell(len(harm.trace.steps), harm.bound.depth)
    return UNSEARCHED if harm.bound.reason else Cell(None, harm.bound.depth)


def matrix(spec: Spec, budget: float, note: Note) -> Matrix:
    """The matrix of clauses against guarantees; *budget* is in seconds, and soft."""
    with Workers(WORKERS, work, failed) as workers:
        return _Asked(spec, budget, note, workers).matrix()


def ask(spec: Spec, budget: float, note: Note) -> Answer:
    """Compute the matrix of clauses against guarantees, and judge the clauses that guard nothing."""
    started = time.monotonic()
    with Workers(WORKERS, work, failed) as workers:
        asked = _Asked(spec, budget, note, workers)
        found = asked.matrix()
        idle = asked.idle(found.idle_rows())
    return Answer(
        "necessity",
        len(found.rows),
        tuple(_findings(spec, idle)),
        tuple(_sound(found, idle)),
        tuple(asked.undecided),
        time.monotonic() - started,
        found,
    )


def _findings(spec: Spec, idle: Idle) -> Iterator[Finding]:
    reach = f"in runs of up to {DEPTH} steps; {spec.bounds.show()}"
    if idle.redundant:
        names = tuple(sorted(idle.redundant))
        told = {True: "follows: proved for any number of steps", False: f"no run breaks it alone, {reach}"}
        rows = tuple((name, spec.find(name).says, told[idle.redundant[name]]) for name in names)
        says = "A target that keeps all other clauses keeps this one as well."
        shows = f"{', '.join(names)}: each is demanded, and implied by the others"
        yield Finding("necessity.redundant", "necessity", names, shows, Computed(says, rows))
    if idle.own:
        names = tuple(sorted(idle.own))
        rows = tuple(
            (n, spec.find(n).says, f"broken in {idle.own[n]} steps; no guarantee falls") for n in names
        )
        says = f"A target that keeps everything else can break this one, and no guarantee falls, {reach}."
        shows = f"{', '.join(names)}: nothing that is owed to the user of a connection depends on them"
        yield Finding("necessity.unguarded", "necessity", names, shows, Computed(says, rows))


def _sound(matrix: Matrix, idle: Idle) -> Iterator[Sound]:
    for row in matrix.rows:
        if matrix.broken(row):
            falls = ", ".join(f"{c} falls in {matrix.cell(row, c).steps} steps" for c in matrix.broken(row))
            yield Sound(row, f"needed: without it {falls}")
    for name in idle.covered:
        yield Sound(
            name, "follows from the other clauses and the rules beside them, and not from the clauses alone"
        )
