"""Shorthands for the cases that properties speak of."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import BLOCK_SUCCESS, COMPLETED, PENDING, Block, Buffer, Connection, World
from ...model.logic import And, If, Or, Value, pick
from ...model.tcp.numbers import NULL


def block_of(world: World, conn: Connection) -> Block:
    """The block that carries a connection (meaningless where ``conn.block`` is NULL)."""
    return pick(world.blocks, conn.block)


def connections(world: World) -> Iterator[tuple[int, Connection]]:
    """Every connection with its number."""
    return enumerate(world.conns)


def buffers(world: World) -> Iterator[tuple[int, Connection, int, Buffer, str]]:
    """Every send buffer: connection number, connection, buffer number, buffer, where it is in words."""
    for c, conn in connections(world):
        for k, buf in enumerate(conn.bufs):
            yield c, conn, k, buf, f"connection {c}, send buffer {k}"


def handed_over(world: World, conn: Connection) -> Value:
    """The connection is back with the host, and its block says SUCCESS."""
    return And(world.handed_back(conn), block_of(world, conn).status == BLOCK_SUCCESS)


def outstanding(conn: Connection) -> Value:
    """Whether there is send data that is neither acknowledged nor completed."""
    return Or(*(And(buf.status == PENDING, conn.peer.acked < buf.end) for buf in conn.bufs))


def chained(world: World, conn: Connection) -> Value:
    """The connection is back, and its block has a NetBufferListChain."""
    return And(world.handed_back(conn), block_of(world, conn).chain != NULL)


def base(world: World, c: int) -> int:
    """The pointer to connection *c*'s buffer 0."""
    return c * len(world.conns[c].bufs)


def referenced(world: World, c: int, k: int) -> Value:
    """Whether the chain's head, or the Next of a send that is still pending, points to buffer *k*."""
    conn = world.conns[c]
    here = base(world, c) + k
    links = (And(b.status == PENDING, b.next == here) for j, b in enumerate(conn.bufs) if j != k)
    return Or(block_of(world, conn).chain == here, *links)


def last_pending(world: World, c: int) -> Value:
    """The pointer to the connection's last pending send; NULL if there is none."""
    result: Value = NULL
    for k, buf in enumerate(world.conns[c].bufs):
        result = If(buf.status == PENDING, base(world, c) + k, result)
    return result


def completed(world: World) -> Value:
    """NdisMTerminateOffloadComplete has been called."""
    return world.phase == COMPLETED
