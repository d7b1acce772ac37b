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
from .tree_shapes import plan

MOVES: dict[str, str] = {
    "send": "the host posts a send of {n} bytes, and {m} more of the same size in the same call",
    "receive": "the host posts a receive request of {n} bytes",
    "disconnect": "the host asks for a graceful disconnect",
    "forward": "the host forwards a segment that came another way",
    "call": "the host calls MiniportInvalidate- (n=0), Query- (1) or UpdateOffload (2) on a path",
    "transmit": "the wire takes {n} bytes",
    "peer gets": "up to {n} transmitted positions reach the peer",
    "ack": "the peer acknowledges up to {n} more positions it has, with a window of {m}",
    "retransmit": "the retransmit timer expires",
    "ack timer": "the delayed acknowledgement timer expires",
    "data": "{n} bytes arrive in order",
    "early data": "{m} bytes arrive, {n} bytes too early",
    "fin": "the peer's FIN arrives",
    "rst": "an acceptable RST arrives",
    "fails": "the hardware loses the state object of block {n}",
    "link": "the link goes down and up",
    "neighbor": "a neighbor is not heard of",
    "appetite": "from now on the application takes at most {n} bytes of an indication (-1: all)",
    "give back": "the host returns the receive buffers it holds",
    "run": "the target gets time",
    "meanwhile": "during the target's next indication: the moves in `then`",
    "terminate": "the host terminates the offload of the tree",
}


@dataclasses.dataclass(frozen=True)
class Move:
    """One move; ``n`` and ``m`` are its amounts (see MOVES), ``then`` the moves of "meanwhile"."""

    kind: str
    conn: int = 0
    n: int = 0
    m: int = 0
    then: tuple[Move, ...] = ()


MOST_CONNECTIONS = 2
"""The shapes of trees have places for two."""

PLAIN_WINDOW = Offload().window
"""The window that an acknowledgement has in the simplest scenario: it changes nothing."""


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
        sends, requests = [0] * len(self.offloads), [0] * len(self.offloads)
        moves = list(self.moves)
        for move in moves:
            moves += move.then
            if move.conn >= len(self.offloads):
                continue
            if move.kind == "send":
                sends[move.conn] += 1 + move.m
            elif move.kind == "receive":
                requests[move.conn] += 1
        blocks = len(plan(self.shape, len(self.offloads)).terminated)
        return world_size(max(1, *sends), blocks, len(self.offloads), max(1, *requests))

    def to_json(self) -> dict[str, Any]:
        """The scenario as JSON data: lists, no tuples, so that it reads back the same."""
        data: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return data


def from_json(data: Mapping[str, Any]) -> Scenario:
    """The scenario that :meth:`Scenario.to_json` wrote. Raises ValueError for anything else."""
    try:
        offloads = tuple(_offload(o) for o in data["offloads"])
        _check("the number of connections", len(offloads), 1, MOST_CONNECTIONS)
        moves = tuple(_move(m, len(offloads)) for m in data["moves"])
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


def _move(data: Mapping[str, Any], conns: int) -> Move:
    move = Move(**{**data, "then": tuple(_move(m, conns) for m in data.get("then", ()))})
    if move.kind not in MOVES:
        raise ValueError(f"there is no move {move.kind!r}; there are: {', '.join(MOVES)}")
    _check("conn", move.conn, 0, conns - 1)
    _check("n", move.n, -1, MAX_WINDOW)
    _check("m", move.m, 0, MAX_WINDOW)
    return move


def _check(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; it must be a number from {low} to {high}")


def _flat(moves: Iterable[Move]) -> Iterable[Move]:
    for move in moves:
        yield move
        yield from _flat(move.then)


def size(scenario: Scenario) -> tuple[int, ...]:
    """How big a scenario is, for the shrinker: fewer moves first, then smaller numbers."""
    flat = list(_flat(scenario.moves))
    rank = list(SHAPES).index(scenario.shape)
    numbers = sum(abs(m.n) + (m.m != PLAIN_WINDOW if m.kind == "ack" else m.m) for m in flat)
    starts = sum(o != Offload() for o in scenario.offloads)
    return len(flat), len(scenario.offloads), rank, starts, numbers, sum(m.conn for m in flat)
