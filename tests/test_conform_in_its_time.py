"""A target that puts off what it is told meets what the directed scenarios were written for all the same."""

from __future__ import annotations

from pathlib import Path

from deferring_targets import CountsNothing, Queued

from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.in_its_time import AT_ONCE, in_its_time, puts_off, with_time
from chimneysweep.targets.campaign.sources import DIRECT
from chimneysweep.targets.chimney.interface import Factory
from chimneysweep.targets.chimney.python.reference_target import Reference
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


def test_time_is_given_once_and_no_more_is_changed() -> None:
    for _, name, scenario in in_its_time():
        assert with_time(scenario) == scenario, name
        assert [m for m in scenario.moves if m.kind != "run"] == [
            m for m in DIRECTED[name.partition(";")[0]].moves if m.kind != "run"
        ]
