"""Handing the tree back: what the target writes into it, and NdisMTerminateOffloadComplete.

The parameters of WriteTree carry the names of the fields that they fill (``blocks_0_status``,
``conns_1_given_snd_una``, ``conns_0_bufs_2_next``). The host sees none of it before the call.
Sources: seed.txt; ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ..bounds import Bounds
from ..event import Event, Happening, event
from ..kernel import Parameter
from ..logic import And, If, Not, Or, Value
from ..records import Sort, between, update, variables
from ..tcp.numbers import NULL
from ..tcp.peer import held
from .state import BLOCK_STATUS, COMPLETED, TERMINATING, Block, Connection, Delegated, World

BLOCK_FIELDS = ("status", "chain", "next_back", "dependent_back")
BUFFER_FIELDS = ("next", "start")
GIVEN_FIELDS = tuple(variables(Delegated()))
AT_FIRST = frozenset(
    {
        "written",
        "snd_una",
        "snd_nxt",
        "snd_max",
        "snd_wnd",
        "rcv_nxt",
        "rcv_wnd",
        "head",
        "tail",
        "buffered_from",
        "buffered_to",
    }
)
"""Fields that every trace has; one of the others has its default in a trace that is older."""


def pointers(bounds: Bounds) -> Sort:
    """NULL, any NET_BUFFER_LIST of the world, and one that is none of them."""
    return between(NULL, bounds.connections * bounds.buffers)


def links(bounds: Bounds) -> Sort:
    """NULL, any block of the world, and one that is none of them."""
    return between(NULL, bounds.blocks)


def written(bounds: Bounds) -> tuple[Parameter, ...]:
    """Everything that is in the target's hands when it completes the termination."""
    return tuple(itertools.chain(_of_blocks(bounds), _of_connections(bounds)))


def _of_blocks(bounds: Bounds) -> Iterator[Parameter]:
    sorts = (BLOCK_STATUS, pointers(bounds), links(bounds), links(bounds))
    for b in range(bounds.blocks):
        for field, sort in zip(BLOCK_FIELDS, sorts, strict=True):
            yield Parameter(f"blocks_{b}_{field}", sort)


def _of_connections(bounds: Bounds) -> Iterator[Parameter]:
    for c in range(bounds.connections):
        for variable in GIVEN_FIELDS:
            sort = pointers(bounds) if variable.name in ("head", "tail") else variable.sort
            later = None if variable.name in AT_FIRST else getattr(Delegated(), variable.name)
            yield Parameter(f"conns_{c}_given_{variable.name}", sort, default=later)
        for k in range(bounds.buffers):
            yield Parameter(f"conns_{c}_bufs_{k}_next", pointers(bounds))
            yield Parameter(f"conns_{c}_bufs_{k}_start", between(0))


def contents(blocks: Sequence[Block], conns: Sequence[Connection]) -> dict[str, Value]:
    """The parameters of WriteTree for blocks and connections as they are to stand in the tree."""
    found = {f"blocks_{b}_{f}": getattr(block, f) for b, block in enumerate(blocks) for f in BLOCK_FIELDS}
    for c, conn in enumerate(conns):
        found |= {f"conns_{c}_given_{v.name}": getattr(conn.given, v.name) for v in GIVEN_FIELDS}
        for k, buf in enumerate(conn.bufs):
            found |= {f"conns_{c}_bufs_{k}_{field}": getattr(buf, field) for field in BUFFER_FIELDS}
    return found


def _block(p: Any, b: int, block: Block) -> Block:
    return update(block, **{field: getattr(p, f"blocks_{b}_{field}") for field in BLOCK_FIELDS})


def _conn(p: Any, c: int, conn: Connection) -> Connection:
    """The delegated structure, and of each buffer Next and where its data starts."""
    given = update(conn.given, **{v.name: getattr(p, f"conns_{c}_given_{v.name}") for v in GIVEN_FIELDS})
    bufs = tuple(
        update(buf, **{field: getattr(p, f"conns_{c}_bufs_{k}_{field}") for field in BUFFER_FIELDS})
        for k, buf in enumerate(conn.bufs)
    )
    result: Connection = If(conn.block != NULL, update(conn, given=given, bufs=bufs), conn)
    return result


def _at_hand(conn: Connection, p: Any, c: int) -> Value:
    start, end = (getattr(p, f"conns_{c}_given_buffered_{side}") for side in ("from", "to"))
    return Or(end <= start, held(conn, start, end))


@event("target", many=written)
def WriteTree(s: World, p: Any) -> Happening:
    """the target writes Status, delegated state and chains into the tree"""
    blocks = tuple(If(block.in_tree, _block(p, b, block), block) for b, block in enumerate(s.blocks))
    conns = tuple(_conn(p, c, conn) for c, conn in enumerate(s.conns))
    there = (Or(conn.block == NULL, _at_hand(conn, p, c)) for c, conn in enumerate(s.conns))
    return And(s.phase == TERMINATING, *there), update(s, blocks=blocks, conns=conns, filled=True)


def terminate_completed(s: World, root: Value) -> World:
    """The block list *root* is the host's again, and it begins to read what was buffered."""

    def reading(conn: Connection) -> Connection:
        some = conn.given.buffered_from < conn.given.buffered_to
        return update(conn, host=update(conn.host, reading=some))

    conns = tuple(If(conn.block != NULL, reading(conn), conn) for conn in s.conns)
    back = If(s.completions == 0, root, s.root_back)
    return update(s, phase=COMPLETED, completions=s.completions + 1, root_back=back, conns=conns)


@event("target", root=links, observed_says="the target calls NdisMTerminateOffloadComplete")
def NdisMTerminateOffloadComplete(s: World, p: Any) -> Happening:
    """the target calls NdisMTerminateOffloadComplete with block {root}"""
    return s.phase == TERMINATING, terminate_completed(s, p.root)


@event("target", root=links)
def CompletesAgain(s: World, p: Any) -> Happening:
    """the target calls NdisMTerminateOffloadComplete again, with block {root}"""
    return s.phase == COMPLETED, update(s, completions=s.completions + 1)


@event("target", observed_says="the target writes to block {block}, which it has handed back")
def WriteAfterHandBack(s: World, p: Any) -> Happening:
    """the target writes to a block that it has handed back"""
    return And(s.phase == COMPLETED, Not(s.stale_write)), update(s, stale_write=True)


EVENTS: tuple[Event, ...] = (WriteTree, NdisMTerminateOffloadComplete, CompletesAgain, WriteAfterHandBack)
