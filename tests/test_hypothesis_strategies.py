"""Strategies and machines for property tests: what they draw is legal, and a planted bug is found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import invariant, run_state_machine_as_test

from chimneysweep.hypothesis_strategies import SubjectMachine, scenarios, states
from chimneysweep.model.records import domain, values
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.loading import load_subject
from chimneysweep.targets.chimney.python import seeded_targets
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.running.direct import InProcess

PROXY = load_subject(str(Path(__file__).parent.parent / "examples" / "proxy.py"))
FEW = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def broken_by(target: type[Any]) -> Callable[[Scenario], bool]:
    return lambda scenario: bool(InProcess(target).play(scenario).breaches)


@settings(FEW, max_examples=50)
@given(scenarios(CHIMNEY))
def test_a_scenario_is_legal(scenario: Scenario) -> None:
    assert from_json(scenario.to_json()) == scenario


def test_a_subject_without_targets_has_no_scenarios() -> None:
    with pytest.raises(ValueError, match="proxy has no executable targets: use states"):
        scenarios(PROXY)


@pytest.mark.slow
def test_a_planted_bug_is_found_by_a_scenario_that_is_made_small() -> None:
    found = find(scenarios(CHIMNEY), broken_by(seeded_targets.ForwardForgotten), settings=FEW)
    assert "forward" in [move.kind for move in found.moves]
    assert len(found.moves) <= 3


def test_a_target_that_keeps_the_rules_keeps_them() -> None:
    from chimneysweep.targets.reference import Reference

    with pytest.raises(NoSuchExample):
        find(scenarios(CHIMNEY), broken_by(Reference), settings=settings(FEW, max_examples=30))


@settings(FEW, max_examples=30)
@given(states(CHIMNEY, CHIMNEY.enough), states(PROXY))
def test_the_variables_of_a_state_are_within_their_sorts(world: Any, proxy: Any) -> None:
    assert domain(world)
    assert domain(proxy)
    assert len(values(proxy)) == len(values(PROXY.blank(PROXY.bounds)))


def test_states_go_where_no_run_goes() -> None:
    assert find(
        states(PROXY),
        lambda s: s.passed and not s.restarting,
        settings=settings(FEW, phases=[Phase.generate]),
    )


def told_by(machine: type[SubjectMachine], **more: Any) -> str:
    """What is raised where the machine fails; nothing where it does not."""
    try:
        run_state_machine_as_test(machine, settings=settings(FEW, phases=[Phase.generate], **more))
    except (AssertionError, ValueError) as problem:
        return str(problem)
    return ""


def test_a_machine_finds_the_mistake_in_the_example() -> None:
    class Proxy(SubjectMachine):
        subject = PROXY

    told = told_by(Proxy)
    assert "COUNTEREXAMPLE: design proxy breaks guarantee bytes." in told
    assert "Pass" in told


def test_a_machine_keeps_to_the_properties_that_are_named() -> None:
    class Accepting(SubjectMachine):
        subject = PROXY
        properties = ("refinement.possible-steps",)

    assert not told_by(Accepting, max_examples=10)


def test_an_invariant_of_ones_own_is_judged_too() -> None:
    class Idle(SubjectMachine):
        subject = PROXY
        properties = ("refinement.possible-steps",)

        @invariant()
        def nobody_restarts(self) -> None:
            assert self.state is None or not self.state.restarting, "restarted"

    assert told_by(Idle).startswith("restarted")


def test_a_first_state_that_is_none_is_refused() -> None:
    class Late(SubjectMachine):
        subject = PROXY
        starts = states(PROXY).filter(lambda s: s.passed)

    assert "does not start in this state; give `starts`" in told_by(Late)


def test_a_machine_runs_a_seeded_design_of_the_chimney() -> None:
    class Chimney(SubjectMachine):
        subject = CHIMNEY
        design = "writes-afterwards"
        bounds = CHIMNEY.enough
        properties = ("complete.untouched-after",)

    assert CHIMNEY.bugs["writes-afterwards"].breaks in told_by(Chimney, stateful_step_count=12)


def test_without_hypothesis_it_says_what_is_missing() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import chimneysweep.hypothesis_strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Hypothesis: pip install 'chimneysweep[hypothesis]'" in done.stderr.splitlines()[-1]
