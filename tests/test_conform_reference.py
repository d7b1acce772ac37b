"""A compliant target passes, and the same seed makes the same run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.counterexamples.storage import to_json
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.campaign_report import SEED

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_reference_breaks_nothing_and_reaches_every_property() -> None:
    report = conform("reference", Options(runs=200, seed=7))
    assert report.findings == ()
    assert report.also_broken == ()
    assert report.never_reached == ()
    assert not report.partial
    assert report.calls > report.runs > 200


def test_no_random_runs_are_made_if_none_are_asked_for() -> None:
    told = []
    report = conform("reference", Options(runs=0, seed=7), told.append)
    assert report.findings == ()
    assert told[0] == f"{report.runs} stored scenarios"
    assert all(re.fullmatch(r"the target's process took at most \d+ MB of memory", line) for line in told[1:])


def test_the_same_seed_makes_the_same_run() -> None:
    first, second = (conform("seeded/max-is-nxt", Options(runs=40, seed=11)) for _ in range(2))
    assert first.calls == second.calls
    assert first.coverage == second.coverage
    assert [to_json(t) for t in first.findings] == [to_json(t) for t in second.findings]


def test_without_a_seed_the_runs_are_the_same() -> None:
    one, two = (conform("reference", Options(runs=3, seed=seed)) for seed in (None, SEED))
    assert (one.seed, one.calls, one.coverage) == (two.seed, two.calls, two.coverage)


def test_the_example_has_its_mistake_and_no_other() -> None:
    report = conform(f"{EXAMPLES}/my_target.py:MyTarget", Options(runs=60, seed=3))
    found = [trace.violation.property for trace in report.findings]
    assert sorted(found) == ["chain.advanced", "guarantee.send-in-order", "guarantee.send-kept"]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_fixed_example_breaks_nothing(seed: Any) -> None:
    report = conform(f"{EXAMPLES}/my_target_fixed.py:MyTargetFixed", Options(runs=100, seed=seed))
    assert report.findings == ()
    assert set(report.never_reached) == {
        "status.failure-true",  # it does not listen when the hardware fails
        "chain.none-when-lost",
        "event.retrieve-told",
        "guarantee.no-silent-loss",
        "disconnect.abort-sent",  # no host aborts its connections
        "disconnect.abort-sends",
        "snd.wl1",  # it hands no SendWL1 back
    }
