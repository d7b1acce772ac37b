"""The mutation matrix: which property catches which seeded design, computed.

First the solver finds a shortest run on which each design breaks the property that it is
listed with. Those runs, and the scripted ones, are then tried on every design: the same
steps as far as they are possible there, and the way to the end after them. Every property
is evaluated in every state. What no run catches is searched by the solver, property by property.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..engines.bmc import Found, search
from ..engines.encode import Encoded
from ..model.bounds import Bounds
from ..model.kernel import System, arguments
from ..model.records import rebuild, values
from ..properties.subject import Script
from .audited import Audited
from .jobs import Asks, Failed, Job
from .matrix import Cell, Matrix
from .places import breaking

SEARCHED = 7
"""Steps: how deep a property that caught nothing is searched for."""
CHUNK = 5
"""So many designs are tried by one job."""


@dataclasses.dataclass(frozen=True)
class Tried:
    """A first state (flat values), and what happens then; after ``steps`` of it, the way to the end."""

    first: tuple[int | bool, ...]
    script: Script
    steps: int = 0


def world(audited: Audited) -> Bounds:
    """The world in which the designs are tried: the scripted runs have room in it."""
    return audited.whole.enough or audited.world


def columns(audited: Audited) -> tuple[str, ...]:
    """Every clause in its default reading, and every guarantee."""
    return tuple(p.name for p in (*audited.clauses, *audited.guarantees))


def matrix(audited: Audited, names: Sequence[str] = (), effort: float = 1.0) -> Asks[Matrix]:
    """The matrix of the seeded designs (or of those named).

    Raises RuntimeError if a design is not caught by the property that it is listed with.
    """
    listed = [d.name for d in audited.whole.every_design if d.breaks and (not names or d.name in names)]
    breaks = {name: audited.whole.design(name).breaks for name in listed}
    shortest = yield from _by_chunk(
        listed, lambda some: Job(caught, (some, effort), f"shortest runs: {some[0]}")
    )
    runs = [*_scripted(audited), *shortest.values()]
    cells = yield from _by_chunk(
        listed, lambda some: Job(attempts, (some, tuple(runs)), f"runs on {some[0]}")
    )
    table = {(row, c): cells[row].get(c, Cell(None, 0)) for row in listed for c in columns(audited)}
    table |= {(n, breaks[n]): Cell(run.steps, run.steps - 1) for n, run in shortest.items()}
    says = (
        "steps in which the design breaks the property: in a shortest run, or (*) in the shortest of "
        f"{len(runs)} runs that were tried; {world(audited).show()}"
    )
    found = Matrix(says, tuple(listed), columns(audited), table)
    for name in found.idle_columns():
        table |= yield from _by_chunk(listed, _searching(name, effort))
    return found


def _searching(name: str, effort: float) -> Callable[[tuple[str, ...]], Job]:
    return lambda some: Job(searched, (some, name, effort), f"{name} searched on {some[0]}")


def _by_chunk(names: Sequence[str], job: Callable[[tuple[str, ...]], Job]) -> Asks[dict[Any, Any]]:
    """What jobs on a few designs each come to, put together. Raises RuntimeError for one that failed."""
    jobs = [job(tuple(names[n : n + CHUNK])) for n in range(0, len(names), CHUNK)]
    done = yield jobs
    whole: dict[Any, Any] = {}
    for each in jobs:
        if isinstance(done[each], Failed):
            raise RuntimeError(f"{each.says}: {done[each].reason}")
        whole |= done[each]
    return whole


def _scripted(audited: Audited) -> Iterator[Tried]:
    for _, _, first, script in audited.scripted():
        yield Tried(tuple(values(first)), script)


def caught(audited: Audited, names: Sequence[str], effort: float) -> dict[str, Tried]:
    """Of each design a shortest run on which it breaks the property that it is listed with: a job."""
    found = {}
    for name in names:
        design = audited.whole.design(name)
        run = _shortest(audited, name, design.breaks, design.steps_to_it, effort)
        if run is None:
            raise RuntimeError(f"{name} is not caught by {design.breaks} in {design.steps_to_it} steps")
        script = (*run.choices, *audited.ending)
        found[name] = Tried(tuple(run.first), script, len(run.choices))
    return found


def searched(audited: Audited, names: Sequence[str], prop: str, effort: float) -> dict[tuple[str, str], Cell]:
    """In how many steps each design breaks a property, by the solver: a job."""
    found = {name: _shortest(audited, name, prop, SEARCHED, effort) for name in names}
    return {
        (n, prop): Cell(len(run.choices), len(run.choices) - 1) if run else Cell(None, SEARCHED)
        for n, run in found.items()
    }


def _shortest(audited: Audited, design: str, prop: str, depth: int, effort: float) -> Found | None:
    encoded = Encoded(audited.whole.system(design, world(audited)))
    outcome = search(encoded, breaking(audited.find(prop)), depth, 60.0)
    return outcome if isinstance(outcome, Found) else None


def attempts(audited: Audited, names: Sequence[str], runs: Sequence[Tried]) -> dict[str, dict[str, Cell]]:
    """In how many steps the runs break each property on each design, in the Python semantics: a job."""
    broken = _Broken(audited)
    return {name: attempt(audited, name, runs, broken) for name in names}


class _Broken:
    """The properties that do not hold in a state: most designs pass through the same ones."""

    def __init__(self, audited: Audited) -> None:
        self._wanted = [audited.find(name) for name in columns(audited)]
        self._known: dict[Any, tuple[str, ...]] = {}

    def __call__(self, state: Any) -> tuple[str, ...]:
        if state not in self._known:
            self._known[state] = tuple(p.name for p in self._wanted if not p.holds(state))
        return self._known[state]


def attempt(
    audited: Audited, name: str, runs: Sequence[Tried], broken: Callable[[Any], tuple[str, ...]]
) -> dict[str, Cell]:
    """Try all runs on one design: the earliest that each property was broken in."""
    system = audited.whole.system(name, world(audited))
    steps: dict[str, int] = {}
    for tried in runs:
        first = rebuild(system.template, list(tried.first))
        for number, state in enumerate(passed(system, first, tried.script)):
            for prop in broken(state):
                steps[prop] = min(number, steps.get(prop, number))
    return {prop: Cell(number, 0, shortest=False) for prop, number in steps.items()}


def passed(system: System, first: Any, script: Script) -> Iterator[Any]:
    """The states that *script* leads through; a step that is not possible is left out."""
    state = first
    yield state
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if action.guard(state, p):
            state = action.effect(state, p)
            yield state
