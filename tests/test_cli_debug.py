"""``replay --gdb`` and ``--pdb``: the debugger stops in the target, at the step, and the world is told."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from exported import FILES

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import load

CLASS = "from chimneysweep.targets.chimney.python.{module} import {name} as Base\n\nclass Mine(Base):\n{body}"
HANDS_BACK = """
    def _finish(self, tree):
        answer = 42
        super()._finish(tree)
        answer += 1
"""
NEEDS_GDB = pytest.mark.skipif(shutil.which("gdb") is None, reason="no gdb is installed")


def debugged(monkeypatch: pytest.MonkeyPatch, typed: str, *argv: str) -> int:
    """The exit code, with *typed* for the debugger."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["replay", *argv])


@NEEDS_GDB
def test_gdb_stops_in_the_driver(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    place = load(FILES["C"]).steps[-1].at
    assert place is not None
    assert debugged(monkeypatch, "", str(FILES["C"]), "--gdb") == 1
    told = capfd.readouterr().out
    assert told.startswith("STILL BROKEN")
    assert "Stops at step 4, in Finish (terminate.c:" in told
    assert "una=0             nxt=max=end=1" in told
    stands = re.search(rf"^#\d+ .* in {place.function} .*terminate\.c:(\d+)$", told, re.M)
    assert stands is not None
    assert f"{stands[1]}\t    {place.text}" in told, "it stands in the driver's own function"
    assert "STILL BROKEN: all 4 steps happen again, which" not in told, "and not past it"


def test_pdb_stops_in_the_class_and_steps_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = CLASS.format(module="seeded_targets", name="HeadNotAdvanced", body=HANDS_BACK)
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["conform", "mine.py:Mine", "-q", "--runs", "0", "--trace", "t.json"]) == 1
    capsys.readouterr()
    monkeypatch.chdir("/")
    typed = "p 'in', tree.type.name\nup\nup\np 'answer', answer\nuntil 8\np 'then', answer\nc\n"
    assert debugged(monkeypatch, typed, str(tmp_path / "t.json"), "--pdb") == 1
    told = capsys.readouterr().out
    assert "Stops at step 6, in _complete" in told
    assert "the block tree:" in told
    assert "('in', 'TCP')" in told
    assert "('answer', 42)" in told
    assert "('then', 42)" in told


@pytest.mark.slow
@NEEDS_GDB
def test_gdb_stops_in_the_function_that_calls_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["-q", "--source", "corpus", "--trace", "t.json"]
    assert main(["conform", "miniports/failure-kept-quiet", *options]) == 1
    assert debugged(monkeypatch, "", "t.json", "--gdb") == 1
    told = capfd.readouterr().out
    assert "Stops at step 1, in MpHardwareFails (events.c:" in told
    assert re.search(r"^#0  MpHardwareFails \(", told, re.M)


def test_pdb_stops_in_the_function_that_calls_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = next(FILES["Python"].parent.glob("event.retrieve-told.*.json"))
    assert debugged(monkeypatch, "n\np 'lost', context.lost\nq\n", str(silent), "--pdb") == 1
    told = capsys.readouterr().out
    assert "Stops at step 1, in hardware_fails" in told
    assert "-> def hardware_fails(self, context: StateObject) -> None:" in told
    assert "('lost', False)" in told


def test_pdb_may_be_left_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert debugged(monkeypatch, "q\n", str(FILES["Python"]), "--pdb") == 1
    assert "m_terminate_offload_complete(tree)" in capsys.readouterr().out


def test_what_is_mended_is_not_debugged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, module in (("HeadNotAdvanced", "seeded_targets"), ("Reference", "reference_target")):
        source = CLASS.format(module=module, name=name, body="    pass\n")
        (tmp_path / "mine.py").write_text(source, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        if name == "HeadNotAdvanced":
            assert main(["conform", "mine.py:Mine", "-q", "--runs", "0", "--trace", "t.json"]) == 1
    capsys.readouterr()
    assert debugged(monkeypatch, "", "t.json", "--pdb") == 0
    told = capsys.readouterr().out
    assert told.startswith("FIXED")
    assert "Pdb" not in told


@pytest.mark.parametrize(
    ("kind", "option", "says"),
    [
        ("Python", "--gdb", "is no driver in C"),
        ("C", "--pdb", "--pdb is for a Python class"),
        ("model", "--pdb", "the trace holds no place in a target's source"),
    ],
)
def test_what_cannot_be_debugged_so_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str, option: str, says: str
) -> None:
    assert debugged(monkeypatch, "", str(FILES[kind]), option) == 2
    assert says in capsys.readouterr().err


def test_both_are_one_too_many(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert debugged(monkeypatch, "", str(FILES["C"]), "--gdb", "--pdb") == 2
    assert "give one of them" in capsys.readouterr().err


def test_without_gdb_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chimneysweep.cli.debug.GDB", "no-such-gdb")
    assert debugged(monkeypatch, "", str(FILES["C"]), "--gdb") == 2
    assert "needs gdb" in capsys.readouterr().err
