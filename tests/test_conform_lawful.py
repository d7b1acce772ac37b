"""A target that differs from ours in what it may is not blamed: a false alarm is worse than a miss."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from lawful_targets import LAWFUL, StoresAndFails, TakesNothing

from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.miniports.patched import with_patch
from chimneysweep.targets.running.direct import InProcess

HERE = Path(__file__).parent
PATCHES = sorted((HERE / "lawful").glob("*.patch"))
FEW = Options(runs=40, seed=5, all=True)
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc) on this machine")


def said(report: Any) -> list[str]:
    """What was said against a target."""
    return [trace.violation.property for trace in report.findings] + list(report.also_broken)


@pytest.mark.parametrize("target", LAWFUL, ids=lambda target: str(target.__name__))
def test_nothing_is_said_against_it(target: Any) -> None:
    report = conform(f"{HERE / 'lawful_targets.py'}:{target.__name__}", FEW)
    assert said(report) == []


@needs_cc
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: str(patch.stem))
def test_nothing_is_said_against_a_driver(patch: Path, tmp_path: Path) -> None:
    assert said(conform(str(with_patch(patch, tmp_path)), FEW)) == []


def test_a_refused_connection_leaves_the_others_to_be_judged() -> None:
    played = [InProcess(target).play(DIRECTED[name]) for target in LAWFUL[1:3] for name in DIRECTED]
    assert all(not outcome.breaches for outcome in played)
    assert any("MiniportTerminateOffload" in outcome.happened for outcome in played)


def test_what_is_failed_has_no_context() -> None:
    broken = [InProcess(StoresAndFails).play(scenario).breaches for scenario in DIRECTED.values()]
    assert any("target.nonsense" in found for found in broken)
    assert all(not InProcess(TakesNothing).play(scenario).breaches for scenario in DIRECTED.values())
