"""The engine ``spacer``: an invariant that nobody had to write, on small bounds.

What it finds is decided again before it is called a proof; where it says that a property can be broken, the
bounded search finds the run. It needs no lemmas and takes none, so it is a second opinion.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from .bounded import Bounded
from .engine import Budget, Decided, Problem
from .spacer import MOST
from .verdict import Proved, Unknown


class Reachability:
    """Property-directed reachability by itself: see :mod:`.spacer`."""

    name = "spacer"

    def decide(self, problem: Problem, names: Sequence[str], budget: Budget) -> Iterator[Decided]:
        """Proved by an invariant, violated by a run, or undecided because the work ran out."""
        broken: dict[str, float] = {}
        within = dataclasses.replace(budget, effort=min(budget.effort, MOST))
        for name, answer in problem.each("spacer", names, within):
            if answer.ok:
                yield Decided(name, Proved(answer.invariant, rechecked=True, found=True), answer.seconds)
            elif answer.ok is None:
                yield Decided(name, Unknown(answer.reason), answer.seconds)
            else:
                broken[name] = answer.seconds
        for found in Bounded().decide(problem, list(broken), budget):
            verdict = found.verdict
            if isinstance(verdict, Unknown):
                reason = f"Spacer says that it can be broken; {verdict.reason}"
                verdict = Unknown(reason, verdict.bound)
            yield Decided(found.property, verdict, broken[found.property] + found.seconds)
