"""A campaign is kept in a file: it goes on where it was ended, and is told at any time."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kept_runs import rows
from native_stage import needs_cc

from chimneysweep.cli.main import main
from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.campaign_report import planned
from chimneysweep.targets.campaign.going_on import CampaignStatus, resume, status
from chimneysweep.targets.campaign.search import Search
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.launch import How

RUN = ["campaign", "run", "seeded/tail-forgotten", "--source", "search", "--runs", "30", "--seed", "5", "-q"]
KILLED = """
import os, signal, sys
from pathlib import Path
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.search import Search

def killed(self, runs):
    for number, generation in enumerate(generations(self, runs)):
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        yield generation

generations, Search.generations = Search.generations, killed
options = Options(runs=30, seed=5, sources=("search",), all=True, journal=Path(sys.argv[1]), workers=2)
conform("seeded/tail-forgotten", options)
"""
"""A campaign that is killed when its first generation was played."""


def result(argv: list[str], file: Path) -> tuple[int, dict[str, Any]]:
    code = main([*argv, "--json", str(file)])
    data = json.loads(file.read_text(encoding="utf-8"))
    del data["seconds"]
    return code, data


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed by a signal")
def test_killed_it_is_told_as_far_as_it_came_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "killed.sqlite"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert rows(file) == 25
    told = status(file)
    assert (told.stage, told.running, told.runs, told.planned) == ("search", False, 25, 30)
    code, part = result(["campaign", "report", str(file), "-q"], tmp_path / "part.json")
    assert (code, part["partial"], part["runs"]) == (1, True, 25)
    assert part["why_partial"] == "the campaign has not come to its end"
    assert rows(file) == 25  # a report adds nothing
    assert "PARTIAL: the campaign has not come to its end, after 25 runs" in capsys.readouterr().out
    resumed = result(["campaign", "resume", str(file), "-q"], tmp_path / "resumed.json")
    whole = result([*RUN, "--journal", str(tmp_path / "whole.sqlite")], tmp_path / "whole.json")
    assert resumed == whole
    assert whole[1]["findings"]


def test_an_interrupt_leaves_a_report_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "runs.sqlite"

    def interrupted(self: object, runs: int) -> Iterator[list[Scenario]]:
        yield from itertools.islice(generations(self, runs), 1)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    generations = Search.generations
    monkeypatch.setattr(Search, "generations", interrupted)
    code, told = result([*RUN, "--journal", str(file)], tmp_path / "part.json")
    assert (code, told["partial"], told["why_partial"], told["runs"]) == (130, True, "interrupted", 25)
    assert told["findings"]
    assert "PARTIAL: interrupted, after 25 runs" in capsys.readouterr().out
    assert status(file).stage == "interrupted"


def test_at_its_end_it_is_told_without_its_target(tmp_path: Path) -> None:
    target, file = tmp_path / "mine.py", tmp_path / "runs.sqlite"
    target.write_text(
        "from chimneysweep.targets.reference import Reference\nclass Mine(Reference): pass\n",
        encoding="utf-8",
    )
    argv = ["campaign", "run", str(target), "--source", "search", "--runs", "3", "-q", "--journal", str(file)]
    ran = result(argv, tmp_path / "ran.json")
    target.unlink()
    assert result(["campaign", "report", str(file), "-q"], tmp_path / "told.json") == ran


def test_its_status_is_told_while_it_runs_and_nobody_else_goes_on_with_it(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    seen: list[CampaignStatus] = []

    def look(text: str) -> None:
        if text.startswith("search:") and not seen and status(file).runs:
            seen.append(status(file))
            with pytest.raises(BadTarget, match="its campaign runs in another process"):
                resume(file)

    options = Options(runs=30, seed=1, sources=("search",), all=True, journal=file)
    conform("reference", options, look)
    (then,) = seen
    assert (then.running, then.stage, then.runs, then.planned) == (True, "search", 25, 30)
    assert then.rate > 0
    assert then.seconds > 0
    assert then.reached["premises"][0] > 10
    now = status(file)
    assert (now.running, now.stage, now.runs, now.broken) == (False, "ended", 30, ())


def test_a_longer_plan_goes_on_with_the_shorter_one(tmp_path: Path) -> None:
    """The file of a conform that stopped at what it found is one of a campaign that plays all."""
    options = Options(runs=3, seed=5, sources=("search",), journal=tmp_path / "runs.sqlite")
    assert conform("seeded/tail-forgotten", options).runs == 3
    assert conform("seeded/tail-forgotten", dataclasses.replace(options, runs=5, all=True)).runs == 5


def test_a_plan_has_all_that_was_asked_for(tmp_path: Path) -> None:
    asked = Options(
        runs=7,
        seed=8,
        timeout=3.0,
        how=How(sanitize=False, flags=("-g",)),
        all=True,
        subject=SubjectRef("chimney", ("mine.py",)),
        reported=("mine",),
        sources=("search",),
        workers=3,
        journal=tmp_path / "runs.sqlite",
        cluster="tcp://there:1",
        processors=2,
    )
    kept_apart = {"shrink", "first", "explore"}
    usual = Options()
    same = {f.name for f in dataclasses.fields(Options) if getattr(asked, f.name) == getattr(usual, f.name)}
    assert same == kept_apart
    assert planned(asked.plan("reference"), tmp_path / "runs.sqlite") == asked


@needs_cc
@pytest.mark.slow
def test_schedules_of_two_processors_are_kept_and_their_number_is_not_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.sqlite"
    argv = ["campaign", "run", "miniports/acknowledged-then-popped", "--processors", "2", "--runs", "5", "-q"]
    code, told = result(
        [*argv, "--source", "processors", "-q", "--journal", str(file)], tmp_path / "two.json"
    )
    assert (code, told["partial"]) == (1, False)
    assert rows(file) > 1000
    assert result(["campaign", "resume", str(file), "-q"], tmp_path / "again.json") == (code, told)
    capsys.readouterr()
    assert main(["campaign", "status", str(file)]) == 0
    assert re.search(r"^  runs +\d+, \d+ runs a second$", capsys.readouterr().out, re.M)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("journal") / "runs.sqlite"
    conform("reference", Options(runs=2, seed=1, sources=("search",), all=True, journal=file))
    return file


def foreign(file: Path) -> None:
    file.write_text("these are my notes " * 100, encoding="utf-8")


def another(file: Path) -> None:
    with sqlite3.connect(file) as table:
        table.execute("CREATE TABLE notes (text)")
    table.close()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def later(file: Path) -> None:
    with sqlite3.connect(file) as table:
        table.execute("PRAGMA user_version=99")
    table.close()


def other_plan(file: Path) -> None:
    with sqlite3.connect(file) as table:
        table.execute("UPDATE recorded SET value = '{\"target\": 3}'")
    table.close()


@pytest.mark.parametrize("command", ["status", "report", "resume"])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (Path.unlink, "there is no journal"),
        (foreign, "cannot be a journal, or is damaged: file is not a database"),
        (cut, "cannot be a journal, or is damaged"),
        (later, "was written by a newer chimneysweep (format 99; here it is 2)"),
        (other_plan, "cannot be a journal, or is damaged"),
    ],
)
def test_a_bad_file_is_said(
    spoil: Any, says: str, command: str, journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "runs.sqlite"
    shutil.copy(journal, file)
    spoil(file)
    assert main(["campaign", command, str(file)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_somebody_elses_database_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.sqlite"
    another(file)
    before = file.read_bytes()
    assert main([*RUN, "--journal", str(file)]) == 2
    assert "it is a database of something else" in " ".join(capsys.readouterr().err.split())
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", ["report", "resume"])
def test_a_target_that_changed_is_another_one(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, file = tmp_path / "mine.py", tmp_path / "runs.sqlite"
    text = "from chimneysweep.targets.reference import Reference\nclass Mine(Reference): pass\n"
    target.write_text(text, encoding="utf-8")

    def ended(text: str) -> None:
        if text.startswith("search:"):
            raise SystemExit

    with pytest.raises(SystemExit):
        conform(str(target), Options(runs=3, sources=("search",), journal=file), ended)
    target.write_text(text + "# changed\n", encoding="utf-8")
    assert main(["campaign", command, str(file), "-q"]) == 2
    assert "text of the target" in " ".join(capsys.readouterr().err.split())
