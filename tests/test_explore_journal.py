"""An exploration that is killed goes on from its journal, and is the one that nobody killed."""

from __future__ import annotations

import dataclasses
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from explored_targets import HEAD
from kept_runs import rows
from native_stage import needs_cc

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import to_json
from chimneysweep.targets.campaign.alphabet import Within
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.going_on import report, resume, status
from chimneysweep.targets.chimney.built_in import MINIPORTS
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.isolation.runner import Isolated

KINDS = ("send", "transmit", "link", "neighbor")
BOUNDS = {"moves": 3, "sends": 1, "amounts": [1], "kinds": KINDS}
BUGGY = """
import os

class Buggy(Reference):
    count = 0

    def link_changes(self):
        super().link_changes()
        self.count += 1
        if self.count == 2:
            raise RuntimeError("the second time")

    def neighbor_silent(self, context):
        if self.count == 1:
            os._exit(3)
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from chimneysweep.targets.campaign.alphabet import Within
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.journal import Journal

def killed(self, asked, told):
    keep(self, asked, told)
    made.append(asked)
    if len(made) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

made = []
keep, Journal.keep = Journal.keep, killed
conform(sys.argv[1], Options(explore=Within.of({bounds}), all=True, journal=Path(sys.argv[2])))
"""
"""An exploration that is killed when so many states were expanded."""


def asked(file: Path | None = None, **bounds: Any) -> Options:
    return Options(explore=Within.of(BOUNDS | bounds), all=True, journal=file)


def told(found: ConformReport) -> object:
    """All of it that does not depend on how often the target was called."""
    steps = [to_json(trace)["steps"] for trace in found.findings]
    names = [trace.violation and trace.violation.property for trace in found.findings]
    return found.explored, found.runs, found.partial, found.also_broken, found.coverage, names, steps


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("buggy") / "target.py"
    file.write_text(HEAD + BUGGY, encoding="utf-8")
    return f"{file}:Buggy"


@pytest.fixture(scope="module")
def whole(target: str) -> ConformReport:
    """What nobody kept."""
    return conform(target, asked())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed by a signal")
def test_killed_again_and_again_it_comes_to_the_same_end(
    target: str, whole: ConformReport, tmp_path: Path
) -> None:
    file, program = tmp_path / "killed.sqlite", KILLED.replace("{bounds}", repr(BOUNDS))
    for number in (1, 7):
        before = rows(file) if file.exists() else 0
        killed = subprocess.run([sys.executable, "-c", program, target, str(file), str(number)], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert rows(file) >= before + number  # nothing that was there is gone
    far = status(file)
    assert (far.stage, far.running) == ("explore", False)
    part = report(file)
    assert (part.partial, part.why_partial) == (True, "the campaign has not come to its end")
    assert part.explored
    assert whole.explored
    assert part.explored.states < whole.explored.states
    assert told(resume(file)) == told(whole)
    assert {t.violation.property for t in whole.findings if t.violation} == {"target.raised", "target.exited"}


@needs_cc
@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed by a signal")
def test_that_of_the_reference_in_c_is_killed_and_goes_on(tmp_path: Path) -> None:
    """At the speed of C, in several processes."""
    file, bounds = tmp_path / "killed.sqlite", {"moves": 3}
    reference, program = f"{MINIPORTS}reference", KILLED.replace("{bounds}", repr(bounds))
    killed = subprocess.run([sys.executable, "-c", program, reference, str(file), "40"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert rows(file) >= 40
    assert report(file).partial
    found = resume(file)
    assert told(found) == told(conform(reference, Options(explore=Within.of(bounds), all=True)))
    assert found.explored
    assert found.explored.states == 227
    assert not found.findings


def test_what_is_in_the_journal_is_not_made_again(
    target: str, whole: ConformReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "whole.sqlite"
    assert told(conform(target, asked(file))) == told(whole)
    with sqlite3.connect(file) as table:
        table.execute("DELETE FROM recorded WHERE name = 'report'")
    table.close()
    monkeypatch.setattr(Isolated, "expand", None)
    assert told(resume(file)) == told(whole)
    monkeypatch.setattr(Isolated, "play", None)
    assert told(report(file)) == told(whole)  # at its end it is told as it is


def test_a_journal_that_lacks_a_state_is_seen(target: str, tmp_path: Path) -> None:
    """What is made of a journal is what is in it: one of another exploration would tell of another."""
    file = tmp_path / "cut.sqlite"
    conform(target, asked(file, moves=1))
    with sqlite3.connect(file) as table:
        table.execute("DELETE FROM recorded WHERE name = 'report'")
        table.execute("DELETE FROM runs")
    table.close()
    assert report(file).why_partial == "the campaign has not come to its end"
    assert rows(file) == 0


def test_it_is_of_these_bounds_and_of_this_driver(target: str, tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    conform(target, asked(file, moves=1))
    for other in ({"moves": 2}, {"kinds": ("send",)}, {"amounts": [2]}):
        with pytest.raises(BadTarget, match=r"another search \(explore is not the same\); name a new file"):
            conform(target, asked(file, **{"moves": 1, **other}))
    with pytest.raises(BadTarget, match="target is not the same"):
        conform("reference", asked(file, moves=1))
    with pytest.raises(BadTarget, match="explore is not the same"):
        conform(target, dataclasses.replace(asked(file), explore=None))


def test_the_command_refuses_the_journal_of_another(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.sqlite"
    argv = ["conform", target, "--explore", "--only", "send", "-q", "--journal", str(file), "--moves"]
    assert main([*argv, "1"]) == 0
    assert main([*argv, "2"]) == 2
    assert "keeps another search (explore is not the same); name a new file" in capsys.readouterr().err
    assert main(["campaign", "report", str(file), "-q"]) == 0
    assert "explored     every run of up to 1 move" in capsys.readouterr().out
