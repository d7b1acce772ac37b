"""The pytest plugin: a user's own suite drives a target, and gets the trace as the failure message."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

import click
import pytest

import chimneysweep
from chimneysweep.cli.conform import command
from chimneysweep.cli.exploring import BOUNDS, SETS
from chimneysweep.cli.written import FILES
from chimneysweep.pytest_plugin import Conform

pytest_plugins = ["pytester"]
EXAMPLES = Path(__file__).parent.parent / "examples"
SMALLEST = Path(__file__).parent / "drivers" / "smallest.c"


def _suite(pytester: pytest.Pytester, call: str) -> pytest.RunResult:
    pytester.makepyfile(f"def test_handoff(conform):\n    conform({call})\n")
    for example in (*EXAMPLES.glob("my_target*"), SMALLEST):
        shutil.copy(example, pytester.path)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")


def test_a_target_that_keeps_the_rules_passes(pytester: pytest.Pytester) -> None:
    _suite(pytester, "'my_target_fixed.py', runs=3").assert_outcomes(passed=1)


def test_a_target_that_breaks_one_fails_with_its_trace(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "'my_target.py:MyTarget', runs=3")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*COUNTEREXAMPLE: target*my_target.py:MyTarget breaks clause chain.advanced in 6 steps*",
            "*wanted *its data starts at the first byte that is not acknowledged*",
            "*at *my_target.py:*, in run (step 6)*",
            "*the host terminates the offload*",
            "*VIOLATED: 3 findings*",
            "*chimneysweep replay *finding.json",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_what_cannot_be_loaded_is_said_in_a_sentence(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "'nowhere.py'")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no file nowhere.py*"])


def test_a_driver_is_built_as_the_test_says(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "'smallest.c', runs=0, sanitize=False")
    result.stdout.fnmatch_lines(["*with no sanitizer, in a child process*"])
    result = _suite(pytester, "'smallest.c', runs=0, cflags=['-include', 'nowhere.h']")
    result.stdout.fnmatch_lines(["*nowhere.h*"])


def test_findings_are_kept_beside_the_target(pytester: pytest.Pytester) -> None:
    _suite(pytester, "'my_target.py:MyTarget', runs=0, keep=True").assert_outcomes(failed=1)
    assert list((pytester.path / ".chimneysweep" / "corpus").glob("*.json"))


def test_a_program_is_driven_by_the_protocol(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "'my_target_fixed.py', runs=0, protocol=True")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*my_target_fixed.py may not be executed*"])


def test_fixture_function_and_command_take_the_same() -> None:
    """Files that the command writes are attributes of the result; --no-sanitize is ``sanitize=False``;
    --watch is for a terminal; the bounds of --explore are those that ``explore`` has.
    """
    outputs = {
        "github",
        "watching",
        "trace_file",
        "verbose",
        "quiet",
        *(f"{name}_file" for name in FILES),
    }
    given = {p.name for p in command.params} - outputs - {*BOUNDS, *SETS, "tree"}
    renamed = {"no_sanitize": "sanitize", "everything": "all", "from_sources": "sources"}
    fixture = set(inspect.signature(Conform.__call__).parameters) - {"self"}
    assert fixture == {renamed.get(name, name) for name in given}
    function = inspect.signature(chimneysweep.conform).parameters
    assert fixture == set(function) - {"quiet"}
    for name, parameter in inspect.signature(Conform.__call__).parameters.items():
        if name in function and name != "seed":
            assert parameter.default == function[name].default
    context = click.Context(command)
    defaults = {p.name: p.get_default(context) for p in command.params}
    for option, name in {"runs": "runs", "timeout": "timeout", "keep": "keep", "everything": "all"}.items():
        assert function[name].default == defaults[option]
