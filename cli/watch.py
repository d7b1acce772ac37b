"""``conform --watch``: run again whenever a source file changes, what failed last first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..counterexamples.harmless import harmless
from .errors import INTERRUPTED, BadInput
from .written import needs_library

if TYPE_CHECKING:
    from ..counterexamples.trace import Trace

SUFFIXES = frozenset({".c", ".h", ".inc", ".py", ".so", ""})
"""What a target may be made of; a program that speaks the line protocol may have no suffix."""
Ran = tuple[int, Sequence["Trace"]]
"""The exit code of a run, and its findings."""
Stamps = Set[tuple[Path, int]]
"""The sources, each with when it was written."""
Once = Callable[[Sequence["Trace"]], Ran]
"""One run: it is given what failed last."""


def watch(files: Iterable[str], once: Once) -> int:
    """Run *once*, and again when one of *files* (or a file in such a folder) changes, until Ctrl-C.

    The exit code is that of the last run. A file that cannot be used is an error at first (BadInput), and
    later it is only said, since the next change may mend it.
    """
    from ..properties.loading import split

    needs_library("watchfiles", "--watch", "watch")  # better known now than after the first run
    named = (Path(split(file)[0]).resolve() for file in files)
    watched = [place for path in named if path.exists() for place in _places(path)]
    seen = _stamps(watched)
    code, failed = once(())
    while code != INTERRUPTED:
        names = ", ".join(dict.fromkeys(path.name for path in watched))
        try:
            _say(f"Waiting for a change in {names}; Ctrl-C ends it.")
            _change(watched, seen)
        except KeyboardInterrupt:
            break
        now = _stamps(watched)
        _say(f"Changed: {', '.join(sorted({path.name for path, _ in now ^ seen}))}.")
        seen = now
        try:
            code, found = once(failed)
            failed = found or failed
        except BadInput as problem:
            code = problem.exit_code
            _say(f"Error: {problem.message}")
    return code


def _places(path: Path) -> tuple[Path, ...]:
    """What is watched for a file or folder that is named: for a project file, what it lists, too."""
    from ..targets.chimney.native.project_file import PROJECTS, read_project
    from ..targets.machine.refusal import BadTarget

    try:
        return (path, *read_project(path).folders) if path.suffix in PROJECTS else (path,)
    except BadTarget:  # the run says so
        return (path,)


def _say(text: str) -> None:
    sys.stdout.flush()  # in a pipe, too, the result stands before what is said of it
    click.echo(harmless(text), err=True)


def _is_source(path: Path, watched: Sequence[Path]) -> bool:
    if path in watched:
        return True
    folder = next((above for above in path.parents if above in watched), None)
    if folder is None or path.suffix not in SUFFIXES:
        return False
    return not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)


def _stamps(watched: Sequence[Path]) -> Stamps:
    """Every source, with when it was written."""
    inside = (path for place in watched for path in (place.rglob("*") if place.is_dir() else (place,)))
    found = [path for path in inside if path.is_file() and _is_source(path, watched)]
    return {(path, path.stat().st_mtime_ns) for path in found}


def _change(watched: Sequence[Path], seen: Stamps) -> None:
    """Wait until the sources are not as they were *seen*.

    A file that an editor replaces is seen in its folder; what changed before anybody watched, in a second.
    """
    from watchfiles import watch

    places = {path if path.is_dir() else path.parent for path in watched}
    any(_stamps(watched) != seen for _ in watch(*places, yield_on_timeout=True, rust_timeout=1000))
