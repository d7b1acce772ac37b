"""What a finding needs in order to break again: the moves of its scenario, tried out on the target."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence

from ...counterexamples.explanation import Needed, fewest
from ...counterexamples.trace import Step, Trace
from ..chimney.scenario import Scenario
from .outcome import Runner
from .target_replay import played


def needed_on_target(trace: Trace) -> Needed | None:
    """The moves of the host, the peer and the hardware that it needs; None if it does not break again.

    Raises BadTarget where it cannot be tried.
    """
    with played(trace) as (runner, scenario):
        return needed(trace, runner, scenario)


def needed(trace: Trace, runner: Runner, scenario: Scenario) -> Needed | None:
    """The same, with target and scenario at hand."""
    rule = trace.violation.property if trace.violation else ""

    def breaks(kept: Sequence[int]) -> bool:
        return rule in runner.play(only(scenario, kept)).breaches

    if not breaks(range(1, len(scenario.moves) + 1)):
        return None
    found = fewest(len(scenario.moves), breaks)
    idle: tuple[int, ...] = ()
    if found.needless:
        idle = missing(trace.steps, runner.play(only(scenario, found.needed), traced=True).steps)
    return dataclasses.replace(found, moves=tuple(move.kind for move in scenario.moves), idle=idle)


def only(scenario: Scenario, kept: Sequence[int]) -> Scenario:
    """The scenario with these of its moves alone, by their numbers from 1."""
    return dataclasses.replace(scenario, moves=tuple(scenario.moves[n - 1] for n in kept))


def missing(steps: Sequence[Step], others: Sequence[Step]) -> tuple[int, ...]:
    """The numbers of the *steps* that are not among the *others*, where both are put side by side."""
    left, right = ([step.action for step in run] for run in (steps, others))
    blocks = difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    there = {block.a + k for block in blocks for k in range(block.size)}
    return tuple(number for number in range(1, len(steps) + 1) if number - 1 not in there)
