"""Every run of a design is a run of the most general target, and one that is not is caught."""

from __future__ import annotations

import dataclasses
from functools import cache
from random import Random
from typing import Any

import pytest
from house import one_in
from random_runs import Moment, run
from refinement import contained

from chimneysweep.engines.bmc import Exhausted, Outcome, ShortestRun, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.chimney.answers import NdisTcpOffloadForwardComplete, SendAck
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.design import Choice, Design, remember
from chimneysweep.model.kernel import System
from chimneysweep.model.logic import Not
from chimneysweep.model.tcp.numbers import NULL
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.subject import REFINES

SMALL = world_size(buffers=3, blocks=4, connections=2, requests=2)
TINY = world_size(buffers=1, blocks=1, connections=1, requests=1)
STEPS = 60
REFERENCE = CHIMNEY.the_reference


@cache
def general() -> System:
    return CHIMNEY.system("general", SMALL)


def random_run(design: Design, seed: int) -> list[Moment]:
    return list(run(CHIMNEY.system(design, SMALL), SMALL, Random(seed), STEPS))


def follow_runs(target: System, design: Design) -> set[str | None]:
    """Follow random runs of *design* with *target*. Returns the steps that were taken."""
    taken: set[str | None] = set()
    for seed in range(60):
        moments = random_run(design, seed)
        contained(target, design, moments, SMALL)
        taken |= {moment.action for moment in moments}
    return taken


def test_every_run_of_the_reference_is_one_of_the_most_general_target() -> None:
    taken = follow_runs(general(), REFERENCE)
    assert taken >= {s.name for s in REFERENCE.steps}
    assert taken >= {r.event for r in REFERENCE.reactions}


@pytest.mark.parametrize("name", one_in(3, list(CHIMNEY.bugs)))
def test_every_run_of_a_seeded_design_is_one_of_the_most_general_target(name: str) -> None:
    design = CHIMNEY.design(name)
    contained(general(), design, random_run(design, 1), SMALL)


@pytest.mark.parametrize("event", ["SendAck", "NdisTcpOffloadSendComplete", "FinArrives"])
def test_a_target_that_cannot_do_something_is_not_the_most_general_one(event: str) -> None:
    less = dataclasses.replace(general(), actions=tuple(a for a in general().actions if a.name != event))
    with pytest.raises((KeyError, AssertionError), match=event):
        follow_runs(less, REFERENCE)


# The counter-check: designs that do what no target can.


def acks_again(reference: Any, s: Any, p: Any) -> Choice:
    return s.live(s.conns[p.conn]), [SendAck(conn=p.conn, upto=s.conns[p.conn].peer.acked_to, window=NULL)]


def forwards_nothing(reference: Any, s: Any, p: Any) -> Choice:
    return True, [NdisTcpOffloadForwardComplete(conn=p.conn)]


def astray(design: Design, depth: int) -> Outcome:
    """The outcome of looking for a step of a design that no target can take."""
    return search(Encoded(CHIMNEY.system(design, TINY)), lambda s: Not(REFINES.holds(s)), depth)


@pytest.mark.parametrize(
    ("step", "instead"), [("SendAck", acks_again), ("CompleteForward", forwards_nothing)]
)
def test_a_design_that_takes_what_is_not_possible_is_refuted(step: str, instead: Any) -> None:
    design = REFERENCE.but("astray", "It takes what is not possible.", **{step: instead})
    found = astray(design, 2)
    assert isinstance(found, ShortestRun)
    assert found.choices[-1][0] == step
    with pytest.raises(AssertionError, match="goes astray in"):
        follow_runs(general(), design)


def test_the_reference_is_not_refuted_in_as_many_steps() -> None:
    assert astray(REFERENCE, 4) == Exhausted(4)


def test_every_subject_demands_it_of_its_designs() -> None:
    assert CHIMNEY.find("refinement.possible-steps") is REFINES


@pytest.mark.parametrize(
    ("path", "field"), [((), "stale_write"), (("conns", 0), "freed"), (("conns", 0, "peer"), "acked_to")]
)
def test_a_design_that_writes_what_is_no_memory_of_its_own_is_refused(path: Any, field: str) -> None:
    def writes(reference: Any, s: Any, p: Any) -> Choice:
        return True, [remember(*path, **{field: 1})]

    design = REFERENCE.but("writes", "It writes what others see.", IndicateStatus=writes)
    name = ".".join([*(part for part in path if isinstance(part, str)), field])
    message = rf"design writes writes {name}, which is no memory of its own \(conns.own.consumed, "
    action = CHIMNEY.system(design, TINY).action("IndicateStatus")
    with pytest.raises(ValueError, match=message):
        action.effect(CHIMNEY.blank(TINY), None)
