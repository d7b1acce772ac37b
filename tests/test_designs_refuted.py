"""Each seeded design is refuted by its property, in as many steps as the manifest pins; the run is real."""

from __future__ import annotations

import pytest
from test_designs_manifest import BROKEN_BESIDES, SEEDED, SMALL

from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.counterexamples.trace import Trace, run, violation
from chimneysweep.engines.worker import Answer, Job, work
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import World, world_size
from chimneysweep.model.designs.catalogue import Entry
from chimneysweep.model.kernel import System
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.subject import CHIMNEY


def refute(name: str, prop: str, bounds: Bounds, depth: int) -> Answer:
    """What bounded model checking has to say."""
    return work(Job(task="refute", design=name, bounds=bounds, timeout=120, property=prop, depth=depth))


def last_state(system: System, trace: Trace) -> World:
    """Where the trace's first state and choices lead in the Python semantics; ValueError if nowhere."""
    first = rebuild(system.template, [trace.initial[v.name] for v in system.variables])
    steps, last = run(system, first, [(s.action, s.parameters) for s in trace.steps])
    assert steps == list(trace.steps)
    return last


def check(entry: Entry, bounds: Bounds) -> Trace:
    """The design breaks its property in the pinned steps and in none less, on a run that replays."""
    answer = refute(entry.name, entry.breaks, bounds, entry.steps)
    assert answer.trace is not None, answer.reason
    trace, prop, system = (
        answer.trace,
        CHIMNEY.find(entry.breaks),
        CHIMNEY.system(CHIMNEY.design(entry.name), bounds),
    )
    assert (len(trace.steps), answer.depth) == (entry.steps, entry.steps - 1)
    assert trace.target == entry.name
    assert trace.violation is not None
    assert trace.violation.property == entry.breaks
    assert violation(prop, last_state(system, trace)) == trace.violation
    assert replay_on_model(trace, system, CHIMNEY.find).ok
    return trace


@pytest.mark.parametrize("entry", SEEDED, ids=lambda entry: entry.name)
def test_a_seeded_design_breaks_its_property_and_the_reference_does_not_on_that_run(entry: Entry) -> None:
    trace = check(entry, SMALL)
    replayed = replay_on_model(trace, CHIMNEY.system("reference", SMALL), CHIMNEY.find)
    assert not replayed.ok
    assert replayed.state is not None
    assert violation(CHIMNEY.find(entry.breaks), replayed.state) is None


@pytest.mark.slow
@pytest.mark.parametrize("entry", SEEDED, ids=lambda entry: entry.name)
def test_a_seeded_design_breaks_its_property_at_default_bounds(entry: Entry) -> None:
    check(entry, world_size())


@pytest.mark.parametrize("prop", sorted(BROKEN_BESIDES))
def test_what_no_entry_names_is_broken_too(prop: str) -> None:
    answer = refute(BROKEN_BESIDES[prop], prop, SMALL, 6)
    assert answer.trace is not None, answer.reason
    assert answer.trace.violation is not None
    assert answer.trace.violation.property == prop
