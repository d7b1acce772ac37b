"""The pytest plugin: a user's own suite drives a target, and gets the trace as the failure message."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
EXAMPLES = Path(__file__).parent.parent / "examples"


def _suite(pytester: pytest.Pytester, target: str) -> pytest.RunResult:
    pytester.makepyfile(f"def test_handoff(conform):\n    conform({target!r}, runs=3)\n")
    for example in EXAMPLES.glob("my_target*.py"):
        shutil.copy(example, pytester.path)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")


def test_a_target_that_keeps_the_rules_passes(pytester: pytest.Pytester) -> None:
    _suite(pytester, "my_target_fixed.py").assert_outcomes(passed=1)


def test_a_target_that_breaks_one_fails_with_its_trace(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "my_target.py:MyTarget")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*COUNTEREXAMPLE: target*my_target.py:MyTarget breaks clause chain.advanced in 6 steps*",
            "*MiniportTerminateOffload*",
            "*chimneysweep replay *finding.json",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_what_cannot_be_loaded_is_said_in_a_sentence(pytester: pytest.Pytester) -> None:
    result = _suite(pytester, "nowhere.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no file nowhere.py*"])
