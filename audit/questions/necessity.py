"""Necessity: drop each clause in turn, and see which guarantee falls.

For each guarantee one search with every clause kept tells which clauses it is owed to; only
those are dropped, one after the other, and what falls is a cell of the matrix. A clause
without which nothing falls either follows from the others (redundant), or from them and the
rules (:mod:`..rules`), or says something of its own that no guarantee needs (unguarded).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..audited import Audited
from ..finding import Answer, Computed, Finding, Sound
from ..harm import PROOF, SEARCH, Harm, Harmful
from ..jobs import Asks, Failed, Inquiry, Job
from ..matrix import UNSEARCHED, Cell, Matrix
from . import sufficiency

DEPTH = 7
"""Steps: the longest run in which something may fall."""
CHUNK = 6
"""So many clauses that nothing depends on are judged by one job."""


@dataclasses.dataclass(frozen=True)
class Idle:
    """Clauses without which nothing falls.

    ``own``: a target that keeps all the rest can break it, in so many steps. ``redundant``: one
    that keeps the other clauses cannot; whether that is proved, or bounded. ``covered``: one
    that keeps the rules besides cannot. ``undecided``: what ran out of work, and where.
    """

    own: Mapping[str, int] = dataclasses.field(default_factory=dict)
    redundant: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    covered: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "there are no clauses" if not audited.clauses else sufficiency.missing(audited)


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Compute the matrix of clauses against guarantees, and judge the clauses that guard nothing."""
    audited, effort = inquiry.audited, inquiry.effort
    table = _Table(audited)
    yield from table.filled(effort)
    found = table.matrix
    names = found.idle_rows()
    chunks = [names[n : n + CHUNK] for n in range(0, len(names), CHUNK)]
    jobs = [Job(judged, (some, effort), f"what {', '.join(some)} follow from") for some in chunks]
    done = yield jobs
    idle = _together(done[job] for job in jobs)
    return Answer(
        "necessity",
        len(found.rows),
        tuple(_findings(audited, idle)),
        tuple(_sound(found, idle)),
        (*table.undecided, *idle.undecided),
        tuple(table.remarks),
        matrix=found,
    )


class _Table:
    """Which guarantee falls without which clause, and what is open."""

    def __init__(self, audited: Audited) -> None:
        self._audited = audited
        self._rows = tuple(c.name for c in audited.clauses)
        self._cells: dict[tuple[str, str], Cell] = {}
        self.undecided: list[str] = []
        self.remarks: list[str] = []

    @property
    def matrix(self) -> Matrix:
        """What is known so far."""
        says = "steps in which a target that keeps every other clause breaks the guarantee"
        columns = tuple(g.name for g in self._audited.guarantees)
        return Matrix(f"{says}; {self._audited.world.show()}", self._rows, columns, self._cells)

    def filled(self, effort: float) -> Asks[None]:
        """Fill it: first what each guarantee is owed to, then what falls without that."""
        whole = {g.name: sufficiency.kept(g.name, effort) for g in self._audited.guarantees}
        done = yield list(whole.values())
        columns: dict[str, Job] = {}
        for name, job in whole.items():
            found = sufficiency.result(done[job])
            if found.trace is not None:
                self.remarks.append(f"{name}: falls with every clause kept, so none is to blame")
            elif found.bound.reason:
                self.undecided.append(f"{name}: {found.bound.reason}")
            else:
                self._cells |= {(row, name): Cell(None, found.bound.depth) for row in self._rows}
                columns[name] = Job(column, (name, found.bound.owed, effort), f"what {name} needs")
        done = yield list(columns.values())
        for name, job in columns.items():
            self._column(name, done[job])

    def _column(self, name: str, found: dict[str, Harm] | Failed) -> None:
        if isinstance(found, Failed):
            self._cells |= {(row, name): UNSEARCHED for row in self._rows}
            self.undecided.append(f"{name}: {found.reason}")
            return
        self._cells |= {(row, name): _cell(harm) for row, harm in found.items()}
        open_ = {row: harm.bound.reason for row, harm in found.items() if harm.bound.reason}
        self.undecided += (f"{name}, without {row}: {reason}" for row, reason in open_.items())


def column(audited: Audited, guarantee: str, owed: Sequence[str], effort: float) -> dict[str, Harm]:
    """What becomes of a guarantee without each of the clauses that it is owed to: a job."""
    harmful = Harmful(audited)
    return {name: harmful.search((guarantee,), DEPTH, effort * SEARCH, drop=name, owed=owed) for name in owed}


def _cell(harm: Harm) -> Cell:
    """A search that ended early decides nothing."""
    if harm.trace is not None:
        return Cell(len(harm.trace.steps), harm.bound.depth)
    return UNSEARCHED if harm.bound.reason else Cell(None, harm.bound.depth)


def judged(audited: Audited, names: Sequence[str], effort: float) -> Idle:
    """Judge clauses that nothing depends on: a job."""
    beside, open_beside = _breaks(Harmful(audited), names, effort)
    followed = [name for name, steps in beside.items() if steps is None]
    plain = Harmful(audited, rules=False)
    alone, open_alone = _breaks(plain, followed, effort)
    redundant = [name for name, steps in alone.items() if steps is None]
    return Idle(
        {name: steps for name, steps in beside.items() if steps is not None},
        {name: name in plain.proved((name,), effort * PROOF, drop=name) for name in redundant},
        tuple(name for name, steps in alone.items() if steps is not None),
        (*open_beside, *open_alone),
    )


def _breaks(
    harmful: Harmful, names: Sequence[str], effort: float
) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """In how many steps a target that keeps the others breaks each (None: in none), and what is open."""
    found: dict[str, int | None] = {}
    undecided = []
    for name in names:
        harm = harmful.search((name,), DEPTH, effort * SEARCH, drop=name)
        if harm.bound.reason:
            undecided.append(f"{name}, without it: {harm.bound.reason}")
        else:
            found[name] = len(harm.trace.steps) if harm.trace else None
    return found, tuple(undecided)


def _together(parts: Iterable[Idle | Failed]) -> Idle:
    whole = Idle()
    for part in parts:
        if isinstance(part, Failed):
            part = Idle(undecided=(f"clauses that nothing depends on: {part.reason}",))
        whole = Idle(
            {**whole.own, **part.own},
            {**whole.redundant, **part.redundant},
            (*whole.covered, *part.covered),
            (*whole.undecided, *part.undecided),
        )
    return whole


def _findings(audited: Audited, idle: Idle) -> Iterator[Finding]:
    reach = f"in runs of up to {DEPTH} steps; {audited.world.show()}"
    if idle.redundant:
        names = tuple(sorted(idle.redundant))
        told = {True: "follows: proved for any number of steps", False: f"no run breaks it alone, {reach}"}
        rows = tuple((name, audited.find(name).says, told[idle.redundant[name]]) for name in names)
        says = "A target that keeps all other clauses keeps this one as well."
        shows = f"{', '.join(names)}: each is demanded, and implied by the others"
        yield Finding("necessity.redundant", "necessity", names, shows, Computed(says, rows))
    if idle.own:
        names = tuple(sorted(idle.own))
        rows = tuple(
            (n, audited.find(n).says, f"broken in {idle.own[n]} steps; no guarantee falls") for n in names
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
