"""Who makes the runs of a campaign: this process, or others; and a journal that has some of them already."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from ..chimney.scenario import Scenario
from ..running.outcome import Outcome, Runner
from .journal import Journal


class Crew(Protocol):
    """Processes that play, one scenario each at a time. ``lost`` counts those that died."""

    lost: int

    def play(
        self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool = False
    ) -> Iterator[Outcome]:
        """The outcomes, in that order; *scout*: as a runner's ``scout`` makes them. Raises BadTarget."""
        ...

    def close(self) -> None:
        """Let go of them."""
        ...


class NotMade(Exception):
    """The journal does not have the run, and no more are made."""


class Runs:
    """Makes the runs of a campaign; none that the journal has.

    ``made`` counts those of the plan that it did not have, ``calls`` those of entry points in all runs;
    ``began``: when the first was made, by the clock of ``time.monotonic``.
    *ended*: what the journal does not have is not made, unless it is asked for alone.
    """

    def __init__(self, runner: Runner, journal: Journal | None = None, ended: bool = False) -> None:
        self.runner = runner
        self.crew: Crew | None = None
        self.journal = journal
        self.ended = ended
        self.made = self.calls = 0
        self.began = 0.0

    def play(self, scenario: Scenario, traced: bool = False, timeout: float | None = None) -> Outcome:
        """One run, as a :class:`..running.outcome.Runner` makes it."""
        known = self.journal.outcome(scenario, timeout) if self.journal and not traced else None
        outcome = known or self.runner.play(scenario, traced, timeout)
        if not known and not traced:
            self._note(scenario, timeout, outcome)
        self.calls += outcome.calls
        return outcome

    def play_all(
        self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool = False
    ) -> Iterator[Outcome]:
        """What comes of each, in their order; a crew plays several at once. Raises NotMade.

        *scout*: as a runner's ``scout`` makes them.
        """
        journal = self.journal
        known = [journal.outcome(s, timeout) if journal else None for s in scenarios]
        left = [scenario for scenario, outcome in zip(scenarios, known, strict=True) if outcome is None]
        fresh = self._fresh(left, timeout, scout) if left else iter(())
        for scenario, kept in zip(scenarios, known, strict=True):
            if self.ended and not kept:
                raise NotMade
            outcome = kept or next(fresh)
            if not kept:
                self.made += 1
                self._note(scenario, timeout, outcome)
            self.calls += outcome.calls
            yield outcome

    @property
    def lost(self) -> int:
        """Processes that died, whose runs others made again."""
        return self.crew.lost if self.crew else 0

    def _note(self, scenario: Scenario, timeout: float | None, outcome: Outcome) -> None:
        if self.journal and not self.ended:
            self.journal.note(scenario, timeout, outcome)

    def _fresh(self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool) -> Iterator[Outcome]:
        self.began = self.began or time.monotonic()
        if self.crew:
            return self.crew.play(scenarios, timeout, scout)
        plays = self.runner.scout if scout else self.runner.play
        return (plays(scenario, timeout=timeout) for scenario in scenarios)

    def close(self) -> None:
        """Let go of the processes."""
        with contextlib.ExitStack() as ends:
            if self.crew:
                ends.callback(self.crew.close)


def workers(wanted: int, runs: int, many: int) -> int:
    """How many processes play a search of so many *runs*: as *wanted* (0: one a core from *many* runs on)."""
    return wanted or (os.cpu_count() or 1 if runs >= many else 1)
