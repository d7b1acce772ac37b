"""``chimneysweep conform`` on what is no target: one clear message, and exit code 2."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from chimneysweep.cli.main import main

needs_compiler = pytest.mark.skipif(
    os.name != "posix" or not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler"
)
SMALLEST = (Path(__file__).parent / "drivers" / "smallest.c").read_text(encoding="utf-8")


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What is said of a target that is refused."""
    assert main(["conform", "--quiet", "--runs", "0", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("Error:") == 1
    assert "Traceback" not in captured.err
    return " ".join(captured.err.split())


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@needs_compiler
@pytest.mark.parametrize(
    ("name", "text", "argv", "told"),
    [
        ("driver.c", '#include "simnic.h"\nint broken(void) { return x; }\n', (), "driver.c:2:"),
        ("driver.c", SMALLEST, ("--cflag", "-DON_ENTRY=return 0xC000009A"), "DriverEntry returns 0xC000009A"),
        ("driver.c", SMALLEST, ("--cflag", "-DON_ENTRY=*(volatile int *)8 = 1"), "loading it"),
        (
            "driver.c",
            SMALLEST,
            ("--cflag", "-DON_OPTIONS=generic.InitiateOffloadHandler = NULL"),
            "registers no",
        ),
        ("driver.c", SMALLEST, ("--cflag", "-fno-such-flag"), "no-such-flag"),
        ("driver.c", "int nothing;\n", (), "has no DriverEntry"),
        ("driver.so", "no library", (), "driver.so"),
    ],
)
def test_a_driver_that_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, argv: tuple[str, ...], told: str
) -> None:
    assert told in refused(capsys, written(tmp_path, name, text), *argv)


def test_no_compiler(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert "there is no compiler 'no-such-compiler'" in refused(capsys, written(tmp_path, "d.c", SMALLEST))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.py", "there is no file"),
        ("missing.c", "there is no file"),
        ("readme.txt", "is no target: it is neither a Python file (.py), nor a driver in C"),
        ("empty", "holds no .c files"),
    ],
)
def test_a_file_that_is_nothing_of_the_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    (tmp_path / "readme.txt").write_text("hello\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert told in refused(capsys, str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("miniports/tail_forgoten", "did you mean miniports/tail-forgotten?"),
        ("miniports/zzz", "`chimneysweep list targets` shows those there are"),
        ("seeded/tail_forgoten", "did you mean seeded/tail-forgotten?"),
    ],
)
def test_a_name_that_nothing_has(capsys: pytest.CaptureFixture[str], name: str, told: str) -> None:
    assert told in refused(capsys, name)


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "#!/bin/sh\necho hello\nread x\n",
            "the program writes 'hello', which is no JSON object in one line",
        ),
        ("#!/bin/sh\nexit 3\n", "the program ends with exit code 3"),
        ("#!/no/such/interpreter\n", "cannot be started: No such file or directory"),
    ],
)
def test_a_program_that_speaks_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    program = Path(written(tmp_path, "program", text))
    program.chmod(0o755)
    assert told in refused(capsys, str(program))
