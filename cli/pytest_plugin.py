"""The pytest plugin: ``def test_handoff(conform): conform("driver/")`` fails with the trace.

Loaded by pytest through its entry point, so nothing heavy is imported before a test asks
for the fixture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from ..targets.campaign.campaign import ConformReport

SEED = 1
"""A test repeats: other runs are had by naming another seed."""


class Conform(Protocol):
    """What the fixture gives: a function that drives a target and fails the test if a rule breaks."""

    def __call__(
        self, target: str | Path, *, runs: int = 300, seed: int = SEED, timeout: float = 5.0
    ) -> ConformReport:
        """Drive *target*; *timeout* is in seconds for one call into it. Returns the report of a clean run."""


@pytest.fixture
def conform(request: pytest.FixtureRequest, tmp_path: Path) -> Conform:
    """Drive a target through its scenarios, as ``chimneysweep conform`` does."""

    def drive(
        target: str | Path, *, runs: int = 300, seed: int = SEED, timeout: float = 5.0
    ) -> ConformReport:
        from ..targets.campaign import campaign as player
        from ..targets.machine.refusal import BadTarget

        options = player.Options(runs=runs, seed=seed, timeout=timeout)
        try:
            report = player.conform(_place(str(target), request), options, lambda text: None)
        except BadTarget as problem:
            pytest.fail(f"chimneysweep: {problem}", pytrace=False)
        if report.findings:
            pytest.fail(_message(report, tmp_path / "finding.json"), pytrace=False)
        if report.partial:
            pytest.fail(f"chimneysweep: not every run was made: {report.why_partial}", pytrace=False)
        return report

    return drive


def _place(target: str, request: pytest.FixtureRequest) -> str:
    """A path is looked for where pytest runs, in its root, and beside the test."""
    file, colon, name = target.partition(":")
    for folder in (Path(), request.config.rootpath, request.path.parent):
        if (folder / file).exists():
            return f"{folder / file}{colon}{name}"
    return target


def _message(report: ConformReport, file: Path) -> str:
    from ..counterexamples.render import text
    from ..counterexamples.storage import dumps
    from ..counterexamples.story import headline
    from .errors import write

    first, *others = sorted(report.findings, key=lambda trace: len(trace.steps))
    write(file, dumps(first))
    lines = [text(first, 100), *(f"VIOLATED  {headline(trace)}" for trace in others)]
    lines += [f"seed {report.seed}; the trace is kept:", f"    chimneysweep show {file}"]
    return "\n".join([*lines, f"    chimneysweep replay {file}"])
