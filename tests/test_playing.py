"""One scenario played on a target, named or at hand: what broke, told as a story that replays."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimneysweep import Move, Scenario, Stage, play
from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import save
from chimneysweep.targets.chimney.python.seeded_targets import ForwardForgotten
from chimneysweep.targets.reference import Reference

EXAMPLE = str(Path(__file__).parent.parent / "examples" / "my_target.py:MyTarget")
FORWARD = Scenario((Move("forward"),))
HALF = Scenario((Move("send", n=2), Move("transmit", n=2), Move("peer gets", n=2), Move("ack", n=1, m=9)))
RECEIVED = Scenario((Move("receive", n=4), *HALF.moves, Move("disconnect"), Move("data", n=9)))


def test_a_class_is_played_in_this_process() -> None:
    played = play(ForwardForgotten, FORWARD)
    assert not played.ok
    assert played.broken[0] == "calls.forward"
    assert "COUNTEREXAMPLE: target" in repr(played)
    assert "calls.forward in 3 steps" in repr(played)
    assert played._repr_html_().startswith("<pre")


def test_a_target_that_keeps_the_rules_is_said_to() -> None:
    played = play(Reference, FORWARD)
    assert played.ok
    assert repr(played) == "NOTHING BROKEN in a run of 1 moves"


@pytest.mark.parametrize("scenario", [HALF, RECEIVED])
def test_a_target_that_is_named_is_played_and_the_trace_replays(scenario: Scenario, tmp_path: Path) -> None:
    with Stage(EXAMPLE) as stage:
        assert stage.play(FORWARD).ok
        played = stage.play(scenario)
    assert "chain.advanced" in played.broken
    save(played.traces[0], tmp_path / "found.json")
    assert main(["replay", str(tmp_path / "found.json")]) == 1


def test_a_target_that_is_not_there_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"there is no file nowhere\.py"):
        play("nowhere.py", FORWARD)
