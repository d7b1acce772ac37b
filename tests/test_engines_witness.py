"""The scripted witnesses: every script can be played to its end, and is worth playing."""

from __future__ import annotations

from functools import cache

import pytest
from executable_only import EXECUTABLE_ONLY

from chimneysweep.counterexamples.trace import Trace
from chimneysweep.engines.witness import scripted, states
from chimneysweep.model.kernel import System
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.chimney.runs import ENOUGH

RULES = CHIMNEY.of_kind("clause", "guarantee")


@cache
def system() -> System:
    return CHIMNEY.system("reference", ENOUGH)


@cache
def reached() -> dict[str, Trace]:
    return scripted(CHIMNEY, "reference", RULES)


def test_the_scripts_start_in_an_initial_state() -> None:
    assert system().init(CHIMNEY.first(system().template))


@pytest.mark.parametrize("script", CHIMNEY.runs, ids=lambda script: f"{len(script)} steps")
def test_a_script_can_be_played_to_its_end(script: tuple[tuple[str, dict[str, int]], ...]) -> None:
    played = len(states(system(), CHIMNEY.first(system().template), script)) - 1
    assert played == len(script), f"step {played + 1}, {script[played]}, is not possible"


@pytest.mark.parametrize("script", CHIMNEY.runs, ids=lambda script: f"{len(script)} steps")
def test_a_step_that_is_not_possible_ends_a_script(script: tuple[tuple[str, dict[str, int]], ...]) -> None:
    planted = (*script[:2], ("Free", {"conn": 0}), *script[2:])
    assert len(states(system(), CHIMNEY.first(system().template), planted)) == len(script[:2]) + 1


def test_the_scripts_reach_every_premise_that_a_model_reaches() -> None:
    assert {p.name for p in RULES} - set(reached()) == EXECUTABLE_ONLY


def test_a_witness_breaks_nothing() -> None:
    assert reached()
    assert all(trace.violation is None for trace in reached().values())
