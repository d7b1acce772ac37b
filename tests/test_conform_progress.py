"""What a target never does, though it had all the time there is, is found by a rule of progress."""

from __future__ import annotations

from typing import Any

from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.running.direct import InProcess

CALLS = DIRECTED["calls answered in the end"]
ASKED = DIRECTED["refused data is asked for by an empty request"]


class AnswersAtTheHandOff(Reference):
    """Takes the calls on state objects, and completes them when a termination makes it."""

    def run(self) -> None:
        """The rest, and the calls if a termination is under way."""
        waiting = [] if self.terminating else self.state_calls
        self.state_calls = self.state_calls[len(waiting) :]
        super().run()
        self.state_calls += waiting


def test_a_call_that_waits_for_a_termination_is_found_before_one_comes() -> None:
    """The guarantee that all comes back is asked from a termination on, so it is not the one to say so."""
    broken = InProcess(AnswersAtTheHandOff).play(CALLS).breaches
    assert "progress.completed" in broken
    assert "guarantee.returned-once" not in broken
    assert not InProcess(Reference).play(CALLS).breaches


class EmptyAsksForNothing(Reference):
    """Completes an empty request, and indicates what was refused no more on account of it."""

    tried = False

    def _indicate(self, conn: Any) -> None:
        """Once only."""
        if not self.tried:
            super()._indicate(conn)
        self.tried = conn.refused = True


def test_what_was_refused_is_indicated_again_when_an_empty_request_asks_for_it() -> None:
    assert "progress.delivered" in InProcess(EmptyAsksForNothing).play(ASKED).breaches
    assert not InProcess(Reference).play(ASKED).breaches
