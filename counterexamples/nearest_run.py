"""A run that breaks a rule beside the nearest one that keeps it: what differs, and how that one stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .difference import difference
from .difference_lines import lines as difference_lines
from .drawing import StoryLine
from .story import drawn, wrap
from .trace import Trace

TITLE = "The nearest run that keeps the rules, beside this one: this -> that"
MOST_AT_THE_END = 6
"""Values in which the two runs end otherwise."""
INDENT = 2


@dataclasses.dataclass(frozen=True)
class NearestRun:
    """Two runs of the most general target: one that breaks a rule; one changed in one place, which keeps it.

    Their steps are those of the trace that is explained; ``passing`` breaks nothing.
    """

    failing: Trace
    passing: Trace

    def lines(self, width: int = 80) -> Iterator[StoryLine]:
        """Both side by side, as lines of at most *width* columns."""
        for line in (StoryLine(TITLE, "title"), *self._steps(), *self._stands(width - INDENT - 2)):
            yield from wrap(line, width)

    def _steps(self) -> Iterator[StoryLine]:
        found = difference(self.failing, self.passing)
        rest = len(found.end) - MOST_AT_THE_END
        shortened = dataclasses.replace(found, head=(), start=(), end=found.end[:MOST_AT_THE_END], broken=())
        yield from (
            StoryLine(text) for text, _ in list(difference_lines(shortened))[2:]
        )  # without the title of the steps
        if rest > 0:
            yield StoryLine(f"  ... and {rest} values more")

    def _stands(self, width: int) -> Iterator[StoryLine]:
        """The drawing that shows what broke, of the run in which it does not."""
        same = dataclasses.replace(self.passing, violation=self.failing.violation)
        moment = list(drawn(same, width)[0].moment())
        if moment:
            yield from (
                StoryLine(),
                StoryLine("Its end"),
                *(StoryLine(f"  {line.text}", line.style) for line in moment),
            )
