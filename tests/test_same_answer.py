"""The same command gives the same JSON twice, times aside: on an idle machine and beside busy loops."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

LOOP = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""It ends with whoever started it, should that be ended from outside."""


@contextmanager
def busy(loops: int) -> Iterator[None]:
    command = [sys.executable, "-c", LOOP]
    running = [subprocess.Popen(command) for _ in range(loops)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def without_times(data: Any) -> Any:
    """The same data without the seconds that something took."""
    if isinstance(data, dict):
        return {key: without_times(value) for key, value in data.items() if key != "seconds"}
    return [without_times(item) for item in data] if isinstance(data, list) else data


def answered(arguments: list[str], file: Path) -> str:
    code = main([*arguments, "-q", "--json", str(file)])
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["exit"] == code
    return json.dumps(without_times(data))


def test_a_time_is_no_difference_and_anything_else_is() -> None:
    one, two = (
        {"seconds": 1, "runs": [{"seconds": 2, "n": 3}]},
        {"seconds": 4, "runs": [{"seconds": 5, "n": 3}]},
    )
    assert without_times(one) == without_times(two)
    two["runs"][0]["n"] = 6  # type: ignore[index]
    assert without_times(one) != without_times(two)


@pytest.mark.timeout(2400)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["check", "-p", "snd.una"], marks=pytest.mark.slow, id="check proves"),
        pytest.param(["check", "-d", "tail-forgotten", "-p", "chain.coverage"], id="check refutes"),
        pytest.param(["check", str(EXAMPLES / "ticket_shop.py")], id="check a user's"),
        pytest.param(
            ["conform", "reference", "--runs", "40"],
            marks=pytest.mark.slow,
            id="conform passes, with no seed named",
        ),
        pytest.param(
            ["conform", "seeded/tail-forgotten", "--runs", "40", "--seed", "7"],
            marks=pytest.mark.slow,
            id="conform finds",
        ),
        pytest.param(
            ["conform", "miniports/tail-forgotten", "--runs", "40", "--seed", "7"], id="conform finds in C"
        ),
        pytest.param(["audit", "--finding", "sufficiency.complete-once"], id="audit a finding"),
        pytest.param(["audit", str(EXAMPLES / "ticket_shop.py")], id="audit a user's"),
        pytest.param(["check"], marks=pytest.mark.slow, id="check everything"),
        pytest.param(["audit"], marks=pytest.mark.slow, id="audit everything"),
    ],
)
def test_the_same_command_says_the_same_on_a_busy_machine(arguments: list[str], tmp_path: Path) -> None:
    first = answered(arguments, tmp_path / "first.json")
    with busy(2):
        second = answered(arguments, tmp_path / "second.json")
    assert first == second
