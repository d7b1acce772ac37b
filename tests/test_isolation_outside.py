"""The verdict is made where a target cannot reach: whatever it changes in its process, it is found out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.recipes import PythonRecipe
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.isolation.runner import Isolated

TAMPERING = Path(__file__).parent / "tampering_targets.py"
SENDS = Scenario((Move("send", n=1, m=1), Move("transmit", n=1)))

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these targets misuse a POSIX system")


def broken(name: str, told: bool = False, timeout: float = 30.0) -> list[str]:
    with Isolated(PythonRecipe(f"{TAMPERING}:{name}"), timeout) as one:
        return sorted(one.play(SENDS, told).breaches)


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("name", ["Builtins", "Monitors", "Modules", "Records"])
def test_what_a_target_changes_in_its_process_changes_no_verdict(name: str, told: bool) -> None:
    expected = broken("Plain", told)
    assert "chain.coverage" in expected
    assert broken(name, told) == expected


@pytest.mark.parametrize("name", ["Counts", "Writing"])
def test_a_target_that_breaks_what_speaks_for_it_is_told_so(name: str) -> None:
    assert set(broken(name)) & {"chain.coverage", "target.closed-channel", "target.raised"}


def test_the_watch_over_hangs_is_not_the_targets_to_set() -> None:
    assert "target.hung" in broken("Clock", timeout=0.5)


def test_nothing_that_a_target_sends_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("ODD_TARGET_MARK", str(mark))
    assert "chain.coverage" in broken("SendsCode")
    assert not mark.exists()
