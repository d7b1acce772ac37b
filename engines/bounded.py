"""The engine ``bmc``: a shortest run that breaks a property, or none up to a depth, which proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .engine import Budget, Decided, Problem
from .verdict import Unknown, Violated


class Bounded:
    """Bounded model checking by itself: see :mod:`.bmc`."""

    name = "bmc"

    def decide(self, problem: Problem, names: Sequence[str], budget: Budget) -> Iterator[Decided]:
        """Violated, or undecided with the depth up to which nothing was found."""
        for name, answer in problem.batched("refute", names, budget):
            if answer.ok is False and answer.trace is not None:
                yield Decided(name, Violated(answer.trace, answer.depth), answer.seconds)
            else:
                yield Decided(name, Unknown(answer.reason, answer.depth), answer.seconds)
