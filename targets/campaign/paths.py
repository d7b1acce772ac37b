"""Runs as the numbers of the ways that they went, two bytes each: there are as many as states."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ..running.branching import Choice, Moves
from ..running.sweep import NUMBER, every_way


class Paths:
    """Has numbers for the ways of these choices, in their order, and for others as they come."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        self.ways = list(every_way(tuple(choices)))
        self.numbers = {moves: number for number, moves in reversed(list(enumerate(self.ways)))}

    def on(self, path: bytes, moves: Moves) -> bytes:
        """The path, and these moves after it."""
        if moves not in self.numbers:
            self.numbers[moves] = len(self.ways)
            self.ways.append(moves)
        return path + self.numbers[moves].to_bytes(NUMBER, sys.byteorder)

    def moves(self, path: bytes) -> Moves:
        """The moves of a run."""
        at = range(0, len(path), NUMBER)
        numbers = (int.from_bytes(path[k : k + NUMBER], sys.byteorder) for k in at)
        return tuple(move for number in numbers for move in self.ways[number])
