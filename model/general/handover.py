"""NdisMTerminateOffloadComplete with anything in the tree: every value handed back is a parameter.

What a target wrote into the tree while it had it is first seen at this call, so the writing
and the call are one step here. Parameters carry the names of the fields that they fill
(``blocks_0_status``, ``conns_1_given_snd_una``, ``conns_0_bufs_2_next``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..interface import terminate_completed
from ..kernel import Action, Parameter
from ..logic import And, If, Max, Or, Value
from ..records import Sort, between, rebuild, update, variables
from ..state import (
    BLOCK_STATUS,
    COMPLETED,
    MAX_WINDOW,
    NULL,
    TERMINATING,
    Block,
    Bounds,
    Connection,
    Delegated,
    World,
)

BLOCK_FIELDS = ("status", "chain", "next_back", "dependent_back")
BUFFER_FIELDS = ("next", "start")


def pointers(bounds: Bounds) -> Sort:
    """NULL, any NET_BUFFER_LIST of the world, and one that is none of them."""
    return between(NULL, bounds.connections * bounds.buffers)


def links(bounds: Bounds) -> Sort:
    """NULL, any block of the world, and one that is none of them."""
    return between(NULL, bounds.blocks)


def parameters(bounds: Bounds) -> tuple[Parameter, ...]:
    """Everything that is in the target's hands when it completes the termination."""
    return (Parameter("root", links(bounds)), *_written(bounds))


def _written(bounds: Bounds) -> Iterator[Parameter]:
    for b in range(bounds.blocks):
        sorts = (BLOCK_STATUS, pointers(bounds), links(bounds), links(bounds))
        for field, sort in zip(BLOCK_FIELDS, sorts, strict=True):
            yield Parameter(f"blocks_{b}_{field}", sort)
    for c in range(bounds.connections):
        for variable in variables(Delegated()):
            pointer = variable.name in ("head", "tail")
            sort = pointers(bounds) if pointer else variable.sort
            yield Parameter(f"conns_{c}_given_{variable.name}", sort)
        for k in range(bounds.buffers):
            yield Parameter(f"conns_{c}_bufs_{k}_next", pointers(bounds))
            yield Parameter(f"conns_{c}_bufs_{k}_start", between(0))


def held(conn: Connection, start: Value, end: Value) -> Value:
    """Whether the target can have the peer's bytes [start, end) at hand: they came in time, or late."""
    late = If(conn.late, MAX_WINDOW, 0)
    return And(start >= 0, end <= Max(conn.peer.arrived, conn.peer.sacked_to) + late)


def _may_hand_back(s: World, p: Any) -> Value:
    ranges = (
        (getattr(p, f"conns_{c}_given_buffered_{end}") for end in ("from", "to")) for c in range(len(s.conns))
    )
    there = (
        Or(end <= start, held(conn, start, end)) for conn, (start, end) in zip(s.conns, ranges, strict=True)
    )
    return And(s.phase == TERMINATING, *there)


def _block(p: Any, b: int, block: Block) -> Block:
    return update(block, **{field: getattr(p, f"blocks_{b}_{field}") for field in BLOCK_FIELDS})


def _conn(p: Any, c: int, conn: Connection) -> Connection:
    """The delegated structure, and of each buffer Next and where its data starts."""
    given = rebuild(Delegated(), [getattr(p, f"conns_{c}_given_{v.name}") for v in variables(Delegated())])
    bufs = tuple(
        update(buf, **{field: getattr(p, f"conns_{c}_bufs_{k}_{field}") for field in BUFFER_FIELDS})
        for k, buf in enumerate(conn.bufs)
    )
    return If(conn.block != NULL, update(conn, given=given, bufs=bufs), conn)


def hand_back(s: World, p: Any) -> World:
    """The tree as the parameters have it, back with the host."""
    blocks = tuple(If(block.in_tree, _block(p, b, block), block) for b, block in enumerate(s.blocks))
    conns = tuple(_conn(p, c, conn) for c, conn in enumerate(s.conns))
    return terminate_completed(update(s, blocks=blocks, conns=conns), p.root)


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """The call, and the same call once more."""
    again = Parameter("root", links(bounds))
    return (
        Action(
            "NdisMTerminateOffloadComplete",
            "target",
            parameters(bounds),
            _may_hand_back,
            hand_back,
            "the target writes the tree and calls NdisMTerminateOffloadComplete with block {root}",
        ),
        Action(
            "CompletesAgain",
            "target",
            (again,),
            lambda s, p: s.phase == COMPLETED,
            lambda s, p: terminate_completed(s, p.root),
            "the target calls NdisMTerminateOffloadComplete again, with block {root}",
        ),
    )
