"""How the command line ends when something goes wrong: never in a traceback."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from typing import Any

import click
import pytest

from chimneysweep.cli import group
from chimneysweep.cli.errors import nearest
from chimneysweep.cli.main import main
from chimneysweep.cli.output import out, say


def _break(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    @click.command("check")
    def broken() -> None:
        raise problem

    monkeypatch.setattr(group.Lazy, "get_command", lambda self, ctx, name: broken)


def test_a_bug_of_ours_is_called_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(monkeypatch, RuntimeError("the floor\nis missing"))
    assert main(["check"]) == 70
    err = capsys.readouterr().err
    assert err.splitlines()[0] == (
        "chimneysweep: this is a bug in chimneysweep: RuntimeError: the floor is missing"
    )
    assert "--debug" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("argv", [["--debug", "check"], ["check", "--debug"]])
def test_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    _break(monkeypatch, RuntimeError("the floor is missing"))
    assert main(argv) == 70
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "in broken" in err


def test_an_interrupt_outside_a_check_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(monkeypatch, KeyboardInterrupt())
    assert main(["check"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_unknown_command_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shwo"]) == 2
    assert "there is no command 'shwo'; did you mean show?" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
def test_a_reader_that_leaves_is_no_error() -> None:
    """What ``| head`` does, after the first line."""
    code = (
        "import sys; from chimneysweep.cli.main import main; sys.exit(main(['list', 'properties', '--json']))"
    )
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("name", "found"),
    [("snd.unna", ["snd.una"]), ("SND.UNA", ["snd.una"]), ("order", ["chain.order"]), ("zz", []), ("x", [])],
)
def test_suggestions_are_near(name: str, found: list[str]) -> None:
    assert nearest(name, ["snd.una", "chain.order", "receive.kept"]) == found


def _run(code: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False, **more
    )


LIST = "import sys; from chimneysweep.cli.main import main; sys.exit(main(['list', 'parts']))"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_device_is_no_bug_of_ours() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = _run(LIST, stdout=full)
    told = "Error: the system does not let chimneysweep go on: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.skipif(os.name == "nt", reason="there are no numbered files there")
def test_a_closed_output_is_no_bug_of_ours() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" >&-', sys.executable, LIST], stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_another_error_of_the_system_is_still_called_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(monkeypatch, FileNotFoundError(2, "No such file", "ours.toml"))
    assert main(["check"]) == 70
    assert "this is a bug in chimneysweep" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
def test_what_asks_the_process_to_end_interrupts_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command("check")
    def waits() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    monkeypatch.setattr(group.Lazy, "get_command", lambda self, ctx, name: waits)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["check"]) == 130
    assert signal.getsignal(signal.SIGTERM) is before
    assert "interrupted" in capsys.readouterr().err


def test_nothing_that_is_said_drives_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(monkeypatch, click.UsageError("no \x1b[31m\rsuch\nthing"))
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "no \\rsuch\nthing" in err
    say(out(), "\x1b[2Jall gone")
    assert capsys.readouterr().out == "\\x1b[2Jall gone\n"


@pytest.mark.parametrize(("value", "styled"), [("", True), ("1", False)])
def test_no_color_is_no_bold_either(monkeypatch: pytest.MonkeyPatch, value: str, styled: bool) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    console = out()
    console.file = io.StringIO()
    say(console, "loud", "bold red")
    assert ("\x1b" in console.file.getvalue()) is styled
