"""``chimneysweep show`` and ``chimneysweep replay``: what they make of a trace file, good or bad."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cli_stage import Stage, stage, violated
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.render import text
from chimneysweep.counterexamples.storage import dumps, save

__all__ = ["stage"]  # a fixture


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save(sample(), tmp_path / "t.json")
    return tmp_path / "t.json"


def test_show_tells_the_story(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(file), "--width", "80"]) == 0
    assert capsys.readouterr().out == text(sample(), 80)


def test_show_keeps_to_the_width(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(file), "--width", "60"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 60


@pytest.mark.parametrize("command", ["show", "replay"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (dumps(sample())[:5000], "is truncated"),
        ("", "is empty"),
        ("once upon a time", "is not JSON"),
        ('{"format": "something-else"}', "its format is 'something-else'"),
        (json.dumps({**json.loads(dumps(sample())), "version": 9}), "newer chimneysweep"),
        (json.dumps({**json.loads(dumps(sample())), "steps": {}}), "$.steps"),
    ],
)
def test_a_bad_file_is_one_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, content: str, told: str
) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    assert main([command, str(tmp_path / "bad.json")]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert "bad.json" in captured.err
    assert captured.err.startswith("Error: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("command", ["show", "replay"])
def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, str(tmp_path / "none.json")]) == 2
    assert "cannot read" in capsys.readouterr().err
    assert main([command, str(tmp_path)]) == 2
    assert "cannot read" in capsys.readouterr().err
    assert main([command]) == 2
    assert "Missing argument 'TRACE'" in capsys.readouterr().err


def test_replay_says_that_a_trace_replays(
    stage: Stage, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(file)]) == 0
    assert capsys.readouterr().out.startswith("replays: all 15 steps happen again in reference")


def test_replay_says_where_a_trace_does_not(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [s for s in violated("snd.una").trace.steps if s.action != "PeerReceives"]
    save(dataclasses.replace(sample(), steps=steps), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 1
    assert "DOES NOT REPLAY: step 4: AckArrives is not possible" in capsys.readouterr().out


def test_replay_of_an_unknown_design(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(dataclasses.replace(sample(), target="referenz"), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 2
    assert "there is no design 'referenz'; did you mean reference?" in capsys.readouterr().err


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_replay_of_a_targets_trace_asks_the_target(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str], ok: bool, code: int
) -> None:
    stage.replayed = (ok, "so said the target")
    save(dataclasses.replace(sample(), source="target", target="my.py:Mine"), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == code
    assert "so said the target" in capsys.readouterr().out
