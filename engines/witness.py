"""Scripted runs that reach the premises: a witness that replays needs no solver.

The parts of a subject have scripts, each a run of the reference step by step. A premise counts as
reached where the Python semantics, following a script, comes to a state in which it holds. What no
script reaches is left to the search.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    told_steps = [
        run(system, first, script[: len(passed) - 1])[0]
        for script, passed in zip(subject.runs, played, strict=True)
    ]
    found: dict[str, Trace] = {}
    for prop in properties:
        shortest: list[Step] | None = None
        for passed, steps in zip(played, told_steps, strict=True):
            count = _steps_to(prop, passed if shortest is None else passed[: len(shortest)])
            shortest = shortest if count is None else steps[:count]
        if shortest is not None:
            found[prop.name] = Trace("model", design, bounds, flat(first), shortest, None, subject=identity)
    return found


def _steps_to(prop: Property, passed: Iterable[State]) -> int | None:
    """After how many steps the premise of *prop* holds first."""
    return next((n for n, state in enumerate(passed) if prop.premise(state)), None)


def states(system: System, first: State, script: Script) -> list[State]:
    """The states of a script, as far as the system can follow it."""
    passed = [first]
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if not action.guard(passed[-1], p):
            break
        passed.append(action.effect(passed[-1], p))
    return passed
