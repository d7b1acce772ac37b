"""What Python and the compiled program know of each other."""

from __future__ import annotations

import json
from typing import NamedTuple

BEYOND = 2**40
"""Parameters as large as this are not computed with; see :mod:`.fast_monitor`."""

PLACES = tuple(f"p{k}" for k in range(11))
"""The parameters of an event, in C."""
PASSED = ", ".join(f"int64_t {place}" for place in PLACES)
"""Their declarations."""

DECLARED = f"""void happens(Run *run, int event, {PASSED});
_Bool possible(Run *run, int event, {PASSED});
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
