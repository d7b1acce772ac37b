"""After which step of a run a target could no longer have kept the rule that it broke.

:mod:`.mending` finds a change after which the run keeps it. Whether there is one that begins later is asked
step by step, from the last: what host, peer and wire do stays, each later call of the target may have any
other values, and it may do one thing more, or one less. It is said only where all of that was decided.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import z3

from ..model.kernel import State
from .effort import MILLION, Effort
from .encode import term
from .mending import Mended, Mending, TracedEvent, opened

WORK = 40 * MILLION
"""For all questions about one run."""


def lost_at(mending: Mending, found: Mended) -> int | None:
    """The number of the step after which it was too late; None if that was not decided."""
    events, effort = mending.run.events, Effort(WORK)
    begins = next(k for k, event in enumerate(events) if event.number == found.number)
    for k in reversed(range(begins + 1, len(events))):
        saved = _saved(mending, k, effort)
        if saved is None:
            return None
        if saved:
            return events[k].number
    return found.number


def _saved(mending: Mending, k: int, effort: Effort) -> bool | None:
    """Whether some other course from the state after *k* events on keeps the rules; None: not decided."""
    run = mending.run
    before = (run.states(run.events[:k]) or [])[-1]
    if not mending.complies(run.events[:k], k):
        return False
    for rest in _courses(mending, run.events[k:]):
        answer = _possible(mending, before, k, rest, effort)
        if answer is not False:
            return answer
    return False


def _possible(
    mending: Mending, before: State, k: int, rest: Sequence[tuple[TracedEvent, list[object]]], effort: Effort
) -> bool | None:
    query = z3.Solver()
    for _, bounds in rest:
        query.add(*bounds)
    query.add(*(term(formula) for formula in mending.formulas(before, [event for event, _ in rest])))
    answer = effort.check(query)
    if answer != z3.sat:
        return False if answer == z3.unsat else None
    made = [event.closed(query.model()) for event, _ in rest]
    return True if mending.complies((*mending.run.events[:k], *made), k) else None


def _courses(
    mending: Mending, rest: Sequence[TracedEvent]
) -> Iterator[list[tuple[TracedEvent, list[object]]]]:
    """The rest of a run with what the target does left open; with one thing less; with one more."""
    plain = [_left_open(n, event) for n, event in enumerate(rest)]
    yield plain
    for n, event in enumerate(rest):
        if event.action.actor == "target":
            yield [*plain[:n], *plain[n + 1 :]]
    for action in mending.run.system.actions:
        for fixed in action.instances() if action.actor == "target" else ():
            for n, event in enumerate(rest):
                yield [*plain[:n], opened(event.number, action, fixed, "+"), *plain[n:]]


def _left_open(n: int, event: TracedEvent) -> tuple[TracedEvent, list[object]]:
    """An event of the target with other values than those that say which one it is; any other as it was."""
    if event.action.actor != "target":
        return event, []
    which = {p.name for p in event.action.parameters if p.enumerate}
    fixed = {name: value for name, value in event.parameters.items() if name in which}
    made, bounds = opened(event.number, event.action, fixed, f"{n}?")
    return dataclasses.replace(made, number=event.number), bounds
