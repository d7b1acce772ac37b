"""Runs of a search are judged beside a driver in C: what comes of them is as ever."""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
from array import array
from pathlib import Path
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
from chimneysweep.targets.chimney.built_in import sources
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled.fast_monitor import FastMonitor
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.judging.compiled.told import WRITES, judged_again
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.explorer import packed_outcome, unpacked_outcome
from chimneysweep.targets.running.isolation.record import ROOM, Record
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import launch
from chimneysweep.targets.running.outcome import Outcome

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


LIES = """
#include <dlfcn.h>

/* Changes the checker's own code in its process, so that nothing is ever broken there. */
__attribute__((constructor)) static void Lies(void)
{
    int (*Ensure)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "PyGILState_Ensure");
    void (*Release)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "PyGILState_Release");
    int (*Run)(const char *) = (int (*)(const char *))dlsym(RTLD_DEFAULT, "PyRun_SimpleString");
    int State = Ensure();
    Run("from MODULE import FastMonitor\\nFastMonitor.breaches = {}");
    Release(State);
}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="as a driver finds the interpreter there")
def test_a_driver_that_changes_what_judges_beside_it_gains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = sources(BUGGY, tmp_path / "driver")
    (driver / "lies.c").write_text(LIES.replace("MODULE", FastMonitor.__module__), encoding="utf-8")
    beside, asked = Isolated._beside, list[Any]()

    def noted(runner: Isolated, *args: Any) -> Any:
        asked.append(beside(runner, *args))
        return asked[-1]

    monkeypatch.setattr(Isolated, "_beside", noted)
    with launch(str(driver)) as runner:
        found = runner.scout(CHAINED)
    assert asked[0].breaches == {}, "there all is in order"
    assert "chain.coverage" in found.breaches


def test_where_both_judge_differently_and_nothing_is_broken_it_is_said() -> None:
    with launch(REFERENCE) as runner:
        assert isinstance(runner, Isolated)
        assert not runner.scout(CHAINED).breaches
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Record, "read", lambda record: b"\x01" * 16)
            assert runner.scout(CHAINED).breaches.keys() == {"target.closed-channel"}
        assert not runner.scout(CHAINED).breaches


def test_what_is_told_has_to_make_sense() -> None:
    monitor = Compiled(Maker(JUDGED)).monitor(CHAINED)
    assert monitor is not None
    for rows in (
        (1,),
        (1, 999, 0),
        (0, -7),
        (3, WRITES, 1, 2, 3),
        (2, WRITES, 10**6, 0),
        (1, 0, 1),
        (-2, WRITES),
        (4, WRITES, 1, 1),
    ):
        with pytest.raises((ValueError, LookupError, TypeError, OverflowError)):
            judged_again(monitor, array("q", rows).tobytes())


def test_who_writes_and_does_not_stop_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    record, more = Record(), itertools.repeat(b"x" * ROOM)
    monkeypatch.setattr(os, "read", lambda end, most: next(more))
    try:
        assert ROOM < len(record.read()) <= 2 * ROOM
    finally:
        record.given()
        record.close()


def test_some_runs_are_made_from_outside_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[object]()
    with launch(REFERENCE) as runner:
        monkeypatch.setattr(Isolated, "_beside", lambda *args: asked.append(args))
        monkeypatch.setattr(runner, "play", lambda scenario, **named: Outcome({}))
        for one in drawn(160):
            runner.scout(one)
    assert 0 < 160 - len(asked) < 40


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
