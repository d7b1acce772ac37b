"""The mutation matrix: which property catches which seeded design, computed.

First the solver finds a shortest run on which each design breaks the property that it is
listed with. Those runs, and the scripted ones, are then tried on every design: the same
steps as far as they are possible there, and the way to the end after them. Every property
is evaluated in every state. What no run catches is searched by the solver, property by property.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..engines.bmc import OutOfTime, ShortestRun
from ..engines.compliance import CompliantSearch
from ..engines.effort import Effort
from ..engines.encode import Encoded
from ..model.bounds import Bounds
from ..model.kernel import System, arguments
from ..model.records import rebuild, values
from ..properties.subject import Script
from .audited import Audited
from .harm import SEARCH
from .jobs import Asks, Computation, Failed
from .matrix import Caught, Matrix
from .places import breaking

SEARCHED = 7
"""Steps: how deep a property that caught nothing is searched for."""
CHUNK = 5
"""So many designs are tried by one job."""


@dataclasses.dataclass(frozen=True)
class Tried:
    """A first state (flat values), and what happens then; after ``steps`` of it, the way to the end."""

    first: tuple[int | bool, ...]
    script: tuple[tuple[str, tuple[tuple[str, int | bool], ...]], ...]
    steps: int = 0

    @classmethod
    def of(cls, first: Iterable[int | bool], script: Script, steps: int = 0) -> Tried:
        """A run as plain data."""
        return cls(tuple(first), tuple((name, tuple(p.items())) for name, p in script), steps)

    def through(self, system: System) -> Iterator[Any]:
        """The states of a system that it leads through."""
        first = rebuild(system.template, list(self.first))
        return passed(system, first, [(name, dict(p)) for name, p in self.script])


def world(audited: Audited) -> Bounds:
    """The world in which the designs are tried: the scripted runs have room in it."""
    return audited.whole.enough or audited.world


def columns(audited: Audited) -> tuple[str, ...]:
    """Every clause in its default reading, and every guarantee, but for what no model does."""
    return tuple(p.name for p in (*audited.clauses, *audited.guarantees) if not p.watched)


def matrix(audited: Audited, effort: float = 1.0) -> Asks[Matrix]:
    """The matrix of the seeded designs.

    Raises RuntimeError if a design is not caught by the property that it is listed with.
    """
    names = [design.name for design in audited.whole.every_design if design.breaks]
    found = yield from tried(audited, names, effort)
    cells = dict(found.cells)
    for name in found.idle_columns():
        cells |= yield from _by_chunk(names, _searching(name, effort))
    return dataclasses.replace(found, cells=cells)


def tried(audited: Audited, names: Sequence[str], effort: float = 1.0) -> Asks[Matrix]:
    """The matrix of the designs of these names, as far as runs of one and of another show it."""
    shortest = yield from _by_chunk(
        names, lambda some: Computation(caught, (some, effort), f"shortest runs: {some[0]}")
    )
    runs = (*_scripted(audited), *shortest.values())
    cells = yield from _by_chunk(
        names, lambda some: Computation(attempts, (some, runs), f"runs on {some[0]}")
    )
    table = {(row, c): cells[row].get(c, Caught(None, 0)) for row in names for c in columns(audited)}
    for name, run in shortest.items():
        table[name, audited.whole.design(name).breaks] = Caught(run.steps, run.steps - 1)
    says = (
        "steps in which the design breaks the property: in a shortest run, or (*) in the shortest of "
        f"{len(runs)} runs that were tried; {world(audited).show()}"
    )
    return Matrix(says, tuple(names), columns(audited), table)


def _searching(name: str, effort: float) -> Callable[[tuple[str, ...]], Computation]:
    return lambda some: Computation(searched, (some, name, effort), f"{name} searched on {some[0]}")


def _by_chunk(names: Sequence[str], job: Callable[[tuple[str, ...]], Computation]) -> Asks[dict[Any, Any]]:
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
        yield Tried.of(values(first), script)


def caught(audited: Audited, names: Sequence[str], effort: float) -> dict[str, Tried]:
    """Of each design a shortest run on which it breaks the property that it is listed with: a job."""
    found = {}
    for name in names:
        design = audited.whole.design(name)
        run = _shortest(audited, name, design.breaks, design.steps_to_it, effort)
        if run is None:
            raise RuntimeError(f"{name} is not caught by {design.breaks} in {design.steps_to_it} steps")
        script = (*run.choices, *audited.ending)
        found[name] = Tried.of(run.first, script, len(run.choices))
    return found


def searched(
    audited: Audited, names: Sequence[str], prop: str, effort: float
) -> dict[tuple[str, str], Caught]:
    """In how many steps each design breaks a property, by the solver: a job."""
    found = {name: _shortest(audited, name, prop, SEARCHED, effort) for name in names}
    return {
        (n, prop): Caught(len(run.choices), len(run.choices) - 1) if run else Caught(None, SEARCHED)
        for n, run in found.items()
    }


def _shortest(audited: Audited, design: str, prop: str, depth: int, effort: float) -> ShortestRun | None:
    search = CompliantSearch(Encoded(audited.whole.system(design, world(audited))))
    units = Effort(effort * SEARCH)
    outcome = search.shortest((), breaking(audited.find(prop)), depth, units).outcome
    if isinstance(outcome, OutOfTime):
        raise RuntimeError(f"{design}, {prop}: {outcome.reason}")
    return outcome if isinstance(outcome, ShortestRun) else None


def attempts(audited: Audited, names: Sequence[str], runs: Sequence[Tried]) -> dict[str, dict[str, Caught]]:
    """In how many steps the runs break each property on each design, in the Python semantics: a job."""
    wanted = [audited.find(name) for name in columns(audited)]

    @functools.cache
    def broken(state: Any) -> tuple[str, ...]:
        """Most designs pass through the same states."""
        return tuple(p.name for p in wanted if not p.holds(state))

    return {name: _attempt(audited, name, runs, broken) for name in names}


def _attempt(
    audited: Audited, name: str, runs: Sequence[Tried], broken: Callable[[Any], tuple[str, ...]]
) -> dict[str, Caught]:
    system = audited.whole.system(name, world(audited))
    steps: dict[str, int] = {}
    for run in runs:
        for number, state in enumerate(run.through(system)):
            for prop in broken(state):
                steps[prop] = min(number, steps.get(prop, number))
    return {prop: Caught(number, 0, shortest=False) for prop, number in steps.items()}


def passed(system: System, first: Any, script: Script) -> Iterator[Any]:
    """The states that *script* leads through; a step that is not possible is left out."""
    state = first
    yield state
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if action.guard(state, p):
            state = action.effect(state, p)
            yield state
