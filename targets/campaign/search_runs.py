"""Who makes the runs of a search: this process, or several; and a journal that has some of them already."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from ..chimney.scenario import Scenario
from ..running.outcome import Outcome, Runner
from ..running.players import Players
from .journal import Journal


class Runs:
    """Makes the runs of a search one generation after the other, in their order."""

    def __init__(
        self, runner: Runner, players: Players | None = None, journal: Journal | None = None
    ) -> None:
        self.runner = runner
        self.players = players
        self.journal = journal
        self.made = 0

    def play(self, generation: Sequence[Scenario], timeout: float | None) -> Iterator[Outcome]:
        """What comes of each; several are played at once if there are players, none that the journal has."""
        first = self.made + 1
        self.made += len(generation)
        known = self.journal.runs(first, generation) if self.journal else [None] * len(generation)
        left = [scenario for scenario, outcome in zip(generation, known, strict=True) if outcome is None]
        fresh = self._fresh(left, timeout)
        for number, (scenario, kept) in enumerate(zip(generation, known, strict=True), first):
            outcome = kept or next(fresh)
            if self.journal and not kept:
                self.journal.note(number, scenario, outcome)
            yield outcome

    def _fresh(self, scenarios: Sequence[Scenario], timeout: float | None) -> Iterator[Outcome]:
        if self.players:
            return self.players.play(scenarios, timeout)
        return (self.runner.play(scenario, timeout=timeout) for scenario in scenarios)

    def close(self) -> None:
        """Let go of the processes and the file."""
        with contextlib.ExitStack() as ends:
            if self.players:
                ends.push(self.players)
            if self.journal:
                ends.callback(self.journal.close)


def workers(wanted: int, runs: int, many: int) -> int:
    """How many processes play a search of so many *runs*: as *wanted* (0: one a core from *many* runs on)."""
    return wanted or (os.cpu_count() or 1 if runs >= many else 1)
