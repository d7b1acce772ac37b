"""The amounts in moves: how random scenarios draw them, and what a scenario is better off with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from random import Random

from ...model.chimney.shapes import Offload
from ...model.kernel import Parameter
from ...model.tcp.numbers import MAX_WINDOW

BOUNDARIES = (2**14, 2**16, 2**20)
"""Lengths, bytes, that a program's own limits are near to: a buffer of its own, 16 bits, a queue's limit."""
COUNTS = (32, 64)
"""The same for entries in a table."""
FULL = MAX_WINDOW
"""The largest window that scaling gives: one of 16 bits, or of 24, cannot hold it."""
WINDOWS = (10_000, 10_000, 10_000, 70_000, 2**21, FULL, 5000, 500, 1, 0)
CAPACITIES = (10_000, 10_000, 10_000, 2**21, FULL, 3000, 100, 0)
"""How much a connection has room for: its receive window, when nothing has come yet."""


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


def _length(rng: Random) -> int:
    """Most are short; one in thirty is about as long as one of the boundaries."""
    if rng.random() < 1 / 30:
        return rng.choice(BOUNDARIES) + rng.randint(-1, 1)
    return rng.choice((1, 2, 9, 100, 1000, rng.randint(1, 3000)))


NOTHING = Amount(lambda rng: 0)
LENGTH = Amount(_length, usual=2)
SIZE = Amount(lambda rng: rng.choice((0, 1, 40, 100, rng.randint(0, 3000))), usual=1)
WINDOW = Amount(lambda rng: rng.choice(WINDOWS), usual=100, simplest=Offload().window)
APPETITE = Amount(lambda rng: rng.choice((-1, 0, 1, 50)))
MORE = Amount(lambda rng: 0, usual=1)
"""Other requests in the same call: they are drawn where a scenario has everything else."""
POINT = up_to(12)
