"""Starting up: help at once, without loading what only the commands need. Modules are counted, not time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from chimneysweep import __version__
from chimneysweep.cli.group import Lazy, cli
from chimneysweep.cli.main import COMMANDS, main

HEAVY = ("z3", "rich", "hypothesis", "jsonschema", "chimneysweep.engines", "chimneysweep.model")
LIGHT = {"chimneysweep", "chimneysweep.version", "chimneysweep.cli", "chimneysweep.cli.main"}
"""All that is imported for the help and the version."""

PROBE = """
import json, sys
before = set(sys.modules)
{first}
from chimneysweep.cli.main import main
code = main({argv!r})
print(json.dumps([code, sorted(set(sys.modules) - before)]), file=sys.stderr)
"""


def imported(argv: list[str], first: str = "") -> tuple[int, set[str]]:
    """The exit code, and what a fresh interpreter imports beyond what it begins with."""
    probe = PROBE.format(argv=argv, first=first)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    code, names = json.loads(done.stderr.strip().splitlines()[-1])
    return code, set(names)


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["--version"]])
def test_help_and_version_import_nothing_that_they_do_not_need(argv: list[str]) -> None:
    assert imported(argv) == (0, LIGHT)


def test_an_import_more_would_be_noticed() -> None:
    assert imported(["--help"], "import click")[1] > LIGHT


@pytest.mark.parametrize("argv", [[name, "--help"] for name in COMMANDS] + [["chekc"]])
def test_the_help_of_a_command_loads_nothing_heavy(argv: list[str]) -> None:
    code, names = imported(argv)
    assert code == (2 if argv == ["chekc"] else 0)
    assert not names.intersection(HEAVY)


def test_every_command_is_there_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, (_, says) in COMMANDS.items():
        assert name in shown
        assert says in shown
        assert main([name, "--help"]) == 0
        assert f"chimneysweep {name}" in capsys.readouterr().out


def test_the_short_help_is_that_of_the_command() -> None:
    """The group's help is kept apart from the commands, so it could come to say something else."""
    assert isinstance(cli, Lazy)
    for name in COMMANDS:
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.name == name


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "Usage: chimneysweep" in captured.out + captured.err


def test_the_package_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chimneysweep", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"chimneysweep {__version__}\n"
    wrong = subprocess.run([sys.executable, "-m", "chimneysweep", "chekc"], capture_output=True, check=False)
    assert wrong.returncode == 2
