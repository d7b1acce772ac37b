"""The mutation matrix: which property catches which seeded design, computed.

First the solver finds a shortest run on which each design breaks the property that it is
listed with. Those runs, and the scripted ones, are then tried on every design: the same
steps as far as they are possible there, and the way to the end of the hand-off after them.
Every property is evaluated in every state. What no run catches is searched by the solver,
property by property, while time is left.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..engines.pool import Pool, Workers
from ..engines.worker import Job
from ..model.chimney.state import World
from ..model.kernel import System, arguments
from ..model.records import rebuild, values
from ..properties.chimney.runs import END, ENOUGH, SETTLE, TERMINATE
from ..properties.chimney.subject import CHIMNEY
from ..properties.subject import Script
from .matrix import Cell, Matrix

Note = Callable[[str], None]
WORKERS = 2
TIMEOUT = 60.0
"""Seconds for one query."""
SEARCHED = 7
"""Steps: how deep a property that caught nothing is searched for."""
ENDING: Script = (*TERMINATE, *END, *SETTLE)


@dataclasses.dataclass(frozen=True)
class Run:
    """A first state (flat values) of the world :data:`ENOUGH`, and what happens from there on."""

    first: tuple[int | bool, ...]
    script: Script


@dataclasses.dataclass(frozen=True)
class Trial:
    """A job: all runs on one design."""

    design: str
    runs: tuple[Run, ...]
    depth: int = 0
    timeout: float = TIMEOUT
    budget: float = TIMEOUT


@dataclasses.dataclass(frozen=True)
class Caught:
    """In how many steps each property was broken at the earliest; ``reason``: why the trial failed."""

    steps: Mapping[str, int]
    reason: str = ""


def columns() -> tuple[str, ...]:
    """Every clause in its default reading, and every guarantee."""
    return tuple(p.name for p in CHIMNEY.of_kind("clause", "guarantee") if not p.reading)


def matrix(note: Note = lambda text: None, budget: float = 120.0, names: Sequence[str] = ()) -> Matrix:
    """The matrix of the seeded designs (or of those named). *budget* is in seconds, and soft.

    Raises RuntimeError if a design is not caught by the property that it is listed with.
    """
    until = time.monotonic() + budget
    listed = {e.name: e for e in CHIMNEY.every_design if e.breaks and (not names or e.name in names)}
    cells: dict[tuple[str, str], Cell] = {}
    runs = list(_scripted())
    with Pool(WORKERS) as pool:
        refute = functools.partial(Job, "refute", bounds=ENOUGH, timeout=TIMEOUT)
        wanted = [refute(e.name, property=e.breaks, depth=e.steps_to_it) for e in listed.values()]
        for job, answer in pool.answers(wanted):
            note(f"shortest runs: {job.design}")
            if answer.trace is None:
                raise RuntimeError(f"{job.design} is not caught by {job.property}: {answer.reason}")
            choices = tuple((s.action, s.parameters) for s in answer.trace.steps)
            runs.append(Run(tuple(answer.trace.initial.values()), (*choices, *ENDING)))
            cells[job.design, job.property] = Cell(len(choices), answer.depth)
        cells = {**dict(_tried(listed, runs, note)), **cells}
        found = Matrix(_says(len(runs)), tuple(listed), columns(), cells)
        return _searched(found, pool, refute, until, note)


def _says(runs: int) -> str:
    return (
        "steps in which the design breaks the property: in a shortest run, or (*) in the shortest of "
        f"{runs} runs that were tried; {ENOUGH.show()}"
    )


def _scripted() -> Iterator[Run]:
    first = tuple(values(CHIMNEY.first(_system("reference").template)))
    yield from (Run(first, script) for script in CHIMNEY.runs)


def _tried(listed: Iterable[str], runs: Sequence[Run], note: Note) -> Iterator[tuple[tuple[str, str], Cell]]:
    trials = [Trial(name, tuple(runs)) for name in listed]
    with Workers(WORKERS, attempt, lambda reason: Caught({}, reason)) as workers:
        for number, (trial, caught) in enumerate(workers.answers(trials), 1):
            note(f"{len(runs)} runs tried on {number} of {len(trials)} designs")
            if caught.reason:
                raise RuntimeError(f"{trial.design}: {caught.reason}")
            for name in columns():
                steps = caught.steps.get(name)
                yield (trial.design, name), Cell(steps, 0, shortest=False)


def _searched(found: Matrix, pool: Pool, refute: Callable[..., Job], until: float, note: Note) -> Matrix:
    """The matrix with what the solver says of the properties that no run caught a design by."""
    cells = dict(found.cells)
    for name in found.idle_columns():
        jobs = (
            refute(row, property=name, depth=SEARCHED, budget=until - time.monotonic())
            for row in found.rows
            if time.monotonic() < until
        )
        for job, answer in pool.answers(jobs):
            note(f"{name} searched on {job.design}")
            steps = len(answer.trace.steps) if answer.trace else None
            cells[job.design, name] = Cell(steps, answer.depth)
    return dataclasses.replace(found, cells=cells)


@functools.lru_cache(maxsize=4)
def _system(name: str) -> System:
    return CHIMNEY.system(CHIMNEY.design(name), ENOUGH)


@functools.lru_cache(maxsize=100_000)
def _broken(world: World) -> tuple[str, ...]:
    """The properties that do not hold in a state: most designs pass through the same ones."""
    return tuple(
        p.name for p in CHIMNEY.of_kind("clause", "guarantee") if not p.reading and not p.holds(world)
    )


def attempt(trial: Trial) -> Caught:
    """Try all runs on one design, in the Python semantics."""
    system = _system(trial.design)
    steps: dict[str, int] = {}
    for tried in trial.runs:
        first = rebuild(system.template, list(tried.first))
        for number, world in enumerate(passed(system, first, tried.script)):
            for name in _broken(world):
                steps[name] = min(number, steps.get(name, number))
    return Caught(steps)


def passed(system: System, first: World, script: Script) -> Iterator[World]:
    """The states that *script* leads through; a step that is not possible is left out."""
    state = first
    yield state
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if action.guard(state, p):
            state = action.effect(state, p)
            yield state
