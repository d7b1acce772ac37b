"""Runs at the speed of C, in which host, wire and monitor are in C, too: what is judged is as ever."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import test_quick
from house import one_in
from native_stage import needs_cc
from test_explore_going_back import REFERENCE, keeping

from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.alphabet import Within, alphabet
from chimneysweep.targets.campaign.explore import Exploration
from chimneysweep.targets.campaign.goals import pairs
from chimneysweep.targets.campaign.sweeps import Sweeps
from chimneysweep.targets.chimney.built_in import sources
from chimneysweep.targets.chimney.native.native_factory import NativeFactory
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.machine.watchdog import watch
from chimneysweep.targets.running.branching import Expand, Expanded, Moves, expand
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.explorer import Explorer
from chimneysweep.targets.running.launch import How, launch
from chimneysweep.targets.running.outcome import Outcome
from chimneysweep.targets.running.quick import maker
from chimneysweep.targets.running.quick.quick import Quick
from chimneysweep.targets.running.sweep import NOTHING, SLOW, Counts, Sweep, Swept, Ways

pytestmark = needs_cc
PARTS = {"alphabet": ["streams", "timers", "meanwhile"], "sends": 3, "requests": 2, "segments": 4}
FATAL = ("siblings-freed",)
ORDINARY = [
    bug.name
    for bug in seeded_bugs().values()
    if bug.c and not bug.c.breaks.startswith("target.") and bug.name not in FATAL
]
"""Buggy drivers that do not end this process, in which there are no sanitizers."""
Verdict = tuple[frozenset[str], frozenset[str], tuple[str, ...]]


class Both:
    """A driver, and its runs played both ways."""

    def __init__(self, made: NativeFactory, **bounds: Any) -> None:
        self.made, self.within = made, Within.of({"moves": 9, **PARTS, **bounds})
        self.compiled = Compiled(Maker(JUDGED), make=True)
        fast = self.compiled.monitor(self.within.empty(), self.within.bounds())
        assert fast is not None
        assert maker.prepared(fast.library)
        self.explorer = Explorer(made, SubjectRef())
        self.choices = alphabet(self.within)
        self.request = Expand(self.within.empty(), self.within.bounds(), (), False, False, 5.0, quick=True)

    def quick(self) -> Quick:
        """What plays quickly, standing where all runs begin."""
        quick = self.explorer._quick(self.request)
        assert quick is not None
        quick._begin(self.request)
        return quick

    def quickly(self, moves: Moves) -> Verdict | None:
        """What came of the moves and the end after them; None if they cannot be judged so."""
        quick = self.quick()
        judge = quick.judge
        assert judge is not None
        if not quick.lib.quick_plays(*quick.rows(moves), quick.edge) or not quick._goes((), True):
            return None
        edge = quick._edge(self.choices[-1], 0)
        return frozenset(edge.breaches), edge.reached, edge.happened

    def as_ever(self, scenario: Scenario) -> Verdict:
        fast = self.compiled.monitor(scenario, self.within.bounds())
        with watch(5.0) as armed:
            play = Play(self.made, scenario, JUDGED, judge=fast, armed=armed, room=self.within.bounds())
            play.run()
        return frozenset(play.judge.breaches), frozenset(play.judge.reached), tuple(play.judge.names)

    def drawn(self, seed: int, runs: int) -> Iterator[Scenario]:
        """Random runs of this alphabet."""
        rng = Random(seed)
        steps = [c for c in self.choices if not c.ends]
        for _ in range(runs):
            moves: Moves = ()
            for choice in rng.choices(steps, k=rng.randint(1, 14)):
                way = rng.choice((choice.moves, choice.moves, *choice.taken, *choice.meanwhile))
                if self.within.allows(self.within.spent(moves), way):
                    moves += way
            yield dataclasses.replace(self.within.empty(), moves=moves)


def compared(both: Both, seed: int, runs: int) -> tuple[int, int, set[str]]:
    """Runs that were judged both ways, alike; those that only one way can judge; what broke in the former."""
    alike, left, broken = 0, 0, set[str]()
    for scenario in both.drawn(seed, runs):
        found = both.quickly(scenario.moves)
        if found is None:
            left += 1
            continue
        assert found == both.as_ever(scenario), scenario
        alike += 1
        broken |= found[0]
    return alike, left, broken


@pytest.mark.parametrize("bounds", [{}, {"connections": 2}, {"amounts": [3, 7]}, {"alphabet": ["streams"]}])
def test_random_runs_of_the_reference_are_judged_alike(bounds: dict[str, Any]) -> None:
    alike, left, broken = compared(Both(keeping(REFERENCE), **bounds), 1, 100)
    assert (alike, left, broken) == (100, 0, set())


@pytest.mark.parametrize("name", one_in(16, ORDINARY))
def test_random_runs_of_buggy_drivers_are_judged_alike(name: str, tmp_path: Path) -> None:
    both = Both(keeping(sources(name, tmp_path / "driver")))
    alike, left, _ = compared(both, 2, 40)
    assert alike + left == 40


def test_a_wrong_host_is_seen() -> None:
    """The counter-check: if one of them had the peer acknowledge something else, they would not be alike."""
    both = Both(keeping(REFERENCE))
    numbers = Quick._numbers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Quick, "_numbers", lambda quick, move: numbers(quick, dataclasses.replace(move, n=1)))
        with pytest.raises(AssertionError):
            compared(both, 3, 40)


def test_a_bug_is_found_at_the_speed_of_c(tmp_path: Path) -> None:
    _, _, broken = compared(Both(keeping(sources("tail-forgotten", tmp_path / "driver"))), 4, 80)
    assert "chain.coverage" in broken


class Runner:
    """Expands states in this process, as the process of a target does."""

    def __init__(self, both: Both) -> None:
        self.explorer, self.asked = both.explorer, 0

    def expand(self, request: Expand) -> Expanded:
        makes = functools.partial(self.explorer._branch, request, lambda said: None)
        self.asked += request.quick
        if not request.quick:
            return expand(request, makes)
        quick = self.explorer._quick(request)
        found = quick.expand(request, makes) if quick else None
        return found or Expanded(b"", (), slow=True)

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept:
        quick = self.explorer._quick(sweep.request(ways))
        self.asked += sweep.states
        return (quick.sweep(ways, sweep, lambda: None) if quick else None) or SLOW


def explored(both: Both, quick: bool) -> tuple[Exploration, set[Any], Runner]:
    """A search, and what its runs broke, reached, and had in a row."""
    found = set[Any]()

    def hears(before: Moves, edge: Any) -> None:
        found.update(edge.breaches, edge.reached, pairs(edge.happened))

    def counts(many: Counts) -> None:
        found.update(many.reached, many.pairs)

    runner, tells = Runner(both), counts if quick else None
    search = Exploration([runner], both.within, both.choices, 5.0, hears, lambda text: None, tells)
    search.run(everything=True)
    return search, found, runner


def test_it_is_the_same_exploration() -> None:
    """All that can come of a run comes of one; states that differ in nothing that matters are fewer."""
    both = Both(keeping(REFERENCE), moves=3)
    quick, ends, runner = explored(both, True)
    slow, others, _ = explored(both, False)
    assert runner.asked > 50
    assert quick.sweeps
    assert ends == others
    assert 0.9 * slow.explored.states < quick.explored.states <= slow.explored.states


class Alone(Runner):
    """Its process dies of all that is asked of many states at once."""

    def sweep(self, ways: Ways, sweep: Sweep) -> Outcome:  # type: ignore[override]
        return Outcome({})


def test_many_states_at_once_come_to_the_same_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Both(keeping(REFERENCE), moves=3)
    together, ends, _ = explored(both, True)
    monkeypatch.setattr(test_quick, "Runner", Alone)
    alone, others, runner = explored(both, True)
    assert runner.asked > 50
    assert together.explored == alone.explored
    assert ends == others


def test_it_is_the_same_exploration_however_many_processes_sweep() -> None:
    """Down to how often everything happened in the runs."""
    within, found = Within.of({"moves": 4}), []
    for workers in (1, 2):
        counted = Counter[Any]()
        with contextlib.ExitStack() as stack:
            runners = [
                stack.enter_context(launch(str(REFERENCE), How(sanitize=False))) for _ in range(workers)
            ]
            given = (runners, within, alphabet(within), 5.0, lambda b, e: None, lambda text: None)
            search = Exploration(*given, lambda many, counted=counted: counted.update(many.pairs))
            search.run()
        found.append((search.explored, counted))
    assert found[0] == found[1]
    assert found[0][1].total() > 1000


def test_a_buggy_driver_is_explored_alike(tmp_path: Path) -> None:
    driver = sources("tail-forgotten", tmp_path / "driver")
    both = Both(keeping(driver), moves=2, alphabet=["streams"])
    quick, ends, _ = explored(both, True)
    _, others, _ = explored(both, False)
    assert quick.sweeps
    assert ends == others
    assert "chain.coverage" in quick.broken


def test_other_moves_are_none_of_it() -> None:
    both = Both(keeping(REFERENCE), moves=1, alphabet=["all"])
    search, _, runner = explored(both, True)
    assert not search.sweeps
    assert not runner.asked


class Garbled:
    """A runner whose words were written over."""

    def __init__(self, swept: Swept) -> None:
        self.swept = swept

    def sweep(self, ways: object, sweep: object) -> Swept:
        """The same, whatever is asked for."""
        return self.swept


@pytest.mark.parametrize(
    "swept",
    [Swept(2, b"half", NOTHING), Swept(0, b"", NOTHING), Swept(2, b"", NOTHING), Swept(-1, b"", NOTHING)],
)
def test_states_of_which_nothing_sensible_is_told_are_expanded_each_by_itself(swept: Swept) -> None:
    within = Within()
    sweeps = Sweeps(within, alphabet(within), 1.0)
    states = [SimpleNamespace(path=b"", number=k) for k in range(2)]
    parts = list(sweeps.expand(Garbled(swept), states, False, lambda state: state.number))
    assert [found for part in parts for found in part.found] == [0, 1]
