"""A finding on a driver as a program of its own: cc builds it, it runs, gdb stops in it, a fix shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from exported import CORPUS, FILES, HOSTILE, hostile

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.exports import c_program
from chimneysweep.counterexamples.exports.c_program import MOST_BYTES, program
from chimneysweep.counterexamples.exports.recorded_calls import CallToDriver, CallToNdis, every, read
from chimneysweep.counterexamples.exports.registry import CannotExport
from chimneysweep.counterexamples.storage import load
from chimneysweep.targets.chimney.miniports.patched import REFERENCE

DRIVERS = sorted(file for file in CORPUS.glob("*.json") if load(file).target.startswith("miniports/"))
FEW = "snd.una.a728caeb", "target.memory.561aa5e8", "delivery.no-push.7db1c0e4"
GDB = shutil.which("gdb")
CC = os.environ.get("CC", "cc")


def exported(file: Path, folder: Path) -> Path:
    """The program, built."""
    assert main(["export", str(file), "--to", "c", "-o", str(folder)]) == 0
    subprocess.run(["make", "-s", "-C", str(folder)], check=True, capture_output=True)
    return folder


def run(folder: Path) -> tuple[int, str]:
    done = subprocess.run(["./replay"], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "file",
    [file if file.stem in FEW else pytest.param(file, marks=pytest.mark.slow) for file in DRIVERS],
    ids=lambda file: file.stem,
)
def test_the_program_breaks_as_the_trace_does(file: Path, tmp_path: Path) -> None:
    trace = load(file)
    assert trace.violation
    code, printed = run(exported(file, tmp_path / "program"))
    told = [step.says for step in trace.steps if step.action != "Misbehaves"]
    at = -1
    for says in told:
        at = printed.index(says, at + 1)
    assert code == 1
    died = "AddressSanitizer" in printed or "runtime error" in printed
    assert died or f"which breaks {trace.violation.property}" in printed


def test_a_fix_shows_and_so_does_any_other_driver(tmp_path: Path) -> None:
    folder = exported(FILES["C"], tmp_path / "program")
    shutil.rmtree(folder / "driver")
    shutil.copytree(REFERENCE, folder / "mine")
    subprocess.run(["make", "-sB", "-C", str(folder), "DRIVER=mine"], check=True, capture_output=True)
    code, printed = run(folder)
    assert code == 0
    assert "OTHERWISE: a word of event 2 was 1001, and is now 1000" in printed


@pytest.mark.parametrize("gdb", [GDB] if GDB else [])
def test_gdb_stops_in_the_driver_at_the_step(gdb: str, tmp_path: Path) -> None:
    folder = exported(FILES["C"], tmp_path / "program")
    done = subprocess.run(
        ["make", "-s", "-C", str(folder), "gdb", f"GDB={gdb} -batch"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert re.search(r"#0 +step \(number=(number@entry=)?4\)", done.stdout)
    place = load(FILES["C"]).steps[-1].at
    assert place
    assert re.search(rf"{place.function} .* driver/{re.escape(place.file)}:\d+", done.stdout)
    assert "STILL BROKEN" not in done.stdout


def test_hostile_text_stays_in_its_comment_and_its_strings(tmp_path: Path) -> None:
    files = program(hostile(), [], [HOSTILE, "$(shell touch owned)", "'"], True)
    (tmp_path / "replay.c").write_text(files["replay.c"], encoding="utf-8")
    api = Path(c_program.__file__).parents[2] / "targets" / "chimney" / "ndis" / "src"
    strict = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-c", "-I", str(api), "-o", "/dev/null"]
    subprocess.run([CC, *strict, "replay.c"], cwd=tmp_path, check=True)
    (tmp_path / "Makefile").write_text(files["Makefile"], encoding="utf-8")
    clean = ["make", "-n", "--no-print-directory", "clean"]
    made = subprocess.run(clean, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert made.stdout == "rm -f replay ndis/src/*.o\n"
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("kind", "says"), [("model", "the trace is of a model"), ("Python", "is no driver in C")]
)
def test_what_is_no_driver_is_said(
    kind: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(FILES[kind]), "--to", "c", "-o", str(tmp_path / "new")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_does_not_happen_any_more_and_a_folder_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = FILES["C"].read_text(encoding="utf-8").replace("miniports/una-is-nxt", "miniports/reference")
    Path("fixed.json").write_text(text, encoding="utf-8")
    assert main(["export", "fixed.json", "--to", "c", "-o", "new"]) == 2
    assert "only what happens again becomes a program: snd.una holds" in capsys.readouterr().err
    assert main(["export", str(FILES["C"]), "--to", "c"]) == 2
    assert "name a new one with -o DIR" in capsys.readouterr().err
    Path("old").mkdir()
    assert main(["export", str(FILES["C"]), "--to", "c", "-o", "old"]) == 2
    assert "directory" in capsys.readouterr().err


def _lines(*lines: str) -> list[CallToDriver]:
    return read(lines)


def test_what_was_recorded_is_read_as_it_was_nested() -> None:
    calls = _lines(
        '{"call": "chs_start", "args": [], "steps": 0}',
        '{"done": "chs_start", "returned": 0, "made": [], "steps": 0}',
        '{"call": "chs_forget", "args": [], "steps": 0}',
        '{"done": "chs_forget", "returned": null, "made": [], "steps": 0}',
        '{"call": "chs_run", "args": [], "steps": 1}',
        '{"event": 9, "words": [1, 2], "steps": 1}',
        '{"call": "chs_send", "args": [7, 1, [2], "0aff"], "steps": 3}',
        '{"done": "chs_send", "returned": 259, "made": [99], "steps": 3}',
        '{"answer": 5, "steps": 4}',
        '{"done": "chs_run", "returned": null, "made": [], "steps": 4}',
        '{"call": "chs_stop", "args": [], "steps": 4}',
    )
    (inner,) = [call for call in every(calls) if isinstance(call, CallToDriver) and call.name == "chs_send"]
    assert (inner.arguments, inner.returned, inner.made) == ((7, 1, (2,), "0aff"), 259, (99,))
    (event,) = [event for event in every(calls) if isinstance(event, CallToNdis)]
    assert (event.kind, event.words, event.begins, event.ends, event.answer) == (9, (1, 2), 1, 4, 5)
    assert [(call.name, call.done) for call in calls] == [("chs_run", True), ("chs_stop", False)]


def test_a_run_with_too_many_bytes_is_no_program() -> None:
    call = CallToDriver("chs_send", (1, 1, (MOST_BYTES + 1,), "00" * (MOST_BYTES + 1)), 1, done=True)
    with pytest.raises(CannotExport, match="bytes; a program has at most"):
        program(load(FILES["C"]), [call], [], True)
