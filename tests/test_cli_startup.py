"""Starting up: help at once, without loading what only the commands need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chimneysweep.cli import main as main_module
from chimneysweep.cli.main import COMMANDS, main

HEAVY = ("z3", "rich", "hypothesis", "jsonschema", "chimneysweep.engines", "chimneysweep.model")

PROBE = """
import sys
from chimneysweep.cli.main import main
code = main({argv!r})
print(code, *(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["check", "--help"], ["list", "--help"], ["chekc"]]
)
def test_help_loads_nothing_heavy(argv: list[str]) -> None:
    probe = PROBE.format(argv=argv, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    last = done.stderr.strip().splitlines()[-1]
    assert last == ("2" if argv == ["chekc"] else "0")


def test_the_probe_would_see_a_heavy_module() -> None:
    probe = "import rich\n" + PROBE.format(argv=["--help"], heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "0 rich"


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
    group = main_module.cli
    assert isinstance(group, main_module.Lazy)
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.name == name


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "Usage: chimneysweep" in captured.out + captured.err
