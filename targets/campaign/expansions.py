"""States of an exploration that were expanded, kept in a journal: one that was killed goes on where it was.

It asks again for all that it asked for, in the same order, and is told what came of it then; so it is the
same exploration, whoever was killed meanwhile. What the journal does not have is made, and is in the file
before anybody goes on from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from ..running.branching import Expand, Expanded
from ..running.isolation.explorer import packed, unpacked
from ..running.outcome import Outcome, Runner
from ..running.sweep import Sweep, Swept, Ways
from ..running.sweep import packed as packed_sweep
from ..running.sweep import unpacked as unpacked_sweep
from .journal import Journal, outcome_data, outcome_from
from .search_runs import NotMade

Found = TypeVar("Found", Expanded, Swept)
BYTES, DIED = "bytes", "died"
DIGEST = 16
"""Bytes that stand for what was asked: all of it would be longer than what came of it."""


class Expansions:
    """Stands for a *runner* where states are expanded; asks it for none that the journal has.

    *ended*: what the journal does not have is not made. Raises NotMade then.
    """

    def __init__(self, runner: Runner, journal: Journal, ended: bool) -> None:
        self.runner, self.journal, self.ended = runner, journal, ended

    def expand(self, request: Expand) -> Expanded | Outcome:
        """All ways on from a state; see :class:`..running.outcome.Runner`."""
        return self._made(request, lambda: self.runner.expand(request), packed, unpacked)

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept | Outcome:
        """The same of many states at once."""
        asked = ways, sweep
        return self._made(asked, lambda: self.runner.sweep(*asked), packed_sweep, unpacked_sweep)

    def _made(
        self,
        request: object,
        makes: Callable[[], Found | Outcome],
        pack: Callable[[Found], list[object]],
        unpack: Callable[[Any], Found],
    ) -> Found | Outcome:
        """What the journal has, or what comes of it now."""
        asked = hashlib.blake2b(repr(request).encode(), digest_size=DIGEST).hexdigest()
        if text := self.journal.kept(asked):
            return self.journal.read(lambda: _read(text, unpack))
        if self.ended:
            raise NotMade
        found = makes()
        data = {DIED: outcome_data(found)} if isinstance(found, Outcome) else pack(found)
        self.journal.keep(asked, json.dumps(data, default=_as_text))
        return found


def _as_text(value: object) -> object:
    """Of what JSON has no word for, there are the keys of states."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} is no part of what comes of a state")
    return {BYTES: value.hex()}


def _read(text: str, unpack: Callable[[Any], Found]) -> Found | Outcome:
    data = json.loads(text, object_hook=_as_bytes)
    return outcome_from(data[DIED]) if isinstance(data, dict) else unpack(data)


def _as_bytes(data: dict[str, Any]) -> object:
    return bytes.fromhex(data[BYTES]) if data.keys() == {BYTES} else data
