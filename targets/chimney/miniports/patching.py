"""Unified diffs, applied strictly: every line of a hunk must be there, and in one place only.

The line numbers of a hunk only choose between several places that fit, so that a patch
survives changes elsewhere in its file.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class BadPatch(ValueError):
    """A patch is no unified diff, or a hunk of it does not fit; the message names the hunk."""


@dataclasses.dataclass(frozen=True)
class Hunk:
    """One change: the lines that must be there, what they become, and where they were (line, from 1)."""

    name: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def parse(text: str, name: str) -> dict[str, list[Hunk]]:
    """The hunks of the unified diff *text*, by file. *name* stands for it in messages. Raises BadPatch."""
    changes: dict[str, list[Hunk]] = {}
    file: str | None = None
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        start = _HUNK.match(lines[at])
        if lines[at].startswith("--- a/") and lines[at + 1 : at + 2] == [f"+++ b/{lines[at][6:]}"]:
            file = lines[at][6:]
            at += 2
        elif start and file:
            end = next((n for n in range(at + 1, len(lines)) if lines[n][:1] not in (" ", "+", "-")), None)
            end = _file_header(lines, at + 1, end if end is not None else len(lines))
            changes.setdefault(file, []).append(_hunk(lines[at + 1 : end], name, file, int(start[1])))
            at = end
        else:
            raise BadPatch(f"{name}, line {at + 1}: {lines[at]!r} belongs to no hunk")
    if not changes:
        raise BadPatch(f"{name} changes nothing")
    return changes


def _file_header(lines: Sequence[str], start: int, end: int) -> int:
    """Where the next file's header begins among *lines*, else *end*: it looks like a removed line."""
    pairs = (n for n in range(start, end - 1) if lines[n][:6] == "--- a/" and lines[n + 1][:6] == "+++ b/")
    return next(pairs, end)


def _hunk(body: Sequence[str], name: str, file: str, line: int) -> Hunk:
    old = tuple(text[1:] for text in body if text[0] != "+")
    new = tuple(text[1:] for text in body if text[0] != "-")
    return Hunk(f"{name}: the hunk at line {line} of {file}", line, old, new)


def apply(text: str, hunks: Sequence[Hunk]) -> str:
    """*text* with every hunk applied. Raises BadPatch where one does not fit in exactly one place."""
    lines = text.splitlines()
    moved = 0  # how far the hunks before have moved what follows
    for hunk in hunks:
        at = _place(lines, hunk, hunk.line - 1 + moved)
        lines[at : at + len(hunk.old)] = hunk.new
        moved += len(hunk.new) - len(hunk.old)
    return "\n".join(lines) + "\n"


def _place(lines: Sequence[str], hunk: Hunk, expected: int) -> int:
    length = len(hunk.old)
    places = [n for n in range(len(lines) - length + 1) if tuple(lines[n : n + length]) == hunk.old]
    if len(places) == 1:
        return places[0]
    if expected in places:
        return expected
    problem = f"fits in {len(places)} places" if places else "does not fit: its lines are not there"
    raise BadPatch(f"{hunk.name} {problem}")
