"""Shorthands for what clauses, lemmas and situations of the chimney speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...model.chimney.state import BLOCK_SUCCESS, COMPLETED, PENDING, Block, Buffer, Connection, World
from ...model.logic import And, If, Not, Or, Value, any_of, pick, pick_to_read
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
from ..property import Each, Place
from ..situation import Situation


def block_of(world: World, conn: Connection) -> Block:
    """The block that carries a connection (meaningless where ``conn.block`` is NULL)."""
    block: Block = pick_to_read(world.blocks, conn.block)
    return block


def connections(world: World) -> Iterator[tuple[int, Connection]]:
    """Every connection with its number."""
    return enumerate(world.conns)


def buffers(world: World) -> Iterator[tuple[int, Connection, int, Buffer, str]]:
    """Every send buffer: connection number, connection, buffer number, buffer, where it is in words."""
    for c, conn in connections(world):
        for k, buf in enumerate(conn.bufs):
            yield c, conn, k, buf, f"connection {c}, send buffer {k}"


def each_block(world: World) -> Iterator[Place]:
    """Every block of the tree."""
    return ((f"block {b}", (block,)) for b, block in enumerate(world.blocks))


def each_buffer(world: World) -> Iterator[Place]:
    """Every send buffer: its connection, its number, the buffer."""
    return ((where, (conn, k, buf)) for _, conn, k, buf, where in buffers(world))


def each_number(world: World) -> Iterator[Place]:
    """Every connection, with its number first."""
    return ((f"connection {c}", (c, conn)) for c, conn in connections(world))


def each_request(world: World) -> Iterator[Place]:
    """Every receive request with its connection."""
    for c, conn in connections(world):
        for k, request in enumerate(conn.requests):
            yield f"connection {c}, receive request {k}", (conn, request)


def at(each: Each, more: str) -> Each:
    """The same places, with *more* words."""
    return lambda world: ((f"{where}{more}", there) for where, there in each(world))


def handed_over(world: World, conn: Connection) -> Value:
    """The connection is back with the host, which has a use for it, and its block says SUCCESS."""
    there = And(world.handed_back(conn), Not(conn.peer.abandoned))
    return And(there, block_of(world, conn).status == BLOCK_SUCCESS)


def fresh(world: World, conn: Connection) -> Value:
    """Handed over, and the host has not yet touched it."""
    return And(handed_over(world, conn), Not(conn.host.resumed))


def taken_back(world: World, conn: Connection) -> Value:
    """Terminated without a reset, an abort or a loss: what was outstanding goes back for that alone."""
    return And(world.handed_back(conn), Not(is_over(conn)), Not(world.lost(conn)))


def outstanding(conn: Connection) -> Value:
    """Whether there is send data that is neither acknowledged nor completed."""
    return Or(*(And(buf.status == PENDING, conn.peer.acked < buf.end) for buf in conn.bufs))


def chained(world: World, conn: Connection) -> Value:
    """The connection is back, and its block has a NetBufferListChain."""
    return And(world.handed_back(conn), block_of(world, conn).chain != NULL)


def handed(conn: Connection) -> Value:
    """A chain is handed over, as the delegated structure says."""
    return conn.given.head != NULL


def buffered(conn: Connection) -> Value:
    """BufferedData is handed over."""
    return conn.given.buffered_from < conn.given.buffered_to


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


# -- situations ---------------------------------------------------------------------


def back(name: str, holds: Callable[[Connection], Value]) -> Situation:
    """Something about a connection that was handed over and that the host has not touched yet."""

    def somewhere(world: World, p: Any) -> Value:
        return any_of(And(fresh(world, conn), holds(conn)) for conn in world.conns)

    return Situation(name, somewhere)


def asked(name: str, holds: Callable[[World, Connection], Value]) -> Situation:
    """Something about a connection in the tree at the moment that MiniportTerminateOffload is called."""

    def somewhere(world: World, p: Any) -> Value:
        return any_of(And(conn.block != NULL, holds(world, conn)) for conn in world.conns)

    return Situation(name, somewhere, "MiniportTerminateOffload")


def moment(name: str, action: str, holds: Callable[[World, Connection, Any], Value]) -> Situation:
    """An action on a connection, in a state of its world."""
    return Situation(name, lambda world, p: holds(world, pick(world.conns, p.conn), p), action)
