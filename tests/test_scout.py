"""Runs of a search are judged beside a driver in C: what comes of them is as ever."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import pytest
from native_stage import needs_cc

from chimneysweep.model.chimney.shapes import SHAPES, Offload
from chimneysweep.targets.campaign import campaign
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.campaign.sources import SEARCH
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.explorer import packed_outcome, unpacked_outcome
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import launch

pytestmark = needs_cc
REFERENCE, BUGGY = "miniports/reference", "miniports/tail-forgotten"
CHAINED = Scenario((moves.send(n=5), moves.send(n=5), moves.send(n=5)), "connection")


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    Compiled(Maker(JUDGED), make=True).load()


def drawn(runs: int) -> list[Scenario]:
    return [scenario(Random(f"scouts {k}")) for k in range(runs)]


@pytest.mark.parametrize("target", [REFERENCE, BUGGY])
def test_what_comes_of_a_run_is_as_ever(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it: also what ran of the driver's code, and the states for the search."""
    beside, asked = Isolated._beside, list[object]()

    def noted(runner: Isolated, *args: Any) -> Any:
        asked.append(beside(runner, *args))
        return asked[-1]

    with launch(target) as runner:
        usual = [runner.play(one) for one in drawn(20)]
        monkeypatch.setattr(Isolated, "_beside", noted)
        scouted = [runner.scout(one) for one in drawn(20)]
    for before, now in zip(usual, scouted, strict=True):
        assert dataclasses.asdict(before) == dataclasses.asdict(now)
    assert sum(found is not None for found in asked) > 8


def test_what_breaks_is_judged_from_outside() -> None:
    with launch(BUGGY) as runner:
        found = runner.scout(CHAINED)
        assert found.breaches["chain.coverage"] == runner.play(CHAINED).breaches["chain.coverage"]
        assert runner.scout(Scenario((), "connection")).breaches == {}, "the next one has a process again"


def test_a_driver_that_dies_beside_it_dies_as_ever() -> None:
    with launch("miniports/context-used-after-free") as runner:
        usual = [runner.play(one).breaches.keys() for one in drawn(15)]
        assert [runner.scout(one).breaches.keys() for one in drawn(15)] == usual


def test_a_target_in_python_is_not_judged_beside_it() -> None:
    with launch("reference") as runner:
        assert runner.scout(CHAINED) == runner.play(CHAINED)
        assert runner.child.explores is None


def test_it_is_the_same_search(monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(runs=60, seed=5, sources=(SEARCH,), workers=1)
    usual = conform(REFERENCE, options)
    monkeypatch.setattr(campaign, "MANY", 60)
    scouts = conform(REFERENCE, options)
    assert (scouts.calls, scouts.coverage, scouts.code) == (usual.calls, usual.coverage, usual.code)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_tree_has_room_in_a_compiled_world(shape: str) -> None:
    """What has none is judged in Python, a hundred times as slow."""
    assert Compiled(Maker(JUDGED)).monitor(Scenario((), shape, (Offload(), Offload())))


def test_what_a_process_says_is_looked_at() -> None:
    outcome = unpacked_outcome(packed_outcome(None))
    assert outcome is None
    for wrong in ([1], [["a"], [3], 1, [], [], []], [[], [], 1, [], [], [[[1]]]]):
        with pytest.raises((ValueError, TypeError)):
            unpacked_outcome(wrong)
