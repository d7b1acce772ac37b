"""However many processes play a search, it is the same search; one that dies costs the run that it was in."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
from pathlib import Path

import pytest

from chimneysweep.counterexamples.storage import to_json
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.launch import How
from chimneysweep.targets.running.players import Players

SEARCH = Options(runs=30, seed=5, sources=("search",), all=True, shrink=False)


def told(report: ConformReport) -> object:
    findings = [to_json(trace) for trace in report.findings]
    return dataclasses.replace(report, seconds=0.0, findings=()), findings


def test_the_same_whatever_the_number_of_workers() -> None:
    one, two = (
        told(conform("seeded/tail-forgotten", dataclasses.replace(SEARCH, workers=n))) for n in (1, 2)
    )
    assert one == two


@pytest.fixture
def players() -> Players:
    options = Options()
    return Players(1, "reference", How(), options.timeout, options.subject)


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_a_player_that_dies_costs_its_run_and_no_more(players: Players) -> None:
    with contextlib.closing(players):
        assert [outcome.breaches for outcome in players.play([Scenario()], None)] == [{}]
        players.started[0].process.send_signal(signal.SIGKILL)
        assert [outcome.breaches for outcome in players.play([Scenario()] * 3, None)] == [{}] * 3
        assert len(players.started) == 2
    assert all(player.process.returncode is not None for player in players.started)


def test_what_a_player_cannot_load_is_said(tmp_path: Path) -> None:
    missing = str(tmp_path / "gone.py")
    options = Options()
    with (
        contextlib.closing(Players(2, missing, How(), options.timeout, options.subject)) as players,
        pytest.raises(BadTarget, match="there is no file"),
    ):
        list(players.play([Scenario()], None))


# -- the journal -----------------------------------------------------------------------------------


def test_runs_of_a_journal_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dataclasses.replace(SEARCH, runs=3, journal=tmp_path / "runs.sqlite")
    one = told(conform("reference", kept))
    monkeypatch.setattr("chimneysweep.targets.running.isolation.runner.Isolated.play", None)
    assert told(conform("reference", kept)) == one


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"timeout": 3.0}, "keeps another search .timeout is not the same"),
        ({"seed": 6}, "is the journal of a search with the seed 5"),
    ],
)
def test_a_journal_is_of_one_search(tmp_path: Path, other: dict[str, object], says: str) -> None:
    kept = dataclasses.replace(SEARCH, runs=1, journal=tmp_path / "runs.sqlite")
    conform("reference", kept)
    with pytest.raises(BadTarget, match=says):
        conform("reference", dataclasses.replace(kept, **other))  # type: ignore[arg-type]
