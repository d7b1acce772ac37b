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
    undecided: list[str] = []
    found = yield from matrix(audited, effort, undecided)
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
        (*undecided, *idle.undecided),
        matrix=found,
    )


def matrix(audited: Audited, effort: float, undecided: list[str]) -> Asks[Matrix]:
    """Which guarantee falls without which clause; what is not decided is added to *undecided*."""
    rows = tuple(c.name for c in audited.clauses)
    whole = {g.name: sufficiency.kept(g.name, effort) for g in audited.guarantees}
    done = yield list(whole.values())
    cells: dict[tuple[str, str], Cell] = {}
    columns: dict[str, Job] = {}
    for name, job in whole.items():
        harm = sufficiency.result(done[job])
        if harm.trace is not None:
            undecided.append(f"{name}: falls with every clause kept, so none is to blame")
        elif harm.bound.reason:
            undecided.append(f"{name}: {harm.bound.reason}")
        else:
            cells.update({(row, name): Cell(None, harm.bound.depth) for row in rows})
            columns[name] = Job(column, (name, harm.bound.owed, effort), f"what {name} needs")
    done = yield list(columns.values())
    for name, job in columns.items():
        result = done[job]
        if isinstance(result, Failed):
            cells.update({(row, name): UNSEARCHED for row in rows})
            undecided.append(f"{name}: {result.reason}")
            continue
        for row, harm in result.items():
            cells[row, name] = _cell(harm)
            if harm.bound.reason:
                undecided.append(f"{name}, without {row}: {harm.bound.reason}")
    says = (
        f"steps in which a target that keeps every other clause breaks the guarantee; {audited.world.show()}"
    )
    return Matrix(says, rows, tuple(whole), cells)


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
