"""How the command line ends when something goes wrong: never in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest

from chimneysweep.cli import group
from chimneysweep.cli.errors import nearest
from chimneysweep.cli.main import main


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
