"""Many states of a search, expanded at once: what is asked, and what comes of it."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from ...model.bounds import Bounds
from ..chimney.scenario import Scenario
from .branching import Choice, Expand, Moves

WORD, NUMBER, EDGE = 8, 2, 24
"""Bytes of a word that is told, of the number of a way in a path, and of what is told of an edge."""
ALL_EDGES = 32
"""Bits: above those with how many edges are told, how many there are."""
LEFT_TO_OTHERS = 2 ** (8 * WORD) - 1
LOW = 0 if sys.byteorder == "little" else WORD - NUMBER
"""Where in a word the number of a way is."""


class ToldState(NamedTuple):
    """Of a state its key, how many edges it has, and those to a key to which no other was told before."""

    key: bytes
    transitions: int
    edges: bytes

    def leads(self, seen: Container[bytes] = ()) -> Iterator[tuple[bytes, bytes]]:
        """Of each of these edges to a key that is not *seen* the number of its way, as a path has it, and the
        key."""
        edges = self.edges
        for at in range(0, len(edges), EDGE):
            if (key := edges[at + WORD : at + EDGE]) not in seen:
                yield edges[at + LOW : at + LOW + NUMBER], key


@dataclasses.dataclass(frozen=True)
class Ways:
    """The ways of a search: its choices, and what may come instead of them, by their numbers in ``moves``.

    Each way ``spends`` so much of what is bounded, of which a run may have the ``most``. Events that are
    ``unheard`` are left out where two in a row are counted.
    """

    choices: tuple[Choice, ...]
    spends: tuple[tuple[int, ...], ...]
    most: tuple[int, ...]
    unheard: frozenset[str]

    @functools.cached_property
    def moves(self) -> tuple[Moves, ...]:
        """The moves of every way: of the choices, then of the others."""
        return every_way(self.choices)

    def others(self) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
        """Of each choice whether it ends; its ``taken`` and ``meanwhile``, each the first and how many."""
        at = len(self.choices)
        for choice in self.choices:
            taken, meanwhile = len(choice.taken), len(choice.meanwhile)
            yield choice.ends, (at, taken), (at + taken, meanwhile)
            at += taken + meanwhile


def every_way(choices: tuple[Choice, ...]) -> tuple[Moves, ...]:
    """The moves of the choices, then of what may come instead of each."""
    first = tuple(choice.moves for choice in choices)
    return first + tuple(way for choice in choices for way in (*choice.taken, *choice.meanwhile))


@dataclasses.dataclass(frozen=True)
class Sweep:
    """To a worker: go on in all ways from so many states, at the speed of C; see :class:`.branching.Expand`.

    ``empty`` is the run in which nothing happened yet. ``paths`` has of each state the ``depth`` numbers of
    ways that lead to it, two bytes each. ``ends_only``: no run goes on from there, all end.
    """

    empty: Scenario
    bounds: Bounds
    timeout: float
    paths: bytes
    depth: int
    states: int
    ends_only: bool

    def request(self, ways: Ways) -> Expand:
        """What is asked of the first state of all."""
        return Expand(self.empty, self.bounds, ways.choices, False, False, self.timeout, quick=True)


@dataclasses.dataclass(frozen=True)
class Counts:
    """What was reached, happened, and happened in a row, each in how many of the ``runs`` that ended.

    ``calls`` of entry points, and those that the driver ``made``.
    """

    reached: dict[str, int]
    happened: dict[str, int]
    pairs: dict[tuple[str, str], int]
    runs: int
    calls: int
    made: int


@dataclasses.dataclass(frozen=True)
class Swept:
    """From a worker: what came of the first ``done`` states, in words of 8 bytes (quick/src/quick.h).

    ``spoiled``: in the last of them something broke in its process. ``slow``: this is not done at the speed
    of C.
    """

    done: int
    words: bytes
    counts: Counts
    spoiled: bool = False
    slow: bool = False

    def told(self) -> Iterator[ToldState | None]:
        """What came of each state; None: it is left to others. Raises ValueError for other words."""
        words, at = self.words, 0
        if len(words) % WORD:
            raise ValueError("these are no words")
        numbers = memoryview(words).cast("Q")
        for _ in range(self.done):
            if at >= len(words):
                raise ValueError("there are fewer states than are told")
            counted = numbers[at // WORD]
            if counted == LEFT_TO_OTHERS:
                at += WORD
                yield None
                continue
            key, start = words[at + WORD : at + EDGE], at + EDGE
            at = start + EDGE * (counted % 2**ALL_EDGES)
            if at > len(words):
                raise ValueError("there are more edges than are told")
            yield ToldState(key, counted >> ALL_EDGES, words[start:at])


NOTHING = Counts({}, {}, {}, 0, 0, 0)
SLOW = Swept(0, b"", NOTHING, slow=True)


def packed(swept: Swept) -> list[object]:
    """It as plain data."""
    counts = swept.counts
    pairs = [[*pair, runs] for pair, runs in counts.pairs.items()]
    numbers = [counts.runs, counts.calls, counts.made]
    return [
        swept.done,
        swept.words,
        counts.reached,
        counts.happened,
        pairs,
        numbers,
        swept.spoiled,
        swept.slow,
    ]


def unpacked(data: Any) -> Swept:
    """What :func:`packed` made. Raises ValueError, TypeError or LookupError for anything else."""
    done, words, reached, happened, pairs, numbers, *flags = data
    runs, calls, made = map(int, numbers)
    in_a_row = {(str(first), str(second)): int(n) for first, second, n in pairs}
    counts = Counts(_runs(reached), _runs(happened), in_a_row, runs, calls, made)
    return Swept(int(done), bytes(words), counts, *map(bool, flags))


def _runs(data: Any) -> dict[str, int]:
    return {str(name): int(runs) for name, runs in data.items()}
