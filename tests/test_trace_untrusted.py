"""A trace file is a stranger's: each command that reads one refuses what is in it, or shows it harmlessly."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exported import hostile, is_plain
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples import storage
from chimneysweep.counterexamples.exports.registry import EXPORTS
from chimneysweep.counterexamples.storage import dumps, save
from chimneysweep.model.bounds import Bounds

WHOLE = dumps(sample())
COMMANDS = [
    ["show"],
    ["show", "--full"],
    ["show", "--explain"],
    ["show", "--html", "page.html"],
    ["replay"],
    ["replay", "--gdb"],
    ["diff", "good.json"],
    *(["export", "-o", "out", "--to", name] for name in EXPORTS),
]
MEMORY = 2 * 2**20
"""KiB of address space that the largest files are refused in."""


def changed(**fields: Any) -> str:
    """The sample with other fields."""
    return json.dumps({**json.loads(WHOLE), **fields})


TEXTS = {
    "empty": ("", "is empty"),
    "truncated": (WHOLE[: len(WHOLE) // 2], "is truncated"),
    "foreign": ('{"log": {"version": "1.2", "entries": []}}', "no field 'format'"),
    "of the future": (changed(version=3), "newer chimneysweep"),
    "version 1.0": (changed(version=1.0), "the number 1.0"),
    "version true": (changed(version=True), "true or false"),
    "not a number": (changed(version=float("nan")), "NaN is no JSON number"),
    "a field twice": ('{"format": 1, ' + WHOLE.lstrip()[1:], "'format' stands twice"),
    "deep": ("[" * 100_000 + "]" * 100_000, "more than 40 deep"),
    "deep and open": ('{"a":' * 100_000, "more than 40 deep"),
    "a long number": (changed(bounds={"buffers": 1}).replace("1}", "9" * 100_000 + "}", 1), "100000 digits"),
    "long": (changed(steps=[{}] * 5001), "it has 5001 steps"),
    "a field of control characters": (changed(**{"\x1b[2J\x07": 1}), "\\x1b[2J\\x07"),
    "half of a pair": (changed(**{"\ud800": 1}), "\\ud800"),
}


def refused(file: Path, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command ends with 2, says that in a line, writes nothing, and does not drive the terminal."""
    save(sample(), "good.json")
    for command in [*COMMANDS, None]:
        argv = [*command, str(file)] if command else ["diff", str(file), "good.json"]
        assert main(argv) == 2, argv
        captured = capsys.readouterr()
        assert captured.out == ""
        assert told in captured.err
        assert captured.err.count("\n") == 1
        assert len(captured.err) < 1000
        assert is_plain(captured.err)
    assert not Path("out").exists()
    assert not Path("page.html").exists()


@pytest.mark.parametrize(("text", "told"), TEXTS.values(), ids=TEXTS)
def test_text_that_is_no_trace_is_refused(
    text: str,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    refused(Path("bad.json"), told, capsys)


def _sparse(path: Path) -> Path:
    with open(path, "wb") as file:
        file.truncate(100 * 2**20)
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)  # nobody writes to it
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "100 MB": (_sparse, "is larger than"),
    "a pipe": (_pipe, "it is no regular file"),
    "a folder": (_folder, "Is a directory"),
    "/dev/zero": (lambda _: Path("/dev/zero"), "it is no regular file"),
    "/dev/null": (lambda _: Path("/dev/null"), "it is no regular file"),
    "/proc/self/mem": (lambda _: Path("/proc/self/mem"), "cannot read"),
    "nothing there": (lambda path: path, "No such file"),
}


@pytest.mark.parametrize(("make", "told"), FILES.values(), ids=FILES)
def test_a_file_that_is_none_is_refused(
    make: Callable[[Path], Path],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(make(tmp_path / "bad.json"), told, capsys)


@pytest.mark.parametrize("name", ["100 MB", "deep"])
def test_it_is_refused_without_much_memory(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    if name in FILES:
        FILES[name][0](file)
    else:
        file.write_text(TEXTS[name][0], encoding="utf-8")
    done = subprocess.run(
        ["sh", "-c", f"ulimit -v {MEMORY}; exec {sys.executable} -m chimneysweep show {file}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_world_that_is_too_large_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    every = Bounds(buffers=256, requests=256, blocks=256, connections=256)
    save(dataclasses.replace(sample(), bounds=every), "huge.json")
    assert main(["show", "huge.json"]) == 0
    assert "a world that is too large" in " ".join(capsys.readouterr().out.split())
    assert main(["replay", "huge.json"]) == 2
    assert "a world that is too large" in capsys.readouterr().err


def test_numbers_of_many_digits_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = int("9" * storage.MAX_DIGITS)
    known = {name: number for name, v in sample().initial.items() if type(v) is int and "bufs[0]" in name}
    save(dataclasses.replace(sample(), initial={**sample().initial, **known}), tmp_path / "t.json")
    for command in (["show"], ["show", "--full"]):
        assert main([*command, str(tmp_path / "t.json"), "--width", "80"]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_text_of_a_stranger_drives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the formats: test_exports_ci.py; of the page: test_page_structure.py."""
    monkeypatch.chdir(tmp_path)
    text = dumps(hostile()).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    Path("t.json").write_text(text, encoding="utf-8")
    save(sample(), "good.json")
    for command, code in (
        (["show"], 0),
        (["show", "--full"], 0),
        (["diff", "good.json"], 1),
        (["replay"], 2),
    ):
        assert main([*command, "t.json"]) == code, command
        captured = capsys.readouterr()
        assert is_plain(captured.out)
        assert is_plain(captured.err)
        assert "red" in captured.out + captured.err


def test_a_name_of_a_path_is_only_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a trace calls its target, its source or its output is never written to."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    for name in ("../../../etc/passwd", "/etc/passwd", "../outside", "--html=x", "file:///etc/passwd"):
        save(dataclasses.replace(sample(), target=name, meta={"target": name}), "t.json")
        for command in COMMANDS[:4]:
            main([*command, "t.json"])
        assert main(["replay", "t.json"]) == 2
        assert "Traceback" not in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inner", "page.html", "t.json"]
