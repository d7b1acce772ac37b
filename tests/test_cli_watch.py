"""``conform --watch``: a change of a source is seen, what failed last is played first, Ctrl-C ends it."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from cli_stage import Stage, stage, violated

from chimneysweep.cli import watch
from chimneysweep.cli.errors import BadInput
from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import load
from chimneysweep.targets.campaign.sources import KEPT, LAST, sources

__all__ = ["stage"]
SHIPPED = Path(watch.__file__).parent.parent / "counterexamples" / "corpus"
TARGET = """
from chimneysweep.targets.chimney.python.seeded_targets import TailForgotten
from chimneysweep.targets.chimney.python.reference_target import Reference

class Mine({base}):
    pass
"""
PATIENCE = 240
"""Seconds for a line to come, on however busy a machine."""


class Watching:
    """A process of the tool that watches, and what it says line by line."""

    def __init__(self, *argv: str) -> None:
        command = [sys.executable, "-m", "chimneysweep", "conform", *argv, "--watch", "--runs", "0"]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        self.lines: Queue[str] = Queue()
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def until(self, text: str) -> str:
        """What it says up to a line that has *text* in it."""
        told = ""
        while text not in told:
            line = self.lines.get(timeout=PATIENCE)
            assert line, f"it ended without {text!r}: {told}"
            told += line
        return told


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(TARGET.format(base="TailForgotten"), encoding="utf-8")
    return path


@pytest.fixture
def watching(target: Path) -> Iterator[Watching]:
    found = Watching(f"{target}:Mine")
    with found.process:
        yield found
        found.process.kill()


def test_a_bug_is_mended_and_comes_back(target: Path, watching: Watching) -> None:
    told = watching.until("Waiting for a change in mine.py")
    assert "chain.coverage" in told
    target.write_text(TARGET.format(base="Nothing"), encoding="utf-8")
    told = watching.until("Waiting")
    assert "Changed: mine.py." in told
    assert "Error: " in told
    assert "Nothing" in told
    target.write_text(TARGET.format(base="Reference"), encoding="utf-8")
    assert "NOTHING BROKEN" in watching.until("Waiting")
    other = target.with_suffix(".new")
    other.write_text(TARGET.format(base="TailForgotten"), encoding="utf-8")
    other.rename(target)  # as editors save
    told = watching.until("Waiting")
    assert "stopped      after the last scenarios, since they broke something" in told
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(PATIENCE) == 1
    rest = "".join(watching.lines.queue)
    assert "Traceback" not in rest


def test_what_failed_last_is_played_before_what_is_kept(tmp_path: Path) -> None:
    files = sorted(SHIPPED.glob("chain.*.json"))
    (tmp_path / files[0].name).write_bytes(files[0].read_bytes())
    (tmp_path / files[1].name).write_bytes(files[1].read_bytes())
    found = itertools.islice(sources(tmp_path, failed=[load(files[1])]), 2)
    order = [(source, name) for source, name, _ in found]
    violation = load(files[1]).violation
    assert violation is not None
    assert order == [(LAST, violation.property), (KEPT, files[0].stem)]


def test_a_target_that_is_not_there_is_bad_input_at_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conform", "nowhere.py", "-q", "--watch"]) == 2
    assert "there is no file nowhere.py" in capsys.readouterr().err


def test_what_failed_is_handed_to_the_next_run(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    trace = violated("snd.una").trace
    reports = iter([stage.report(trace), stage.report(), stage.report(why="interrupted")])
    stage.conform = lambda: next(reports)
    monkeypatch.setattr(watch, "_change", lambda watched, seen: None)
    assert main(["conform", str(tmp_path / "mine.py"), "-q", "--watch"]) == 130
    assert [options.first for _, options in stage.options] == [(), (trace,), (trace,)]


def test_a_change_during_a_run_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, runs = tmp_path / "driver" / "a.c", []
    source.parent.mkdir()
    source.write_text("", encoding="utf-8")

    def once(failed: object) -> watch.Ran:
        if not runs:
            os.utime(source, (1, 1))
        runs.append(failed)
        return 0, ()

    real = watch._change

    def change(watched: list[Path], seen: watch.Stamps) -> None:
        if len(runs) == 2:
            raise KeyboardInterrupt
        real(watched, seen)

    monkeypatch.setattr(watch, "_change", change)
    assert watch.watch([str(source.parent)], once) == 0
    assert len(runs) == 2


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.c", True),
        ("inc/a.h", True),
        ("notes.txt", False),
        (".chimneysweep/a.c", False),
        ("__pycache__/a.py", False),
    ],
)
def test_only_sources_count(tmp_path: Path, name: str, source: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    before = watch._stamps([tmp_path])
    path.write_text("", encoding="utf-8")
    assert (watch._stamps([tmp_path]) != before) == source


def test_a_library_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(BadInput, match=r"chimneysweep\[watch\]"):
        watch.watch(["a.c"], lambda failed: (0, ()))
