"""The monitor and the model are of one mind: a run of a design, told to the monitor, is the same run."""

from __future__ import annotations

import dataclasses
import itertools
from random import Random
from typing import Any

import pytest
from random_runs import Moment, run
from refinement import differences, seen

from chimneysweep.model.chimney.handover import (
    BLOCK_FIELDS,
    BUFFER_FIELDS,
    NdisMTerminateOffloadComplete,
    WriteTree,
)
from chimneysweep.model.chimney.shapes import Offload, leaves, offloaded
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.kernel import Action, arguments
from chimneysweep.model.records import update
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.judging.criteria import Criteria
from chimneysweep.targets.judging.hand_back import HandBack
from chimneysweep.targets.judging.monitor import Monitor

BOUNDS = world_size(buffers=2, blocks=3, connections=2, requests=1)
EVENTS = {event.name: event for event in CHIMNEY.events}
NOT_TARGETS = {event.name for event in CHIMNEY.events if event.actor != "target" and not event.observed}


def written(state: Any, root: int) -> HandBack:
    """What stands in the tree of a state of the model."""
    mine = [(c, conn) for c, conn in enumerate(state.conns) if conn.block >= 0]
    blocks = [{field: getattr(block, field) for field in BLOCK_FIELDS} for block in state.blocks]
    sends = {c: [{f: getattr(buf, f) for f in BUFFER_FIELDS} for buf in conn.bufs] for c, conn in mine}
    return HandBack(root, blocks, sends, {c: vars(conn.given) for c, conn in mine})


def told(monitor: Monitor, design: Any, moment: Any) -> None:
    """Tell the monitor what happens in a step of the design's run."""
    if moment.action in NOT_TARGETS:
        event = EVENTS[moment.action]
        assert monitor.possible(event, **moment.parameters)
        monitor.happens(event, **moment.parameters)
    for taken in design.takes(moment.action, moment.state, arguments(moment.parameters)):
        if taken.event is NdisMTerminateOffloadComplete:
            monitor.hands_back(written(moment.state, taken.values["root"]))
        elif taken.event is not WriteTree:
            monitor.happens(taken.event, **taken.values)


def randomly(design: Any, seed: int) -> list[Moment]:
    """A random run of a design."""
    return list(run(CHIMNEY.system(design, BOUNDS), BOUNDS, Random(seed), 70))


def parted(design: Any, moments: list[Moment], criteria: Criteria) -> list[str]:
    """Where the monitor's world is another one than the model's."""
    monitor = Monitor(moments[0].state, BOUNDS, criteria)
    for moment, later in itertools.pairwise(moments):
        told(monitor, design, moment)
        theirs = update(later.state, astray=False, quiescent=monitor.world.quiescent)
        found = differences(seen(theirs), seen(monitor.world))
        if found:
            return [f"after {moment.action}: {line}" for line in found]
    return []


@pytest.mark.parametrize("name", ["reference", "completed-twice"])
def test_the_monitor_comes_to_the_world_that_the_model_comes_to(name: str) -> None:
    criteria, design = Criteria(CHIMNEY, ()), CHIMNEY.design(name)
    runs = (randomly(design, seed) for seed in range(4))
    assert [line for moments in runs for line in parted(design, moments, criteria)] == []


def with_ack_taken_anywhere() -> Criteria:
    """Criteria whose acknowledgement counts on a connection that the hardware lost, too."""
    criteria = Criteria(CHIMNEY, ())
    model: Action = criteria.actions["AckArrives"]

    def effect(s: Any, p: Any) -> Any:
        peer = update(s.conns[p.conn].peer, acked=p.upto, wnd=p.window)
        return s.change(p.conn, peer=peer) if s.live(s.conns[p.conn]) else model.effect(s, p)

    planted = {**criteria.actions, "AckArrives": dataclasses.replace(model, effect=effect)}
    criteria.__dict__["actions"] = planted
    return criteria


def lost_and_acknowledged() -> list[Moment]:
    """An acknowledgement arrives for a connection whose state the hardware has lost."""
    system = CHIMNEY.system("reference", BOUNDS)
    script = (
        ("MiniportTcpOffloadSend", {"conn": 0, "length": 6}),
        ("Transmit", {"conn": 0, "length": 6}),
        ("PeerReceives", {"conn": 0, "upto": 4}),
        ("HardwareFails", {"block": 0}),
        ("AckArrives", {"conn": 0, "upto": 4, "window": 9}),
    )
    state = offloaded(system.template, leaves(0), [Offload()])
    moments = []
    for name, chosen in script:
        assert system.action(name).guard(state, arguments(chosen)) is True
        moments.append(Moment(state, name, chosen))
        state = system.action(name).effect(state, arguments(chosen))
    return [*moments, Moment(state, None, {})]


def test_an_acknowledgement_on_a_lost_connection_is_ignored_by_both() -> None:
    assert parted(CHIMNEY.the_reference, lost_and_acknowledged(), Criteria(CHIMNEY, ())) == []


def test_an_acknowledgement_that_only_the_monitor_takes_is_noticed() -> None:
    found = parted(CHIMNEY.the_reference, lost_and_acknowledged(), with_ack_taken_anywhere())
    assert found[0] == "after AckArrives: conns[0].peer.acked: 0 in the design, 4 here"
