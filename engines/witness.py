"""Scripted runs that reach the premises: a witness that replays needs no solver.

The parts of a subject have scripts, each a run of the reference step by step. A premise counts as
reached where the Python semantics, following a script, comes to a state in which it holds. What no
script reaches is left to the search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..counterexamples.trace import Step, Trace, flat, run, traced
from ..model.kernel import State, System, arguments
from ..properties.loading import SubjectRef, load_design
from ..properties.property import Property
from ..properties.subject import Script, Subject


def scripted(
    subject: Subject, design: str, properties: Iterable[Property], ref: SubjectRef | None = None
) -> dict[str, Trace]:
    """For each property whose premise a script of the subject reaches: a shortest such run.

    *ref* is what a subject of a user's own was loaded by.
    """
    bounds = subject.enough or subject.bounds
    system = subject.system(load_design(design, subject), bounds)
    first = subject.first(system.template)
    identity = traced(subject, ref)
    played = [states(system, first, script) for script in subject.runs]
    told: dict[int, list[Step]] = {}
    found: dict[str, Trace] = {}
    for prop in properties:
        best = _shortest(prop, played)
        if best is not None:
            number, count = best
            if number not in told:
                told[number] = run(system, first, subject.runs[number][: len(played[number]) - 1])[0]
            steps = told[number][:count]
            found[prop.name] = Trace("model", design, bounds, flat(first), steps, None, subject=identity)
    return found


def _shortest(prop: Property, played: Sequence[Sequence[State]]) -> tuple[int, int] | None:
    """Which script comes to the premise of *prop* in the fewest steps, and how many; the first of several."""
    best = None
    for number, passed in enumerate(played):
        within = passed if best is None else passed[: best[1]]
        count = next((n for n, state in enumerate(within) if prop.premise(state)), None)
        best = best if count is None else (number, count)
    return best


def states(system: System, first: State, script: Script) -> list[State]:
    """The states of a script, as far as the system can follow it."""
    passed = [first]
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if not action.guard(passed[-1], p):
            break
        passed.append(action.effect(passed[-1], p))
    return passed
