"""Goals, what a run shows of them, and how a run of the model becomes moves."""

from __future__ import annotations

from typing import Any

import pytest

from chimneysweep.engines.bmc import Exhausted, ShortestRun
from chimneysweep.engines.reach import Reach
from chimneysweep.model.chimney.shapes import Offload, leaves, offloaded
from chimneysweep.model.chimney.state import template, world_size
from chimneysweep.model.kernel import System, arguments
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.situation import disagreements
from chimneysweep.targets.campaign.gather import play
from chimneysweep.targets.campaign.goals import Goal, Seen, goals, pairs, shown
from chimneysweep.targets.campaign.set_cover import Chosen, GoalsOf, cover, joined
from chimneysweep.targets.campaign.translate import scenarios
from chimneysweep.targets.campaign.vary import variations
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.criteria import Criteria
from chimneysweep.targets.running.direct import JUDGED

BOUNDS = world_size(buffers=2, blocks=2, connections=1, requests=1)


@pytest.fixture(scope="module")
def system() -> System:
    return CHIMNEY.system("reference", BOUNDS)


@pytest.fixture(scope="module")
def reach(system: System) -> Reach:
    return Reach(system)


def moves_of(system: System, *choices: tuple[str, dict[str, int]]) -> tuple[Move, ...]:
    world = offloaded(template(BOUNDS), leaves(0), [Offload(0, 0, 9, 9)])
    return next(scenarios(system, world, choices)).moves


C = {"conn": 0}


def test_goals_are_named_once_and_every_event_is_one_that_targets_show(system: System) -> None:
    everything = goals(system, CHIMNEY.properties)
    assert len({goal.id for goal in everything}) == len(everything)
    assert {name for goal in everything for name in goal.events} <= JUDGED.actions.keys() | {""}


def test_a_step_is_seen_by_the_one_event_that_it_takes() -> None:
    seen = shown()
    assert seen["CompleteSend"] == "NdisTcpOffloadSendComplete"
    assert seen["IndicateTcpEvent"] == "NdisTcpOffloadEventHandler"
    assert seen["Free"] == "Free"
    assert seen["RetransmitTimeout"] == "RetransmitTimeout", "it takes none, and the hardware's is observed"
    inside = {name for name, event in seen.items() if not event}
    assert inside == {"Drain", "FillTree"}, "they take several, and nobody sees which step that was"


def test_a_shortest_run_ends_with_what_was_asked_for(reach: Reach) -> None:
    found = reach.shortest(lambda s, p: p.size == 0, ("MiniportTcpOffloadReceive",), depth=3, timeout=60)
    assert isinstance(found, ShortestRun)
    assert found.choices == [("MiniportTcpOffloadReceive", {"conn": 0, "size": 0})]
    pair = reach.shortest(lambda s, p: True, ("PeerReceives", "AckArrives"), depth=3, timeout=60)
    assert isinstance(pair, ShortestRun)
    assert [name for name, _ in pair.choices][-2:] == ["PeerReceives", "AckArrives"]
    assert len(pair.choices) == 4


def test_a_run_that_is_found_is_one_of_the_system(reach: Reach, system: System) -> None:
    goal = next(s for s in CHIMNEY.situations if s.name == "an acknowledgement overtakes a retransmission")
    found = reach.shortest(goal.holds, (goal.action,), depth=8, timeout=60)
    assert isinstance(found, ShortestRun)
    state = rebuild(system.template, found.first)
    for name, values in found.choices[:-1]:
        assert system.action(name).guard(state, arguments(values))
        state = system.action(name).effect(state, arguments(values))
    name, values = found.choices[-1]
    assert name == goal.action
    assert goal.holds(state, arguments(values))


def test_what_cannot_follow_is_exhausted(reach: Reach) -> None:
    found = reach.shortest(lambda s, p: True, ("Quiet", "Quiet"), depth=5, timeout=60)
    assert found == Exhausted(5)


def test_an_unknown_action_is_an_error(reach: Reach) -> None:
    with pytest.raises(KeyError, match="Fly"):
        reach.shortest(lambda s, p: True, ("Fly",), depth=1, timeout=60)


def test_readings_part_where_they_ask_different_things() -> None:
    parted = {s.name: s for s in disagreements(CHIMNEY.properties)}
    data = play(
        Scenario((Move("send", n=5),)),
        [Goal("reading", name, s.holds) for name, s in parted.items()],
    )
    assert "reading: calls.send@literal" in data.reaches
    nothing = play(Scenario(), [Goal("reading", "x", parted["calls.send@literal"].holds)])
    assert not nothing.reaches
    assert CHIMNEY.find("calls.send@literal").reading


def test_pairs_leave_out_what_the_model_does_not_have() -> None:
    assert pairs(("DataArrives", "AckTimeout", "SendAck")) == {("DataArrives", "SendAck")}
    assert pairs(("Quiet",)) == set()


