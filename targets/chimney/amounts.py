"""The amounts in moves: how random scenarios draw them, and what a scenario is better off with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from random import Random

from ...model.chimney.shapes import Offload
from ...model.kernel import Parameter

WINDOWS = (10_000, 10_000, 10_000, 5000, 500, 1, 0)


@dataclasses.dataclass(frozen=True)
class Amount:
    """A number in a move: ``draw`` makes a random one.

    ``usual`` is one that does something; ``simplest`` the one that a reader minds least.
    """

    draw: Callable[[Random], int]
    usual: int = 0
    simplest: int = 0

    def cost(self, number: int) -> int:
        """How much a number is to be avoided."""
        return number != self.simplest if self.simplest else abs(number)

    def simpler(self, number: int) -> tuple[int, ...]:
        """Numbers to try instead of one, the simplest first."""
        if self.simplest:
            return (self.simplest,)
        return tuple(less for less in dict.fromkeys((0, number // 2, number - 1)) if 0 <= less < abs(number))


def up_to(most: int) -> Amount:
    """From 0 to *most*."""
    return Amount(lambda rng: rng.randint(0, most))


def amount_of(parameter: Parameter) -> Amount:
    """The amount for a parameter of an event that says no more than its sort."""
    sort = parameter.sort
    return up_to(1) if sort.kind == "bool" else LENGTH if sort.high is None else up_to(sort.high)


NOTHING = Amount(lambda rng: 0)
LENGTH = Amount(lambda rng: rng.choice((1, 2, 9, 100, 1000, rng.randint(1, 3000))), usual=2)
SIZE = Amount(lambda rng: rng.choice((0, 1, 40, 100, rng.randint(0, 3000))), usual=1)
WINDOW = Amount(lambda rng: rng.choice(WINDOWS), usual=100, simplest=Offload().window)
APPETITE = Amount(lambda rng: rng.choice((-1, 0, 1, 50)))
