"""Declarations of one function whose parameters are pointers to different types.

The kits' compiler warns of them and takes the last; here they are an error. So such a file is compiled
once more, preprocessed, with the parameters of the earlier declaration blanked out: lines stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CONFLICT = re.compile(
    r"error: conflicting types for '(?P<name>\w+)'(?:; have '(?P<have>[^']*)')?"
    r"(?:(?!error: ).*\n)*?"
    r"(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: note: previous declaration"
    r"(?: of '\w+' with type '(?P<was>[^']*)')?"
)
MARKER = re.compile(r'# (?P<line>\d+) "(?P<file>[^"]*)"')
Place = tuple[str, int, str]
"""A file, a line in it, and the name that is declared there."""


def conflicts(output: str) -> set[Place]:
    """The earlier declarations of what the compiler says has conflicting types, and as many parameters."""
    plain = output.replace("\u2018", "'").replace("\u2019", "'")
    found = [
        m for m in CONFLICT.finditer(plain) if (m["have"] or "").count(",") == (m["was"] or "").count(",")
    ]
    return {(m["file"], int(m["line"]), m["name"]) for m in found}


def without(preprocessed: str, places: set[Place]) -> str:
    """The preprocessed text, in which these declarations say nothing of parameters."""
    text = preprocessed
    for start, name in list(_starts(preprocessed, places)):
        if found := re.compile(rf"\b{name}\s*\(").search(text, start):
            first, end = found.end(), _closing(text, found.end())
            kept = re.sub(r"^(?!#).*$", "", text[first:end], flags=re.MULTILINE)
            text = text[:first] + kept.ljust(end - first) + text[end:]
    return text


def _starts(text: str, places: set[Place]) -> Iterator[tuple[int, str]]:
    """Where the line of each place begins in the preprocessed text."""
    file, line, at = "", 0, 0
    for row in text.splitlines(keepends=True):
        if marker := MARKER.match(row):
            file, line = marker["file"], int(marker["line"]) - 1
        else:
            yield from ((at, name) for f, n, name in places if (f, n) == (file, line))
        at += len(row)
        line += 1


def _closing(text: str, at: int) -> int:
    """Where the parenthesis closes that is open at a place."""
    depth = 1
    for mark in re.compile(r"[()]").finditer(text, at):
        depth += 1 if mark[0] == "(" else -1
        if not depth:
            return mark.start()
    return at