def test_what_a_run_showed() -> None:
    run = Play(Reference, Scenario((Move("data", n=5),)), Criteria(CHIMNEY, ()))
    run.run()
    seen = Seen(run.monitor.first, run.monitor.history)
    asked = [
        Goal("pair", "a", then=("DataArrives", "IndicateReceive")),
        Goal("pair", "b", then=("IndicateReceive", "DataArrives")),
        Goal("action", "c", lambda s, p: p.length == 5, ("DataArrives",)),
        Goal("action", "d", lambda s, p: p.length == 6, ("DataArrives",)),
        Goal("premise", "e", lambda s, p: s.conns[0].peer.app_got == 5),
        Goal("premise", "f", lambda s, p: s.conns[0].peer.app_got == 6),
    ]
    assert seen.reached(asked) == {"pair: a", "action: c", "premise: e"}


def test_amounts_of_moves_are_differences_of_positions(system: System) -> None:
    told = moves_of(
        system,
        ("MiniportTcpOffloadSend", {**C, "length": 6}),
        ("Transmit", {**C, "length": 6}),
        ("PeerReceives", {**C, "upto": 2}),
        ("PeerReceives", {**C, "upto": 5}),
        ("AckArrives", {**C, "upto": 1, "window": 7}),
        ("AckArrives", {**C, "upto": 4, "window": 8}),
    )
    assert told[2:] == (
        Move("peer gets", n=2),
        Move("peer gets", n=3),
        Move("ack", n=1, m=7),
        Move("ack", n=3, m=8),
    )


def test_what_happens_during_an_indication_is_nested_before_what_starts_it(system: System) -> None:
    told = moves_of(
        system,
        ("DataArrives", {**C, "length": 5}),
        ("IndicateReceive", C),
        ("MiniportTerminateOffload", {}),
        ("ReturnReceiveIndication", {**C, "bytes": 2}),
        ("Drain", {}),
    )
    assert told == (
        Move("appetite", n=2),
        Move("meanwhile", then=(Move("terminate"),)),
        Move("data", n=5),
        Move("run"),
    )


def test_an_indication_that_never_returns_takes_the_rest_along(system: System) -> None:
    assert moves_of(system, ("IndicateStatus", {}), ("FinArrives", C)) == (
        Move("meanwhile", then=(Move("fin"),)),
        Move("link"),
    )


def test_a_translation_starts_where_the_run_does(reach: Reach, system: System) -> None:
    goal = next(s for s in CHIMNEY.situations if s.name == "SndUna is 0, with a chain")
    found = reach.shortest(goal.holds, (), depth=6, timeout=60)
    assert isinstance(found, ShortestRun)
    first = rebuild(system.template, found.first)
    guesses = list(scenarios(system, first, found.choices))
    conn = first.conns[0]
    assert guesses[0].offloads == (Offload(conn.isn, conn.irn, conn.peer.wnd, conn.capacity),)
    wanted = Goal("situation", goal.name, goal.holds)
    assert any(play(guess, [wanted]).reaches for guess in guesses)


def candidate(name: str, calls: int, *reaches: str) -> GoalsOf:
    return GoalsOf(Scenario((Move(name),)), frozenset(reaches), calls)


def test_a_cover_takes_what_reaches_most_for_its_calls() -> None:
    a, b, c = (
        candidate("run", 5, "1", "2", "3"),
        candidate("fin", 500, "1", "2", "3", "4"),
        candidate("rst", 5, "4"),
    )
    taken = cover([b, c, a], {"1", "2", "3", "4"})
    assert [(t.scenario, t.share) for t in taken] == [
        (a.scenario, {"1", "2", "3"}),
        (c.scenario, {"4"}),
    ]
    assert cover([a], {"9"}) == []


def test_two_scenarios_become_one_if_that_reaches_the_same() -> None:
    one = Chosen(Scenario((Move("fin"), Move("terminate"), Move("run"))), frozenset("a"))
    two = Chosen(Scenario((Move("rst"),)), frozenset("b"))

    def reaches(scenario: Scenario, share: frozenset[str]) -> bool:
        return [m.kind for m in scenario.moves] == ["rst", "fin", "terminate", "run"]

    (both,) = joined([one, two], reaches)
    assert both.share == {"a", "b"}
    assert joined([one, two], lambda scenario, share: False) == [one, two]


def test_variations_put_a_move_in_or_into_an_indication() -> None:
    base = Scenario((Move("data", n=2), Move("fin")))
    near = set(variations(base))
    assert Scenario((Move("fin"), Move("data", n=2))) in near
    assert Scenario((Move("meanwhile", then=(Move("data", n=2),)), Move("fin"))) in near
    assert Scenario((Move("data", n=2), Move("run"), Move("fin"))) in near
    inside = Scenario((Move("data", n=2), Move("meanwhile", then=()), Move("fin")))
    assert Scenario((Move("meanwhile", then=(Move("data", n=2),)), Move("fin"))) in set(variations(inside))
    assert base not in near


def test_every_situation_speaks_of_actions_that_there_are(system: System) -> None:
    names: set[Any] = {action.name for action in system.actions}
    assert {s.action for s in CHIMNEY.situations if s.action} <= names
    assert len({s.name for s in CHIMNEY.situations}) == len(CHIMNEY.situations) >= 60
