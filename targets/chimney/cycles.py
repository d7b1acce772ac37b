"""One cycle after the other: what the host offloads to a target that has handed connections back before.

Each cycle has a world of its own, which begins with what the host offloads in it. Connections that the host
did not terminate stay with the target, and are in the next world as they were in the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ...model.chimney.shapes import SHAPES, Offload, offloaded
from ...model.chimney.state import World
from ...model.logic import SEQUENCE_SPACE
from ...model.records import update
from .move_kinds import Move
from .tree_shapes import Plan, plan

NEW_NUMBERS = 700_001
"""How far apart the sequence numbers are that a connection has in one cycle and in the next."""
REUSED = 1
"""The ``m`` of a move with which new connections have the handles of those before, and numbers that wrap."""
NEAR_THE_END = Offload(SEQUENCE_SPACE - 30, SEQUENCE_SPACE - 20)


@dataclasses.dataclass(frozen=True)
class Cycle:
    """What is offloaded, and terminated, the *number*-th time.

    Of the connections those *absent* are the host's, because it kept them or the target refused them, and
    those *staying* were offloaded in an earlier cycle. *reuses*: new ones have the handles of those before.
    """

    shape: str
    offloads: tuple[Offload, ...]
    number: int = 1
    absent: frozenset[int] = frozenset()
    staying: frozenset[int] = frozenset()
    reuses: bool = False

    @property
    def plan(self) -> Plan:
        """The trees."""
        return plan(self.shape, len(self.offloads), self.absent, self.staying)

    def without(self, refused: frozenset[int]) -> Cycle:
        """The same where the target *refused* connections."""
        return dataclasses.replace(self, absent=self.absent | refused)

    def world(self, blank: World, before: World | None = None) -> World:
        """The world in which it begins, with the places of *blank*; *before*: how the last one ended.

        Connections that are absent are in it as some that stay, and on which nothing happens.
        """
        first = offloaded(blank, self.plan.tree, self.offloads)
        if before is None:
            return first
        conns = list(first.conns)
        for c in self.staying:
            conns[c] = update(before.conns[c], block=first.conns[c].block)
        return update(first, conns=tuple(conns), calls=before.calls)

    def after(self, move: Move, world: World) -> Cycle:
        """The next one, when *world* is how this one ended and the host makes this :func:`.moves.again`."""
        conns = range(len(self.offloads))
        staying = frozenset(c for c in conns if c not in self.absent and world.live(world.conns[c]))
        absent = frozenset(c for c in conns if c < move.conn) - staying
        number = self.number + 1
        return Cycle(
            shape_after(self.shape, move),
            tuple(_numbers(given, c, number, move.m) for c, given in enumerate(self.offloads)),
            number,
            absent,
            staying,
            move.m == REUSED,
        )


def shape_after(shape: str, move: Move) -> str:
    """The name of the tree that is terminated after such a move: the same one, or one of the others."""
    names = tuple(SHAPES)
    return names[(move.n - 1) % len(names)] if move.n > 0 else shape


def shapes(shape: str, moves: Iterator[Move]) -> Iterator[str]:
    """The names of the trees of all cycles, when *moves* are those that begin one."""
    yield shape
    for move in moves:
        shape = shape_after(shape, move)
        yield shape


def _numbers(given: Offload, c: int, number: int, m: int) -> Offload:
    """Where a new connection in the place of number *c* stands: nowhere near the one before."""
    if m == REUSED:
        return dataclasses.replace(given, isn=NEAR_THE_END.isn - c, irn=NEAR_THE_END.irn - c)
    far = NEW_NUMBERS * number
    return dataclasses.replace(
        given, isn=(given.isn + far) % SEQUENCE_SPACE, irn=(given.irn + 2 * far) % SEQUENCE_SPACE
    )
