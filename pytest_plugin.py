"""The pytest plugin: ``def test_handoff(conform): conform("driver/")`` fails with the trace.

Loaded by pytest through its entry point, so nothing heavy is imported before a test asks
for the fixture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from .results import ConformResult


class Conform(Protocol):
    """What the fixture gives: :func:`chimneysweep.conform`, which fails the test if a rule breaks."""

    def __call__(
        self,
        target: str | Path,
        *,
        runs: int = 300,
        seed: int | None = None,
        timeout: float = 2.0,
        sanitize: bool = True,
        cflags: Sequence[str] = (),
        protocol: bool = False,
        subject: str = "chimney",
        clauses: Sequence[str] = (),
        sources: Sequence[str] = (),
        explore: Mapping[str, Any] | None = None,
        processors: int = 1,
        workers: int = 0,
        cluster: str = "",
        journal: str | Path | None = None,
        keep: bool = False,
        all: bool = False,
    ) -> ConformResult:
        """Drive *target*, which is looked for where pytest runs, in its root, and beside the test.

        The rest is as for ``chimneysweep conform`` on the command line; *timeout* is in
        seconds for one call into the target. Returns the result of a clean run.
        """


@pytest.fixture
def conform(request: pytest.FixtureRequest, tmp_path: Path) -> Conform:
    """Drive a target through its scenarios, as ``chimneysweep conform`` does."""

    def drive(target: str | Path, **options: Any) -> ConformResult:
        from .results import conform as conformed

        try:
            result = conformed(_place(str(target), request), **options)
        except ValueError as problem:
            pytest.fail(f"chimneysweep: {problem}", pytrace=False)
        if not result.ok:
            pytest.fail("\n".join([repr(result), *_kept(result, tmp_path / "finding.json")]), pytrace=False)
        return result

    return drive


def _place(target: str, request: pytest.FixtureRequest) -> str:
    """A path is looked for where pytest runs, in its root, and beside the test."""
    file, colon, name = target.partition(":")
    for folder in (Path(), request.config.rootpath, request.path.parent):
        if (folder / file).exists():
            return f"{folder / file}{colon}{name}"
    return target


def _kept(result: ConformResult, file: Path) -> list[str]:
    """Keep the shortest finding; the commands that tell it and play it again."""
    from .counterexamples.storage import save

    if not result.traces:
        return []
    save(result.traces[0], file)
    return ["", *(f"    chimneysweep {verb} {quote(str(file))}" for verb in ("show", "replay"))]
