"""Exit codes, and messages for bad input: what was wrong, where, and what would be right."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .main import BAD_INPUT as BAD_INPUT
from .main import BUG as BUG
from .main import INTERRUPTED as INTERRUPTED

if TYPE_CHECKING:
    from ..counterexamples.trace import Trace

ALL_HOLD, VIOLATED, _, UNDECIDED, CHANGED = range(5)


class BadInput(click.ClickException):
    """What the user gave cannot be used; the message says what would be right."""

    exit_code = BAD_INPUT

    def format_message(self) -> str:
        """The message as it is."""
        return self.message


class UnknownName(click.UsageError):
    """A name that does not exist, with those that come close."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], listing: str, ctx: click.Context | None = None
    ) -> None:
        close = nearest(name, known)
        shows = f"`{listing}` shows those there are"
        hint = f"did you mean {' or '.join(close)}?" if close else shows
        super().__init__(f"there is no {kind} {name!r}; {hint}", ctx)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that *name* may have meant."""
    names = list(known)
    lower = {n.lower(): n for n in names}
    found = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6)]
    if not found and len(name) > 2:
        found = [n for n in names if name.lower() in n.lower()][:3]
    return found


def above_0(what: str) -> Callable[[click.Context, click.Parameter, float], float]:
    """Click callback for a number of *what*; ``nan`` and ``inf`` are none."""

    def checked(_: click.Context, parameter: click.Parameter, value: float) -> float:
        if not 0 < value < math.inf:
            raise click.BadParameter(f"{value} is no {what} above 0, like 1.5 or 60", param=parameter)
        return value

    return checked


def read_trace(path: str) -> Trace:
    """The trace in a file; BadInput if it is none."""
    from ..counterexamples.storage import BadTrace, load

    try:
        return load(path)
    except BadTrace as problem:
        raise BadInput(str(problem)) from problem


def output_file(_: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """Click callback: a file to write, whose folder must exist (better known now than after an hour)."""
    if value is None:
        return None
    path = Path(value)
    if path.is_dir():
        raise click.BadParameter(f"{value} is a directory; give the name of a file", param=parameter)
    if not path.parent.is_dir():
        raise click.BadParameter(
            f"there is no directory {path.parent} to write {path.name} to", param=parameter
        )
    return path


def output_directory(_: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """Click callback: a directory to write to, made if it is not there."""
    if value is None:
        return None
    path = Path(value)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the directory {value}: {error.strerror}; give one that can be written to"
        raise click.BadParameter(message, param=parameter) from error
    return path


def write(path: Path, content: str | bytes) -> None:
    """Write a file the user asked for; BadInput if the system does not let us."""
    from ..counterexamples.storage import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}; give another file") from error
