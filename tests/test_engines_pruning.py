"""Pruning loses no shortest run: the search agrees with a plain exploration on random systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import hypothesis
import pytest
import z3
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from random_toys import Puzzle, a_puzzle

from chimneysweep.counterexamples.trace import run
from chimneysweep.engines.bmc import Exhausted, ShortestRun, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.relevance import Footprint, Relevance, Values
from chimneysweep.model.records import rebuild

EXAMPLES = 300
DEPTH = 7

puzzles = st.builds(a_puzzle, st.integers(0, 2**32).map(Random))


def disagreement(puzzle: Puzzle) -> str:
    """What the pruned search gets wrong; "" if nothing."""
    system = puzzle.sketch.system()
    truth = puzzle.truth
    outcome = search(Encoded(system), puzzle.reached, DEPTH)
    if truth is None or truth > DEPTH:
        return "" if outcome == Exhausted(DEPTH) else f"{truth} steps: {outcome}"
    if not isinstance(outcome, ShortestRun):
        return f"there is a run of {truth} steps, the search says {outcome}"
    try:
        _, last = run(system, rebuild(system.template, outcome.first), outcome.choices)
    except ValueError as error:
        return f"the run that was found is none: {error}"
    if not puzzle.reached(last):
        return "the run that was found does not reach the goal"
    return "" if len(outcome.choices) == truth else f"{len(outcome.choices)} steps instead of {truth}"


@settings(max_examples=EXAMPLES)
@given(puzzles)
def test_the_pruned_search_finds_what_a_plain_one_finds(puzzle: Puzzle) -> None:
    assert disagreement(puzzle) == ""


def test_the_random_systems_are_no_trifles() -> None:
    """Most goals take several steps, and each pruning has something to prune."""
    lengths: Counter[int | None] = Counter()

    @settings(max_examples=150)
    @given(puzzles)
    def measure(puzzle: Puzzle) -> None:
        lengths[puzzle.truth] += 1

    measure()
    assert sum(n for length, n in lengths.items() if length and length >= 2) >= 50, lengths
    assert sum(n for length, n in lengths.items() if length and length >= 4) >= 15, lengths
    assert lengths[None] >= 5, lengths


# Each pruning broken on purpose, and caught.

_plan, _leaves, _after = Relevance.plan, Relevance._leaves, Relevance._after
_initial, _footprint = Relevance._initial, Relevance._footprint


def _goal_only(self: Relevance, goal: Any, depth: int) -> Any:
    """Keeps what writes the goal and forgets what enables that."""
    steps, states = _plan(self, goal, depth)
    read = self.variables(goal)
    return [[n for n in s if not read.isdisjoint(self.footprints[n].writes)] for s in steps], states


def _last_matters(self: Relevance, goal: Any, depth: int) -> Any:
    """Forgets the variables that only earlier steps read."""
    steps, states = _plan(self, goal, depth)
    return steps, [states[-1] if level == depth - 1 else s for level, s in enumerate(states)]


def _then_only(self: Relevance, new: Any) -> Any:
    """Overlooks what a conditional comes to otherwise."""
    return self._outcome(new.arg(1)) if z3.is_app_of(new, z3.Z3_OP_ITE) else _leaves(self, new)


def _forgetful(self: Relevance, now: Values, enabled: Iterable[int]) -> Values:
    """Forgets what a variable was where some action writes it."""
    numbers = list(enabled)
    after = _after(self, now, numbers)
    fresh: dict[int, frozenset[int | bool]] = {}
    for n in numbers:
        for old, new in self.encoded.instances[n].changes:
            options = self._may_become(self._outcome(new), now)
            if old.get_id() in after and options is not None:
                fresh[old.get_id()] = fresh.get(old.get_id(), frozenset()) | options
    return {**after, **fresh}


def _stale(self: Relevance, now: Values, enabled: Iterable[int]) -> Values:
    return dict(now)


def _positive(self: Relevance) -> Values:
    """Reads "not b" as "b" where the initial condition says it."""
    return {v: frozenset(x is False or x for x in options) for v, options in _initial(self).items()}


def _unguarded(self: Relevance, instance: Any) -> Footprint:
    return Footprint(frozenset(), _footprint(self, instance).writes)


def _pure(self: Relevance, instance: Any) -> Footprint:
    """Takes it that no effect reads anything."""
    footprint = _footprint(self, instance)
    return Footprint(footprint.guard, dict.fromkeys(footprint.writes, frozenset()))


def _reads_only(self: Relevance, left: int, right: int) -> bool:
    """Forgets that the later of two steps reads what the earlier one writes."""
    a, b = self.footprints[left], self.footprints[right]
    return (a.reads | a.writes.keys()).isdisjoint(b.writes)


def _may_clash(self: Relevance, left: int, right: int) -> bool:
    """Forgets that two steps that write the same variable do not commute."""
    a, b = self.footprints[left], self.footprints[right]
    return a.reads.isdisjoint(b.writes) and b.reads.isdisjoint(a.writes)


def _both_orders(self: Relevance, right: int, candidates: Iterable[int]) -> list[int]:
    return [left for left in candidates if left != right and self._independent(left, right)]


PLANTED: dict[str, tuple[str, Callable[..., Any]]] = {
    "everything is independent": ("_independent", lambda self, left, right: True),
    "reads after writes are overlooked": ("_independent", _reads_only),
    "writes after writes are overlooked": ("_independent", _may_clash),
    "neither order is allowed": ("after_independent", _both_orders),
    "what enables the goal is dropped": ("plan", _goal_only),
    "early variables are dropped": ("plan", _last_matters),
    "guards read nothing": ("_footprint", _unguarded),
    "effects read nothing": ("_footprint", _pure),
    "one branch of a conditional": ("_leaves", _then_only),
    "values are forgotten": ("_after", _forgetful),
    "values never change": ("_after", _stale),
    "signs are lost": ("_initial", _positive),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_pruning_that_goes_too_far_is_caught(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planted = PLANTED[what]
    monkeypatch.setattr(Relevance, name, planted)
    quick = settings(max_examples=EXAMPLES, phases=(Phase.generate,), derandomize=True)
    try:
        hypothesis.find(puzzles, _fails, settings=quick)
    except NoSuchExample:
        pytest.fail(f"{what}: {EXAMPLES} random systems did not show it")


def _fails(puzzle: Puzzle) -> bool:
    try:
        return disagreement(puzzle) != ""
    except (KeyError, StopIteration, z3.Z3Exception):
        return True
