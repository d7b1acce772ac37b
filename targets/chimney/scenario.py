"""A scenario: what host, wire and hardware do to a target, as plain data.

Moves speak in amounts, not in positions, and a move that is not possible when its turn
comes is skipped. So any list of moves is a legal scenario, and so is any part of one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.shapes import SHAPES, Offload
from ...model.chimney.state import world_size
from ...model.logic import SEQUENCE_SPACE
from ...model.tcp.numbers import MAX_WINDOW
from .amounts import NOTHING, Amount
from .cycles import GOES_ON, shapes
from .move_kinds import Move, MoveKind
from .moves import MOVES, again
from .tree_shapes import plan

FILLS = {kind.name: kind.fills for kind in MOVES.values() if kind.fills}
MOST_CONNECTIONS = 2
"""The shapes of trees have places for two."""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """What is offloaded, which tree is terminated, and the moves.

    After the last move the host terminates the offload if it has not, gives the target
    time, resumes, transmits, and returns every buffer.
    """

    moves: tuple[Move, ...] = ()
    shape: str = "connection"
    offloads: tuple[Offload, ...] = (Offload(),)

    def bounds(self) -> Bounds:
        """The smallest world that holds the scenario."""
        conns = len(self.offloads)
        full = {"buffers": [1] + [0] * conns, "requests": [1] + [0] * conns}
        moves = list(self.moves)
        for move in moves:
            moves += move.then
            if move.kind in FILLS and move.conn < conns:
                full[FILLS[move.kind]][1 + move.conn] += 1 + move.m
        rests = 1 + sum(move.kind == "rest" for move in moves)  # one comes at the end
        for c in {move.conn for move in moves if move.kind == "appetite" and move.conn < conns}:
            full["requests"][1 + c] += rests  # of a host that waits, for what its application refused
        goes_on = sum(move.kind == again.name and move.m == GOES_ON for move in self.moves)
        full["requests"] = [n + goes_on for n in full["requests"]]
        begins = (move for move in self.moves if move.kind == again.name)
        blocks = max(len(plan(shape, conns).terminated) for shape in shapes(self.shape, begins))
        return world_size(max(full["buffers"]), blocks, conns, max(full["requests"]))

    def to_json(self) -> dict[str, Any]:
        """The scenario as JSON data: lists, no tuples, so that it reads back the same."""
        data: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return data


def from_json(data: Mapping[str, Any], kinds: Mapping[str, MoveKind] = MOVES) -> Scenario:
    """The scenario that :meth:`Scenario.to_json` wrote, of these *kinds* of moves.

    Raises ValueError for anything else.
    """
    try:
        offloads = tuple(_offload(o) for o in data["offloads"])
        _check("the number of connections", len(offloads), 1, MOST_CONNECTIONS)
        moves = tuple(_move(m, len(offloads), kinds) for m in data["moves"])
        name = data["shape"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no scenario: {error}") from error
    if name not in SHAPES:
        raise ValueError(f"there is no tree shape {name!r}; there are: {', '.join(SHAPES)}")
    return Scenario(moves, name, offloads)


def _offload(data: Mapping[str, Any]) -> Offload:
    offload = Offload(**data)
    for name in ("isn", "irn"):
        _check(name, getattr(offload, name), 0, SEQUENCE_SPACE - 1)
    for name in ("window", "capacity"):
        _check(name, getattr(offload, name), 0, MAX_WINDOW)
    return offload


def _move(data: Mapping[str, Any], conns: int, kinds: Mapping[str, MoveKind]) -> Move:
    move = Move(**{**data, "then": tuple(_move(m, conns, kinds) for m in data.get("then", ()))})
    if move.kind not in kinds:
        raise ValueError(f"there is no move {move.kind!r}; there are: {', '.join(kinds)}")
    _check("conn", move.conn, 0, conns - 1)
    _check("n", move.n, -1, MAX_WINDOW)
    _check("m", move.m, 0, MAX_WINDOW)
    return move


def _check(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; it must be a number from {low} to {high}")


def flat(moves: Iterable[Move]) -> Iterable[Move]:
    """All moves, and those that come meanwhile."""
    for move in moves:
        yield move
        yield from flat(move.then)


def amount(kind: str, name: str) -> Amount:
    """What is known of a number in a kind of move: ``n``, ``m``, or ``conn``, of which nothing is."""
    return getattr(MOVES.get(kind), name, NOTHING)


def size(scenario: Scenario) -> tuple[int, ...]:
    """How big a scenario is, for the shrinker: fewer moves first, then smaller numbers."""
    moves = list(flat(scenario.moves))
    rank = list(SHAPES).index(scenario.shape)
    numbers = sum(amount(m.kind, name).cost(getattr(m, name)) for m in moves for name in ("n", "m"))
    starts = sum(o != Offload() for o in scenario.offloads)
    return len(moves), len(scenario.offloads), rank, starts, numbers, sum(m.conn for m in moves)
