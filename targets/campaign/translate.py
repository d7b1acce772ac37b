"""From a run of the model to scenarios: what host, wire and hardware did in it, as moves.

The model's target may take its steps whenever it likes; a real one takes them when it is
called. So a translation is a guess, and there are several for one run: whoever asks for
a scenario plays them, and keeps one in which the goal is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...model.chimney.shapes import SHAPES, Offload, model_blocks, shape
from ...model.chimney.state import World
from ...model.kernel import System, arguments
from ...model.tcp.numbers import NULL
from ..chimney.scenario import Move, Scenario
from ..chimney.tree_shapes import connections

Choice = tuple[str, Mapping[str, Any]]

RETURNS = {
    "IndicateReceive": "ReturnReceiveIndication",
    "IndicateTcpEvent": "ReturnTcpEvent",
    "RstArrives": "ReturnTcpEvent",
    "IndicateStatus": "ReturnStatusIndication",
    "IndicateOffloadEvent": "ReturnOffloadEvent",
}
"""What begins an indication, and what ends it."""

PLAIN: dict[str, Callable[[World, Any], Move]] = {
    "MiniportTcpOffloadSend": lambda s, p: Move("send", p.conn, p.length),
    "MiniportTcpOffloadReceive": lambda s, p: Move("receive", p.conn, p.size),
    "MiniportTcpOffloadDisconnect": lambda s, p: Move("disconnect", p.conn),
    "MiniportTcpOffloadForward": lambda s, p: Move("forward", p.conn),
    "MiniportTcpOffloadReceiveReturn": lambda s, p: Move("give back", p.conn),
    "MiniportTerminateOffload": lambda s, p: Move("terminate"),
    "StateCall": lambda s, p: Move("call", n=p.call),
    "Transmit": lambda s, p: Move("transmit", p.conn, p.length),
    "PeerReceives": lambda s, p: Move("peer gets", p.conn, p.upto - s.conns[p.conn].peer.got),
    "AckArrives": lambda s, p: Move("ack", p.conn, p.upto - s.conns[p.conn].peer.acked, p.window),
    "DataArrives": lambda s, p: Move("data", p.conn, p.length),
    "DataArrivesOutOfOrder": lambda s, p: Move("early data", p.conn, p.gap, p.length),
    "FinArrives": lambda s, p: Move("fin", p.conn),
    "RstArrives": lambda s, p: Move("rst", p.conn),
    "HardwareFails": lambda s, p: Move("fails", n=p.block),
    "RetransmitTimeout": lambda s, p: Move("retransmit", p.conn),
    "SendAck": lambda s, p: Move("ack timer", p.conn),
    "IndicateStatus": lambda s, p: Move("link"),
    "IndicateOffloadEvent": lambda s, p: Move("neighbor"),
    "IndicateTcpEvent": lambda s, p: Move("fin", p.conn),
    "CompleteForward": lambda s, p: Move("run"),
    "CompleteStateCall": lambda s, p: Move("run"),
    "Drain": lambda s, p: Move("run"),
    "NdisMTerminateOffloadComplete": lambda s, p: Move("run"),
}
"""The moves for actions; the others need none, because target or host takes them by itself."""


def scenarios(system: System, first: World, choices: Sequence[Choice]) -> Iterator[Scenario]:
    """Scenarios that may do what a run of the model does, the likeliest first."""
    moves = tuple(_moves(_states(system, first, choices)))
    used = 1 + max((m.conn for m in _all(moves)), default=0)
    conns = max(used, *(c + 1 for c, conn in enumerate(first.conns) if conn.block != NULL), 1)
    offloads = tuple(Offload(c.isn, c.irn, c.peer.wnd, c.capacity) for c in first.conns[:conns])
    for name in _shapes(first, conns):
        yield Scenario(moves, name, offloads)


Told = tuple[World, str, Any]
"""A state, the action that happens there, and its parameters."""


def _states(system: System, world: World, choices: Sequence[Choice]) -> list[Told]:
    told = []
    for name, parameters in choices:
        p = arguments(parameters)
        told.append((world, name, p))
        world = system.action(name).effect(world, p)
    return told


def _moves(told: Sequence[Told]) -> list[Move]:
    """The moves of a stretch of a run; what happens during an indication is nested in it."""
    moves: list[Move] = []
    while told:
        (world, name, p), *told = told
        if name not in RETURNS:
            moves += [PLAIN[name](world, p)] if name in PLAIN else []
            continue
        until = _end(told, RETURNS[name], p)
        inside, told = told[:until], told[until:]
        if name == "IndicateReceive":
            moves = _offered(moves, p.conn, inside, told)
        else:
            moves += [*_meanwhile(inside), PLAIN[name](world, p)]
    return moves


def _end(told: Sequence[Told], name: str, p: Any) -> int:
    """Where an indication returns; the end of the run if it does not."""
    conn = getattr(p, "conn", NULL)
    ends = (k for k, (_, n, q) in enumerate(told) if n == name and getattr(q, "conn", NULL) == conn)
    return next(ends, len(told))


def _meanwhile(inside: Sequence[Told]) -> list[Move]:
    moves = _moves(inside)
    return [Move("meanwhile", then=tuple(moves))] if moves else []


def _offered(moves: list[Move], conn: int, inside: Sequence[Told], after: Sequence[Told]) -> list[Move]:
    """The target offers data as soon as it comes: what goes with it stands before its arrival."""
    arrivals = [k for k, m in enumerate(moves) if m.kind == "data" and m.conn == conn]
    at = arrivals[-1] if arrivals else len(moves)
    appetite = []
    if after:
        world, _, p = after[0]
        offered = world.conns[conn].indicated_to - world.conns[conn].indicated_from
        appetite = [Move("appetite", conn, p.bytes if p.bytes < offered else -1)]
    return [*moves[:at], *appetite, *_meanwhile(inside), *moves[at:]]


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
