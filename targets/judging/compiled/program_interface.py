"""What Python and the compiled program know of each other."""

from __future__ import annotations

import json
from typing import NamedTuple

BEYOND = 2**40
"""Parameters as large as this are not computed with; see :mod:`.fast_monitor`."""

PLACES = ("a", "b", "c", "d", "e")
"""The parameters of an event, in C."""

DECLARED = """void happens(Run *run, int event, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e);
_Bool possible(Run *run, int event, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e);
"""
"""What Python calls."""


class ProgramEvent(NamedTuple):
    """An action in the program: its number where *choice* is 0, and the *parameters* passed besides."""

    number: int
    choice: str
    parameters: tuple[str, ...]


def described(text: str) -> tuple[str, dict[str, ProgramEvent]]:
    """The declarations and the entries of a program, from its string ``described``."""
    declarations, entries = json.loads(text)
    return declarations, {name: ProgramEvent(*entry) for name, entry in entries.items()}
