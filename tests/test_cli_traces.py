"""``chimneysweep show`` and ``chimneysweep replay``: what they make of a trace file, good or bad."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from cli_stage import Stage, stage, violated
from native_stage import needs_cc
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.counterexamples.render import text
from chimneysweep.counterexamples.storage import save

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
def test_no_file_is_asked_for(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command]) == 2
    assert "Missing argument 'TRACE'" in capsys.readouterr().err


def test_replay_says_that_it_is_still_broken(
    stage: Stage, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(file)]) == 1
    assert capsys.readouterr().out.startswith("STILL BROKEN: all 15 steps happen again in reference")


def test_replay_says_where_something_else_happens(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [s for s in violated("snd.una").trace.steps if s.action != "PeerReceives"]
    save(dataclasses.replace(sample(), steps=steps), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 4
    assert "CHANGED: step 4: AckArrives is not possible" in capsys.readouterr().out


@needs_cc
def test_a_line_that_moved_in_the_drivers_source_is_no_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """AddressSanitizer names the line; comments above it come and go."""
    (found,) = (Path(__file__).parent.parent / "counterexamples" / "corpus").glob("target.memory.93eadf9d*")
    old = found.read_text(encoding="utf-8")
    moved = re.sub(r"receive\.c:\d+", "receive.c:7", old)
    assert moved != old
    (tmp_path / "t.json").write_text(moved, encoding="utf-8")
    assert main(["replay", str(tmp_path / "t.json")]) == 1
    assert capsys.readouterr().out.startswith("STILL BROKEN")
    elsewhere = moved.replace("in MpTcpOffloadReceiveReturn (", "in MpTcpOffloadSend (")
    assert elsewhere != moved
    (tmp_path / "t.json").write_text(elsewhere, encoding="utf-8")
    assert main(["replay", str(tmp_path / "t.json")]) == 4
    assert "CHANGED: target.memory breaks again, but in another way" in capsys.readouterr().out


def test_replay_of_an_unknown_design(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(dataclasses.replace(sample(), target="referenz"), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 2
    assert "there is no design 'referenz'; did you mean reference?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("now", "witness", "word", "code"),
    [
        (Now.AGAIN, False, "STILL BROKEN", 1),
        (Now.GONE, False, "FIXED", 0),
        (Now.OTHERWISE, False, "CHANGED", 4),
        (Now.AGAIN, True, "HAPPENS AGAIN", 0),
        (Now.OTHERWISE, True, "CHANGED", 4),
    ],
)
def test_what_a_replay_ends_with(
    stage: Stage,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    now: Now,
    witness: bool,
    word: str,
    code: int,
) -> None:
    stage.replayed = Replay(now, "so said the target")
    trace = dataclasses.replace(sample(), source="target", target="my.py:Mine")
    save(dataclasses.replace(trace, violation=None) if witness else trace, tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == code
    assert capsys.readouterr().out == f"{word}: so said the target\n"


CLASS = "from chimneysweep.targets.chimney.python.{module} import {name} as Base\n\nclass Mine(Base): pass\n"


def test_a_target_is_found_from_the_traces_own_place_and_its_repair_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (mine / "traces").mkdir(parents=True)
    elsewhere.mkdir()
    bug = CLASS.format(module="seeded_targets", name="HeadNotAdvanced")
    (mine / "mine.py").write_text(bug, encoding="utf-8")
    monkeypatch.chdir(mine)
    assert main(["conform", "mine.py:Mine", "-q", "--runs", "0", "--trace", "traces/t.json"]) == 1
    monkeypatch.chdir(elsewhere)
    capsys.readouterr()
    assert main(["replay", "../project/traces/t.json"]) == 1
    assert f"(in {mine})" in " ".join(capsys.readouterr().out.split())
    repaired = CLASS.format(module="reference_target", name="Reference")
    (mine / "mine.py").write_text(repaired, encoding="utf-8")
    assert main(["replay", "../project/traces/t.json"]) == 0
    assert capsys.readouterr().out.startswith("FIXED: chain.advanced holds: step 6")
    (mine / "mine.py").unlink()
    assert main(["replay", "../project/traces/t.json"]) == 2
    assert "CANNOT LOAD: there is no file mine.py" in capsys.readouterr().err
