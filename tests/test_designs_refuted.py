"""Each seeded design is refuted by its property, in as many steps as it says; the run is real, and one that
a target can make."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from house import one_in
from random_runs import Moment
from refinement import contained
from test_designs_bugs import BROKEN_BESIDES, SEEDED, SMALL

from chimneysweep.counterexamples.model_replay import Now, replay_on_model
from chimneysweep.counterexamples.trace import Trace, run, violation
from chimneysweep.engines.worker import Job, JobAnswer, work
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import World, world_size
from chimneysweep.model.design import Bug
from chimneysweep.model.kernel import System, arguments
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.chimney import CHIMNEY


def refute(name: str, prop: str, bounds: Bounds, depth: int) -> JobAnswer:
    """What bounded model checking has to say."""
    return work(Job(task="refute", design=name, bounds=bounds, timeout=120, property=prop, depth=depth))


def last_state(system: System, trace: Trace) -> World:
    """Where the trace's first state and choices lead in the Python semantics; ValueError if nowhere."""
    first = rebuild(system.template, [trace.initial[v.name] for v in system.variables])
    steps, last = run(system, first, [(s.action, s.parameters) for s in trace.steps])
    assert steps == list(trace.steps)
    return last


def moments(system: System, trace: Trace) -> Iterator[Moment]:
    """The states of a trace, each with the step that leads out of it."""
    state = rebuild(system.template, [trace.initial[v.name] for v in system.variables])
    for step in trace.steps:
        yield Moment(state, step.action, dict(step.parameters))
        state = system.action(step.action).effect(state, arguments(step.parameters))
    yield Moment(state, None, {})


def check(bug: Bug, bounds: Bounds) -> Trace:
    """The design breaks its property in the pinned steps and in none less, on a run that replays, and that
    the most general target can make."""
    answer = refute(bug.name, bug.breaks, bounds, bug.steps)
    assert answer.trace is not None, answer.reason
    trace, prop, system = answer.trace, CHIMNEY.find(bug.breaks), CHIMNEY.system(bug.name, bounds)
    assert (len(trace.steps), answer.depth) == (bug.steps, bug.steps - 1)
    assert trace.target == bug.name
    assert trace.violation is not None
    assert trace.violation.property == bug.breaks
    assert violation(prop, last_state(system, trace)) == trace.violation
    assert replay_on_model(trace, system, CHIMNEY.find).ok
    contained(
        CHIMNEY.system("general", bounds), CHIMNEY.design(bug.name), list(moments(system, trace)), bounds
    )
    return trace


@pytest.mark.parametrize("bug", one_in(3, SEEDED), ids=lambda bug: bug.name)
def test_a_seeded_design_breaks_its_property_and_the_reference_does_not_on_that_run(bug: Bug) -> None:
    small = SMALL.but(requests=2) if bug.breaks == "delivery.in-order" else SMALL  # an order takes two
    trace = check(bug, small)
    replayed = replay_on_model(trace, CHIMNEY.system("reference", small), CHIMNEY.find)
    assert replayed.now is Now.GONE, replayed.message
    assert replayed.state is not None
    assert violation(CHIMNEY.find(bug.breaks), replayed.state) is None


@pytest.mark.slow
@pytest.mark.parametrize("bug", SEEDED, ids=lambda bug: bug.name)
def test_a_seeded_design_breaks_its_property_at_default_bounds(bug: Bug) -> None:
    check(bug, world_size())


@pytest.mark.parametrize("prop", sorted(BROKEN_BESIDES))
def test_what_no_entry_names_is_broken_too(prop: str) -> None:
    answer = refute(BROKEN_BESIDES[prop], prop, SMALL, 6)
    assert answer.trace is not None, answer.reason
    assert answer.trace.violation is not None
    assert answer.trace.violation.property == prop
