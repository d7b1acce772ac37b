"""Why a run breaks what it breaks, as far as that was computed: what was not is not said."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ..model.kernel import System
from ..model.records import rebuild
from ..properties.property import Property
from .nearest_run import NearestRun
from .trace import Trace, flat, run, violation

TOO_LATE = (
    "until then other values in what the target does, one thing more or one less, keep the rules; "
    "from then on none of that does"
)


@dataclasses.dataclass(frozen=True)
class Needed:
    """What a violation needs: steps of a trace, or moves of the scenario that a target was played.

    Both by their numbers from 1. Without all that are ``needless`` it breaks the same; without any one more,
    of those ``needed``, it does not. ``moves`` are the names of the moves, empty where steps were tried;
    ``idle`` are the steps of the trace that needless ones make.
    """

    needed: tuple[int, ...]
    needless: tuple[int, ...]
    moves: tuple[str, ...] = ()
    idle: tuple[int, ...] = ()

    def named(self, numbers: Sequence[int]) -> str:
        """These of them, in words."""
        if self.moves:
            counts = Counter(self.moves[n - 1] for n in numbers)
            return ", ".join(
                name if count == 1 else f"{count} times {name}" for name, count in counts.items()
            )
        listed = ", ".join(map(str, numbers))
        return f"step {listed}" if len(numbers) == 1 else f"steps {listed}"


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What is known of a violation.

    ``instead`` is the number of a step, of so many ``steps``, and what a target that keeps the rules would
    have done there: the run so changed was made, and keeps them to its end; ``lost`` that of the step after
    which nothing of the kind saves the run; ``follows`` the rules that were broken before, without which
    this one is not; ``nearest`` the run and the one so changed.
    """

    needs: Needed | None = None
    instead: tuple[int, str] | None = None
    steps: int = 0
    lost: int | None = None
    follows: tuple[str, ...] = ()
    nearest: NearestRun | None = None

    def facts(self) -> Iterator[tuple[str, str]]:
        """A label and a sentence for each thing that is known."""
        if self.needs is not None:
            yield "needed", _needed(self.needs)
        if self.instead is not None:
            number, says = self.instead
            yield "instead", f"step {number}, a target that keeps the rules: {says}"
            yield (
                "passing",
                f"{_beside(number, self.steps)}: the nearest run that keeps them, one change away",
            )
        if self.lost is not None:
            yield "too late", f"after step {self.lost}: {TOO_LATE}"
        for name in self.follows:
            yield "follows", f"from {name}: a run that keeps that one keeps this one, too"


def _beside(changed: int, steps: int) -> str:
    """The run with one step changed, beside the one of so many *steps*."""
    parts = (_steps(1, changed - 1, "as here"), f"step {changed} so", _steps(changed + 1, steps, "as here"))
    return ", ".join(filter(None, parts))


def _steps(first: int, last: int, how: str) -> str:
    if first > last:
        return ""
    return f"step {first} {how}" if first == last else f"steps {first} to {last} {how}"


def _needed(found: Needed) -> str:
    if not found.needless and not found.moves:
        return "every step: without any one of them it does not break"
    reason = f"{found.named(found.needed)}: without any one of them it does not break" if found.needed else ""
    rest = f"without {found.named(found.needless)} it breaks all the same" if found.needless else ""
    return "; ".join(filter(None, (reason, rest)))


def fewest(count: int, breaks: Callable[[Sequence[int]], bool]) -> Needed:
    """Take out one of *count* things after the other, the last first, while what is left *breaks*."""
    left, before = list(range(1, count + 1)), 0
    while before != len(left):
        before = len(left)
        for number in reversed(left):
            fewer = [other for other in left if other != number]
            if breaks(fewer):
                left = fewer
    return Needed(tuple(left), tuple(n for n in range(1, count + 1) if n not in left))


def needed_on_model(trace: Trace, system: System, prop: Property) -> Needed | None:
    """The steps that are needed on *system*; None if the trace breaks nothing there."""
    choices = [(step.action, dict(step.parameters)) for step in trace.steps]
    blank = flat(system.template)
    first = rebuild(system.template, [trace.initial.get(name, value) for name, value in blank.items()])

    def breaks(kept: Sequence[int]) -> bool:
        try:
            _, last = run(system, first, [choices[n - 1] for n in kept])
        except (ValueError, KeyError):
            return False
        return violation(prop, last) is not None

    if not breaks(range(1, len(choices) + 1)):
        return None
    found = fewest(len(choices), breaks)
    return dataclasses.replace(found, idle=found.needless)
