"""Every built-in target with a bug is caught by the property it is said to break."""

from __future__ import annotations

from typing import Any

import pytest

from chimneysweep.properties.chimney.subject import CHIMNEY
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.built_in import entries
from chimneysweep.targets.running.target_replay import replay_on_target

BUGS = [entry for entry in entries() if entry.breaks]


def test_there_are_bugs_and_each_names_a_property() -> None:
    assert len(BUGS) >= 6
    assert {name for entry in BUGS for name in entry.breaks} <= {p.id for p in CHIMNEY.properties}
    assert all(entry.says for entry in entries())


@pytest.mark.parametrize("entry", BUGS, ids=lambda e: e.name)
def test_a_bug_is_caught_by_its_property_and_the_trace_replays(entry: Any) -> None:
    report = conform(entry.name, Options(runs=0, seed=1, shrink=False))
    traces = {trace.violation.property: trace for trace in report.findings}
    for name in entry.breaks:
        trace = traces[name]
        assert "flaky" not in trace.meta
        assert trace.source == "target"
        assert trace.target == entry.name
        assert replay_on_target(trace) == (
            True,
            f"all {len(trace.steps)} steps happen again as recorded, and break {name}",
        )


def test_random_runs_alone_find_bugs(monkeypatch: Any) -> None:
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.sources", lambda folder: ())
    for name, broken in (("tail_forgotten", "chain.coverage"), ("unsigned_compare", "snd.una")):
        report = conform(f"seeded/{name}", Options(runs=100, seed=1, shrink=False))
        names = [t.violation.property for t in report.findings] + list(report.also_broken)
        assert broken in names
        assert report.findings[0].meta["origin"].startswith("random run ")
