"""The stored scenarios are those of today's model, and say the truth about what they reach."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from chimneysweep.cli.scenarios import gathered, search
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.situation import disagreements
from chimneysweep.targets.campaign import generate, stored
from chimneysweep.targets.campaign.current import form, stale, todays_goals
from chimneysweep.targets.campaign.gather import play
from chimneysweep.targets.campaign.stored import REASONS, Known, Stored
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED

DATA = stored.load()
KINDS = ("situation", "reading", "premise", "action", "pair")
MOST_CALLS = 6000
"""What playing all of them may cost: it is paid before any random run."""


def of_kind(kind: str) -> dict[str, Known]:
    return {name: known for name, known in DATA.goals.items() if name.startswith(f"{kind}: ")}


def test_every_goal_of_todays_model_is_covered_or_has_a_reason() -> None:
    assert list(form(DATA)) == []


def test_every_kind_has_goals_and_most_are_reached() -> None:
    for kind in KINDS:
        possible = [known for known in of_kind(kind).values() if known.steps is not None]
        reached = [known for known in possible if known.scenario]
        assert len(reached) >= 0.6 * len(possible) > 0
    assert {known.reason for known in DATA.goals.values()} <= {"", *REASONS}


def test_every_premise_and_every_corner_is_reached() -> None:
    assert all(known.scenario for known in of_kind("premise").values())
    assert all(known.scenario for known in of_kind("situation").values())


def test_a_reading_that_the_reference_cannot_show_parting_is_said_to_be_so() -> None:
    assert of_kind("reading").keys() == {f"reading: {s.name}" for s in disagreements(CHIMNEY.properties)}
    assert all(known.scenario or known.reason == "model" for known in of_kind("reading").values())


@pytest.mark.parametrize(
    "corner",
    [
        "unacknowledged data runs across 2^32",
        "SndUna is 0, with a chain",
        "RcvNxt is 0, with buffered data",
        "the FIN is sent, data before it is not acknowledged",
        "buffer 0 is acknowledged in part",
        "buffer 1 is acknowledged in part",
        "data during termination",
        "an RST during termination",
        "the hardware loses a connection",
    ],
)
def test_the_corners_that_drivers_fall_into_are_among_them(corner: str) -> None:
    assert corner in {situation.name for situation in CHIMNEY.situations}
    assert DATA.goals[f"situation: {corner}"].scenario


def test_what_is_wrong_with_the_data_is_noticed() -> None:
    goals = dict(DATA.goals)
    del goals["action: Free"]
    goals["action: Fly"] = Known(1, "nowhere")
    goals["action: Quiet"] = Known(5)
    goals["action: SendAck"] = Known(5, reason="rain")
    assert set(form(dataclasses.replace(DATA, goals=goals))) == {
        "action: Free is not in the data",
        "action: Fly is no goal any more",
        "action: Fly is said to be reached by 'nowhere', which is not there",
        "action: Quiet needs a scenario or a reason, and has neither",
        "action: SendAck is not reached for the reason 'rain', which has no words",
    }


def test_a_scenario_that_does_not_reach_what_is_said_is_noticed() -> None:
    name = DATA.goals["situation: SndUna is 0, with a chain"].scenario
    data = Stored(DATA.depth, {name: Scenario()}, {"situation: SndUna is 0, with a chain": Known(5, name)})
    assert f"situation: SndUna is 0, with a chain is not reached by {name!r}" in stale(data)


def test_the_file_reads_back_and_is_one_line_an_entry() -> None:
    text = stored.dumps(DATA)
    assert stored.loads(text) == DATA
    assert len(text.splitlines()) == len(DATA.scenarios) + len(DATA.goals) + 5
    move = Move("meanwhile", then=(Move("ack", 0, 3, 0), Move("appetite", n=-1)))
    one = Stored(3, {"x": Scenario((move, Move("data", 1, 2)), "siblings")}, {})
    with pytest.raises(ValueError, match="conn is 1"):
        stored.loads(stored.dumps(one))


@pytest.mark.parametrize("text", ["{}", "[]", '{"depth": 1, "scenarios": [], "goals": {}}', "no"])
def test_a_text_that_is_no_such_file(text: str) -> None:
    with pytest.raises(ValueError, match=r"no stored scenarios|Expecting value"):
        stored.loads(text)


def test_the_reference_breaks_nothing_in_them_and_they_are_cheap() -> None:
    calls = 0
    for name, scenario in DATA.scenarios.items():
        run = Play(Reference, scenario, JUDGED)
        run.run()
        assert not run.breaches, name
        calls += run.calls
    assert calls < MOST_CALLS


@pytest.mark.slow
def test_the_data_are_true() -> None:
    assert stale(DATA) == []


@pytest.mark.slow
def test_what_is_computed_again_is_what_is_stored() -> None:
    goals = {goal.id: goal for goal in todays_goals()}
    for name in Random(7).sample(sorted(goals), 40):
        found = search(goals[name])
        assert (found.steps, found.reason) == (
            DATA.goals[name].steps,
            found.reason and DATA.goals[name].reason,
        )


@pytest.mark.slow
def test_gathering_again_keeps_what_there_is() -> None:
    """With one goal and its scenario gone, it is searched and found anew."""
    lost = "situation: SndUna is 0, with a chain"
    goals = {name: known for name, known in DATA.goals.items() if name != lost}
    kept = {name: s for name, s in DATA.scenarios.items() if name != DATA.goals[lost].scenario}
    again = gathered(Stored(DATA.depth, kept, goals), lambda text: None)
    assert again.goals[lost].steps == DATA.goals[lost].steps
    assert again.goals[lost].scenario
    assert again.goals.keys() == DATA.goals.keys()


@pytest.mark.slow
def test_random_runs_reach_nothing_that_is_said_to_be_out_of_reach() -> None:
    """Except where the model takes a step at once that a target takes piece by piece (Drain)."""
    missed = [goal for goal in todays_goals() if DATA.goals[goal.id].reason not in ("", "model")]
    shown: set[str] = set()
    for k in range(2000):
        shown |= play(generate.scenario(Random(f"out of reach {k}")), missed).reaches
    assert sorted(shown) == []
