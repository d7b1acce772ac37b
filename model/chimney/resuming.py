"""How the host takes a connection up again: where a lost byte shows.

It reads Status, the delegated sequence numbers and windows, the chain (by following the Next
pointers, as a driver writer would) and BufferedData; nothing else reaches it.
Sends that came back as NDIS_STATUS_UPLOAD_IN_PROGRESS follow the chain in its queue,
in the order in which they were posted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from ..logic import And, If, Max, Value, pick_to_read
from ..records import update
from ..tcp.numbers import NULL, decode
from ..tcp.peer import delivered
from .state import BLOCK_SUCCESS, UPLOAD_IN_PROGRESS, Buffer, Connection, World

Queue = Callable[[tuple[Buffer, ...], Value, int, Value], tuple[tuple[Buffer, ...], Value, Value]]
"""From buffers, chain, the connection's first pointer and SND.UNA to what :func:`queued` returns."""

TURNS = 3
"""How often a chain may lead back to a buffer that was posted earlier. A lawful one never does; were it
followed as often as there are buffers, the terms would grow with their square."""


def resume(world: World, c: int, queue: Queue | None = None) -> Connection:
    """Connection *c* as the host has it after reading its block; *queue* puts the sends in another order."""
    conn = world.conns[c]
    block = pick_to_read(world.blocks, conn.block)
    taken = _take_up(conn, block.chain, c * len(conn.bufs), queue or queued)
    given_up = update(conn, host=update(conn.host, resumed=True, aborted=True))
    return If(block.status == BLOCK_SUCCESS, taken, given_up)


def _take_up(conn: Connection, chain: Value, base: int, queue: Queue) -> Connection:
    una = _una(conn)
    bufs, end, foreign = queue(conn.bufs, chain, base, una)
    rcv = decode(conn.peer.acked_to, conn.given.rcv_nxt, conn.irn)
    # What was buffered is read at once, and leaves its room to what comes.
    room = conn.given.rcv_wnd + Max(0, conn.given.buffered_to - conn.given.buffered_from)
    took = {"una": una, "nxt": una, "end": end, "rcv": rcv, "edge": rcv + room, "foreign": foreign}
    host = update(conn.host, resumed=True, **took)
    conn = update(conn, bufs=bufs, host=host)
    return delivered(conn, conn.given.buffered_from, conn.given.buffered_to)


def _una(conn: Connection) -> Value:
    """SND.UNA as the host reads it, a position; of what its application has aborted it has no use for it."""
    read = decode(conn.peer.acked, conn.given.snd_una, conn.isn)
    return If(conn.peer.abandoned, conn.peer.acked, read)


def passing(conn: Connection, chain: Value, base: int) -> list[tuple[Value, Value]]:
    """Pointer and position of the host in the chain before it comes to buffer 0, 1, ..., and at the end."""
    start = _Walk(chain, _una(conn), (NULL,) * len(conn.bufs))
    return [(walk.here, walk.position) for walk in (start, *_passing(conn.bufs, base, start))]


def queued(
    bufs: tuple[Buffer, ...], chain: Value, base: int, una: Value
) -> tuple[tuple[Buffer, ...], Value, Value]:
    """Follow the chain from pointer *chain*; the connection's own pointers start at *base*.

    Returns the buffers with ``host_at`` and ``returns`` brought up to date, the
    position after the queue's last byte, and whether the chain led to a buffer that
    is not this connection's (or in a circle, or back more than :data:`TURNS` times),
    where the walk stops.
    """
    start = _Walk(chain, una, (NULL,) * len(bufs))
    once = _forwards(bufs, base, start)
    whole = once
    for _ in bufs[1 : 1 + TURNS]:
        whole = _forwards(bufs, base, whole)
    # A chain in posting order, which is what a proof is about, needs no second look.
    walk = If(once.here == NULL, once, whole)
    at, position = list(walk.at), walk.position
    updated = []
    for k, buf in enumerate(bufs):
        came_back = And(buf.status == UPLOAD_IN_PROGRESS, at[k] == NULL)
        place = If(came_back, position, at[k])
        position = If(came_back, position + (buf.end - buf.start), position)
        returns = If(at[k] != NULL, buf.returns + 1, buf.returns)
        updated.append(update(buf, host_at=place, returns=returns))
    return tuple(updated), position, walk.here != NULL


@dataclasses.dataclass(frozen=True)
class _Walk:
    """How far a walk along the chain got: the next pointer, its position, where each buffer stands."""

    here: Value
    position: Value
    at: tuple[Value, ...]


def _forwards(bufs: tuple[Buffer, ...], base: int, walk: _Walk) -> _Walk:
    """Go on along the chain for as long as it leads to buffers that were posted later."""
    *_, last = _passing(bufs, base, walk)
    return last


def _passing(bufs: tuple[Buffer, ...], base: int, walk: _Walk) -> Iterator[_Walk]:
    """The same, buffer after buffer: how far it got after each."""
    here, position, at = walk.here, walk.position, list(walk.at)
    for k, buf in enumerate(bufs):
        fresh = And(here == base + k, at[k] == NULL)
        at[k] = If(fresh, position, at[k])
        position = If(fresh, position + (buf.end - buf.start), position)
        here = If(fresh, buf.next, here)
        yield _Walk(here, position, tuple(at))
