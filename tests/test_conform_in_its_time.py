"""A target that puts off what it is told meets what the directed scenarios were written for all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deferring_targets import CountsNothing, Queued

from chimneysweep.cli.exploring import explored_lines
from chimneysweep.targets.campaign import exhaustive
from chimneysweep.targets.campaign.alphabet import Within
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.in_its_time import AT_ONCE, in_its_time, puts_off, with_time
from chimneysweep.targets.campaign.sources import DIRECT
from chimneysweep.targets.chimney.interface import Factory
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import from_json
from chimneysweep.targets.running.direct import InProcess

TARGETS = Path(__file__).parent / "deferring_targets.py"
STORED = Options(sources=(DIRECT,), shrink=False)


def played(target: Factory) -> bool:
    """Whether the target is found to put off what it is told."""
    return puts_off((name, InProcess(target).play(DIRECTED[name])) for name in AT_ONCE)


def test_it_is_known_by_what_does_not_happen() -> None:
    assert [played(target) for target in (Reference, Queued, CountsNothing)] == [False, True, True]


def test_a_lawful_one_is_not_blamed() -> None:
    report = conform(f"{TARGETS}:Queued", Options(runs=60))
    assert report.findings == ()
    assert report.also_broken == ()


def test_what_it_does_wrong_is_found_when_it_has_time() -> None:
    assert not any(InProcess(CountsNothing).play(scenario).breaches for scenario in DIRECTED.values())
    report = conform(f"{TARGETS}:CountsNothing", STORED)
    assert "send-complete.bytes" in {trace.violation.property for trace in report.findings if trace.violation}
    assert report.stopped_after == DIRECT


def test_a_window_that_it_had_time_to_read_binds_it_and_is_told_with_that_time() -> None:
    report = conform(f"{TARGETS}:IgnoresWindow", Options(sources=(DIRECT,), all=True))
    (trace,) = [t for t in report.findings if t.violation and t.violation.property == "wire.within-window"]
    told = from_json(trace.meta["scenario"])
    assert any(move.kind == "run" for move in told.moves)
    assert with_time(told) == told


def test_time_is_given_once_and_no_more_is_changed() -> None:
    for _, name, scenario in in_its_time():
        assert with_time(scenario) == scenario, name
        assert [m for m in scenario.moves if m.kind != "run"] == [
            m for m in DIRECTED[name.partition(";")[0]].moves if m.kind != "run"
        ]


def explored(target: str, moves: int, *kinds: str) -> ConformReport:
    within = Within.of({"moves": moves, "enough": 0, "kinds": kinds})
    return conform(f"{TARGETS}:{target}", Options(explore=within, workers=1))


def test_in_an_exploration_a_lawful_one_is_not_blamed_and_its_time_is_said() -> None:
    report = explored("Queued", 3)
    assert report.findings == ()
    assert report.explored is not None
    assert report.explored.timed
    assert any("it has time after each move" in line for _, line in explored_lines(report.explored))


def test_in_an_exploration_what_it_does_wrong_is_found() -> None:
    report = explored("CountsNothing", 5, "send", "transmit", "peer gets", "ack", "rst")
    assert "send-complete.bytes" in {trace.violation.property for trace in report.findings if trace.violation}


def test_an_exploration_takes_as_many_processes_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    crews, launched = list[Any](), exhaustive.launch_several
    monkeypatch.setattr(
        exhaustive, "launch_several", lambda *how: (crews.append(launched(*how)), crews[-1])[1]
    )
    for workers in (1, 3):
        conform(f"{TARGETS}:Queued", Options(explore=Within.of({"moves": 1, "enough": 0}), workers=workers))
        assert len(crews.pop()) == workers
