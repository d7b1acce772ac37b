"""What a run met of the world, for a search: its states up to the order of their numbers, and the numbers.

Two states count as the same if everything that is no number is equal and every number lies in the same order
among its like: bytes acknowledged against bytes sent, against the ends of buffers, against the window. Each
concern of a connection is a state of its own, and so are two that bear on one another.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from .stage import NdisStage

Numbers = tuple[int, ...]


class StreamMark(NamedTuple):
    """Where a connection stood: positions of what it sends and of what it receives, 0 among them."""

    sends: Numbers
    receives: Numbers


class Notes:
    """Taken of one run. ``marks`` has a :class:`StreamMark` of each connection before each move and after."""

    def __init__(self) -> None:
        self.states: set[int] = set()
        self.marks: list[tuple[StreamMark, ...]] = []
        self.events = -1  # of the run, when notes were taken last

    def take(self, stage: NdisStage) -> None:
        """Note the world of now. If nothing happened since, it is the same."""
        events, self.events = self.events, len(stage.judge.names)
        if self.events == events:
            self.marks.append(self.marks[-1])
            return
        world = stage.judge.world
        marks = tuple(StreamMark(tuple(_sends(conn)), tuple(_receives(conn))) for conn in world.conns)
        self.marks.append(marks)
        general = _general(world)
        for conn, mark in zip(world.conns, marks, strict=True):
            for number, concern in enumerate(_concerns(general, conn, mark)):
                self.states.add(hash((number, concern)))


def _sends(conn: Any) -> Iterator[int]:
    own, peer = conn.own, conn.peer
    yield from (0, own.una, own.nxt, own.max, conn.total, peer.acked, peer.got, peer.acked + peer.wnd)
    for k in range(min(conn.posted, len(conn.bufs))):
        yield conn.bufs[k].end


def _receives(conn: Any) -> Iterator[int]:
    own, peer = conn.own, conn.peer
    yield from (0, own.rcv_nxt, own.consumed, peer.arrived, peer.acked_to, peer.app_got)
    yield from (peer.app_got + conn.capacity, peer.sacked_from, peer.sacked_to)
    filled = own.consumed
    for k in range(min(conn.requested, len(conn.requests))):
        filled += conn.requests[k].size - conn.requests[k].bytes
        yield filled


def _general(world: Any) -> tuple[Any, ...]:
    lost = tuple(block.lost for block in world.blocks)
    return world.phase, any(lost), tuple(world.calls), world.status_indication, world.event_indication


def _concerns(general: tuple[Any, ...], conn: Any, mark: StreamMark) -> Iterator[tuple[Any, ...]]:
    """What is told apart of a connection: sending, receiving, its requests, and what is under way."""
    phase = general[0], conn.block < 0
    peer, host = conn.peer, conn.host
    sends = tuple(conn.bufs[k].status for k in range(min(conn.posted, len(conn.bufs))))
    asked = conn.requests[0 : min(conn.requested, len(conn.requests))]
    requests = tuple((r.status, (r.bytes > 0) + (r.bytes >= r.size)) for r in asked)
    under_way = (conn.indication, conn.event, conn.lent, conn.forward, conn.disconnect, conn.late, conn.freed)
    heard = (peer.fin, peer.rst, peer.wnd > 0, host.resumed, host.aborted)
    yield phase, _order(mark.sends), conn.disconnect
    yield phase, _order(mark.receives), peer.fin, conn.lent
    yield phase, sends, conn.disconnect, peer.rst
    yield phase, requests, conn.indication
    yield general, under_way, heard
    yield phase, _order(mark.sends[:6]), under_way, heard
    yield phase, _order(mark.receives[:6]), under_way, heard


@functools.lru_cache(maxsize=4096)
def _order(numbers: Numbers) -> Numbers:
    """Each number's place among them."""
    place = {number: k for k, number in enumerate(sorted(set(numbers)))}
    return tuple(place[number] for number in numbers)
