"""From a run of the model to scenarios: what host, wire and hardware did in it, as moves.

The model's target may take its steps whenever it likes; a real one takes them when it is
called. So a translation is a guess, and there are several for one run: whoever asks for
a scenario plays them, and keeps one in which the goal is seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...model.chimney.calls import ReturnReceiveIndication
from ...model.chimney.shapes import SHAPES, Offload, model_blocks, shape
from ...model.chimney.state import World
from ...model.event import Event, Taken
from ...model.kernel import System, arguments
from ...model.tcp.numbers import NULL
from ...properties.chimney.chimney import CHIMNEY
from ..chimney.move_kinds import Move
from ..chimney.moves import MOVES, appetite, data, give_time, meanwhile
from ..chimney.observed import RETURNS
from ..chimney.scenario import Scenario
from ..chimney.tree_shapes import connections

Choice = tuple[str, Mapping[str, Any]]

BY_EVENT = {kind.event.name: kind for kind in reversed(MOVES.values()) if kind.event}
PROMPTED = {event.name: kind for kind in reversed(MOVES.values()) for event in kind.prompts}
"""The first kind of move that gives the target occasion for an event."""


def scenarios(system: System, first: World, choices: Sequence[Choice]) -> Iterator[Scenario]:
    """Scenarios that may do what a run of the model does, the likeliest first."""
    moves = tuple(_moves(_states(system, first, choices)))
    used = 1 + max((m.conn for m in _all(moves)), default=0)
    conns = max(used, *(c + 1 for c, conn in enumerate(first.conns) if conn.block != NULL), 1)
    offloads = tuple(Offload(c.isn, c.irn, c.peer.wnd, c.capacity) for c in first.conns[:conns])
    for name in _shapes(first, conns):
        yield Scenario(moves, name, offloads)


@dataclasses.dataclass(frozen=True)
class _Doing:
    """An action in a state of the model; whether the target is bound to it, and the events that it takes."""

    world: World
    name: str
    p: Any
    owed: bool
    taken: Sequence[Taken]

    def moves(self) -> list[Move]:
        """The move for it, if there is one; for a step of the target, what gives it occasion."""
        if self.name in BY_EVENT:
            return [BY_EVENT[self.name].telling(self.world, self.p)]
        if self.owed:
            return [give_time()]
        prompted = (t for t in self.taken if t.event.name in PROMPTED)
        return [PROMPTED[t.event.name].telling(self.world, arguments(t.values)) for t in prompted][:1]

    def begins(self) -> Event | None:
        """What ends the indication that begins here, if one does."""
        return next((RETURNS[t.event.name] for t in self.taken if t.event.name in RETURNS), None)

    def ends(self, begun: _Doing, back: Event) -> bool:
        """Whether the indication that began there ends here."""
        conns = (getattr(doing.p, "conn", NULL) for doing in (self, begun))
        return self.name == back.name and len(set(conns)) == 1


def _states(system: System, world: World, choices: Sequence[Choice]) -> list[_Doing]:
    doings = []
    for name, parameters in choices:
        p, action = arguments(parameters), system.action(name)
        takes = tuple(CHIMNEY.the_reference.takes(name, world, p))
        doings.append(_Doing(world, name, p, action.owed is not None, takes))
        world = action.effect(world, p)
    return doings


def _moves(doings: Sequence[_Doing]) -> list[Move]:
    """The moves of a stretch of a run; what happens during an indication is nested in it."""
    moves: list[Move] = []
    while doings:
        doing, *doings = doings
        back = doing.begins()
        if back is None:
            moves += doing.moves()
            continue
        until = next((k for k, later in enumerate(doings) if later.ends(doing, back)), len(doings))
        inside, doings = doings[:until], doings[until:]
        if back is ReturnReceiveIndication:
            moves = _offered(moves, doing.p.conn, inside, doings)
        else:
            moves += [*_meanwhile(inside), *doing.moves()]
    return moves


def _meanwhile(inside: Sequence[_Doing]) -> list[Move]:
    moves = _moves(inside)
    return [meanwhile(then=tuple(moves))] if moves else []


def _offered(moves: list[Move], conn: int, inside: Sequence[_Doing], after: Sequence[_Doing]) -> list[Move]:
    """The target offers data as soon as it comes: what goes with it stands before its arrival."""
    arrivals = [k for k, m in enumerate(moves) if m.kind == data.name and m.conn == conn]
    at = arrivals[-1] if arrivals else len(moves)
    first = []
    if after:
        there, p = after[0].world.conns[conn], after[0].p
        whole = p.bytes == there.indicated_to - there.indicated_from
        first = [appetite(conn, -1 if whole else p.bytes)]
    return [*moves[:at], *first, *_meanwhile(inside), *moves[at:]]


def _all(moves: Sequence[Move]) -> Iterator[Move]:
    for move in moves:
        yield move
        yield from _all(move.then)


def _shapes(first: World, conns: int) -> list[str]:
    """The shapes with the same connections in the tree, the likest first."""
    tree = [b for b in first.blocks if b.in_tree]
    wanted = {b.conn for b in tree} - {NULL}
    kinds = {(b.layer, b.kind) for b in tree}
    fitting = [n for n in SHAPES if set(connections(shape(n, conns))) == wanted]

    def unlike(name: str) -> int:
        blocks = model_blocks(shape(name, conns))
        return len(kinds ^ {(b.layer, b.kind) for b in blocks}) + abs(len(blocks) - len(tree))

    return sorted(fitting, key=unlike)
