"""Every built-in target with a bug is caught by the property it is said to break."""

from __future__ import annotations

import pytest
from house import one_in

from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.seeded_bugs import Form, seeded_bugs
from chimneysweep.targets.running.target_replay import replay_on_target

IN_PYTHON = {bug.name: bug.python for bug in seeded_bugs().values() if bug.python}


@pytest.mark.parametrize(("name", "form"), one_in(3, list(IN_PYTHON.items())))
def test_a_bug_is_caught_by_its_property_with_a_minimal_trace_that_replays(name: str, form: Form) -> None:
    report = conform(f"seeded/{name}", Options(runs=0, seed=1, reported=(form.breaks,)))
    trace = next(t for t in report.findings if t.violation and t.violation.property == form.breaks)
    assert len(trace.steps) == form.steps
    assert "flaky" not in trace.meta
    assert trace.source == "target"
    assert trace.target == f"seeded/{name}"
    said = f"all {form.steps} steps happen again as recorded, and break {form.breaks}"
    assert replay_on_target(trace) == Replay(Now.AGAIN, said)


def test_what_is_typed_with_underscores_is_told_by_its_one_name() -> None:
    assert conform("seeded/tail_forgotten", Options(runs=0, shrink=False)).target == "seeded/tail-forgotten"


def test_the_search_alone_finds_bugs() -> None:
    for name, broken in (("tail-forgotten", "chain.coverage"), ("unsigned-comparison", "snd.una")):
        report = conform(f"seeded/{name}", Options(runs=100, seed=1, shrink=False, sources=("search",)))
        names = [t.violation.property for t in report.findings] + list(report.also_broken)
        assert broken in names
        assert report.findings[0].meta["origin"].startswith("search run ")
