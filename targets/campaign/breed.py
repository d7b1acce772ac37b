"""Scenarios bred from others: one is changed in a few places, or two are joined.

How likely each kind of move is differs from one scenario to the next (swarm testing): what is left out
cannot keep the rest from coming together. Amounts are drawn from what lay between two positions in the run
of the parent, at the move that is changed: exactly there, one more, or one less.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from ...model.chimney.shapes import SHAPES
from ...model.tcp.numbers import MAX_WINDOW
from ..chimney import moves
from ..chimney.amounts import NOTHING, WINDOW
from ..chimney.move_kinds import Move, MoveKind
from ..chimney.notes import StreamMark
from ..chimney.scenario import MOST_CONNECTIONS, Scenario
from ..chimney.terminations import terminate_apart
from .generate import CYCLES, NEEDED, Life, Moves, offload
from .rarely import REFUSED, SOON, rarely, short_of

Marks = Sequence[Sequence[StreamMark]]
Change = Callable[[int, Move], Mapping[str, Any]]
"""From the number of a move, and the move, to what of it becomes something else."""
MOST_MOVES = 40
"""Moves of a scenario that is bred."""
MOST_BYTES = 2**22
"""An amount that is bred, unless it is a window: there are buffers that are so long."""
CHANGES = (1, 1, 1, 2, 2, 3, 5)
"""How many places are changed at once."""
HOLDING = (moves.meanwhile.name, terminate_apart.name)
"""Kinds of moves of which what they hold is changed, too; of another one not all may be held."""
HELD, MOST_HELD = 0.2, 6
"""The part of the changes that are made there, where there is such a move; what it holds at most."""


def swarm(rng: Random, kinds: Mapping[str, MoveKind]) -> Mapping[str, MoveKind]:
    """Some of the kinds of moves, each as likely as not; among them one of each use."""
    some = {name for name, kind in kinds.items() if not kind.begins and rng.random() < 0.5}
    some.update(needed.name for needed in NEEDED)
    return {name: kind for name, kind in kinds.items() if name in some}


def _on(found: Moves, conns: int) -> Moves:
    """The moves on the first *conns* connections."""
    return tuple(_inside(move, conns) if move.then else move for move in found if move.conn < conns)


def _inside(move: Move, conns: int) -> Move:
    return dataclasses.replace(move, then=_on(move.then, conns))


class Breeder:
    """Changes scenarios, with the draws of *rng*."""

    def __init__(self, rng: Random, kinds: Mapping[str, MoveKind]) -> None:
        self.rng = rng
        self.kinds = kinds
        self.life = Life(rng, swarm(rng, kinds))
        self.ways = (
            *(self._more, self._more, self._more, self._amount, self._amount, self._amount),
            *(self._less, self._again, self._elsewhere, self._meanwhile, self._other_connection, self._when),
        )

    def child(self, parent: Scenario, marks: Marks, other: Scenario) -> Scenario:
        """A scenario like *parent*, whose run had these *marks*; at times with the end of an *other* one."""
        rng, found = self.rng, parent.moves
        for _ in range(rng.choice(CHANGES)):
            where = self._held if rng.random() < HELD else self._changed_once
            found = where(found, marks, len(parent.offloads))
        if rng.random() < 0.1:
            found = found[: rng.randint(0, len(found))] + other.moves[rng.randint(0, len(other.moves)) :]
        if rng.random() < CYCLES:
            found = (
                found[: rng.randint(0, len(found))] + self.life.again(0) + found
            )  # once more after a hand-off
        shape, offloads = parent.shape, parent.offloads
        if rng.random() < 0.1:
            shape = rng.choice(tuple(SHAPES))
        if rng.random() < 0.1:
            offloads = tuple(offload(rng) for _ in range(rng.randint(1, MOST_CONNECTIONS)))
        found = rarely(rng, _on(found, len(offloads))[:MOST_MOVES], len(offloads))
        return Scenario(short_of(rng, found, len(offloads)), shape, offloads)

    def _changed_once(self, found: Moves, marks: Marks, conns: int) -> Moves:
        return self.rng.choice(self.ways)(found, marks, conns)

    def _held(self, found: Moves, marks: Marks, conns: int) -> Moves:
        """A change of what one of the moves holds, if there is one that holds any."""
        holding = [k for k, move in enumerate(found) if move.then and move.kind in HOLDING]
        if not holding:
            return self._changed_once(found, marks, conns)
        at = self.rng.choice(holding)
        then = self._changed_once(found[at].then, (), conns)[:MOST_HELD]
        return (*found[:at], dataclasses.replace(found[at], then=then), *found[at + 1 :])

    def _more(self, found: Moves, marks: Marks, conns: int) -> Moves:
        at, conn = self.rng.randint(0, len(found)), self.rng.randrange(conns)
        phrase = self.rng.choice(
            (self.life.anything, self.life.anything, self.life.flow, self.life.meanwhile)
        )
        return found[:at] + phrase(conn) + found[at:]

    def _less(self, found: Moves, marks: Marks, conns: int) -> Moves:
        at, count = self.rng.randint(0, len(found)), self.rng.randint(1, 3)
        return found[:at] + found[at + count :]

    def _again(self, found: Moves, marks: Marks, conns: int) -> Moves:
        start, to = self.rng.randint(0, len(found)), self.rng.randint(0, len(found))
        return found[:to] + found[start : start + self.rng.randint(1, 3)] + found[to:]

    def _elsewhere(self, found: Moves, marks: Marks, conns: int) -> Moves:
        """One move at another time."""
        if not found:
            return found
        start, to = self.rng.randrange(len(found)), self.rng.randrange(len(found))
        rest = found[:start] + found[start + 1 :]
        return (*rest[:to], found[start], *rest[to:])

    def _meanwhile(self, found: Moves, marks: Marks, conns: int) -> Moves:
        """What came before a move comes during the next indication; or what came then comes before it."""
        if not found:
            return found
        at = self.rng.randrange(len(found))
        move = found[at]
        inside = move.then if move.kind == moves.meanwhile.name else (moves.meanwhile(then=(move,)),)
        return found[:at] + inside + found[at + 1 :]

    def _when(self, found: Moves, marks: Marks, conns: int) -> Moves:
        """The hand-off at another time, at times with time for the target at once."""
        rest = tuple(move for move in found if move.kind != moves.terminate.name)
        at = self.rng.randint(0, len(rest))
        return rest[:at] + self.life.terminate(0) + rest[at:]

    def _other_connection(self, found: Moves, marks: Marks, conns: int) -> Moves:
        return self._changed(found, lambda k, move: {"conn": self.rng.randrange(conns)})

    def _amount(self, found: Moves, marks: Marks, conns: int) -> Moves:
        return self._changed(found, lambda k, move: self._amounts(move, marks[k] if k < len(marks) else ()))

    def _changed(self, found: Moves, how: Change) -> Moves:
        if not found:
            return found
        at = self.rng.randrange(len(found))
        return (*found[:at], dataclasses.replace(found[at], **how(at, found[at])), *found[at + 1 :])

    def _amounts(self, move: Move, marks: Sequence[StreamMark]) -> Mapping[str, Any]:
        """One amount of a move, drawn anew or from the distances that its connection had."""
        kind, rng = self.kinds.get(move.kind), self.rng
        if move.kind in REFUSED:  # next to what another one was refused, something else is asked for
            return {"n": max(0, move.n + rng.choice((-1, 1, rng.randint(-SOON, SOON))))}
        names = [name for name in ("n", "m") if kind and getattr(kind, name) is not NOTHING]
        if not names:
            return {}
        name = rng.choice(names)
        if (name == "m" and kind and kind.fills) or move.conn >= len(marks) or rng.random() < 0.3:
            return {name: getattr(kind, name).draw(rng)}
        numbers = rng.choice(marks[move.conn])
        far = abs(rng.choice(numbers) - rng.choice(numbers))
        most = MAX_WINDOW if getattr(kind, name) is WINDOW else MOST_BYTES
        return {name: min(max(0, far + rng.choice((0, 0, 0, 1, -1))), most)}
