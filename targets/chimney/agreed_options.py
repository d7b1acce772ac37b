"""Moves for what the ends of the connections agreed on, and for the clock that timestamps count."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ...model.logic import serial
from .amounts import LENGTH
from .interface import Segment
from .move_kinds import Happens, Move, move
from .stage import NdisStage
from .tcp_options import AgreedOptions, Stamps


@move("timestamps", alone=False, begins=True)
def timestamps(stage: NdisStage, move: Move, happens: Happens) -> None:
    """both ends of every connection have agreed on timestamps"""


@move("no sack", alone=False, begins=True)
def no_sack(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the ends of the connections have not agreed on SACK"""


@move("clock", n=LENGTH, alone=False)
def clock(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} ticks pass"""
    if not stage.listens("clock_ticks"):
        return
    for line in stage.lines:
        if line.options and line.options.stamps:
            line.options.stamps.now += max(0, move.n)
    stage.call("clock_ticks", max(0, move.n))


def agree(stage: NdisStage, c: int, moves: Iterable[Move]) -> AgreedOptions:
    """The options of connection *c*, which is offloaded: those of before, if it was offloaded before."""
    line = stage.lines[c]
    if line.options is None:
        kinds = {move.kind for move in moves}
        stamped = timestamps.name in kinds and stage.listens("clock_ticks")
        line.options = AgreedOptions(Stamps() if stamped else None, no_sack.name not in kinds)
    return line.options


def stamped(stage: NdisStage, c: int, segment: Segment) -> Segment:
    """A segment of the peer as it leaves: with its timestamps, if both ends agreed on them."""
    options, conn = stage.lines[c].options, stage.conn(c)
    if options is None or options.stamps is None or segment.rst or segment.timestamp:
        return segment
    arrived = serial(conn.irn + conn.peer.arrived + int(conn.peer.fin))
    return options.stamps.of_peer(segment, acknowledged(conn), arrived)


def as_before(stage: NdisStage, c: int, segment: Segment) -> Segment:
    """The segment as it may have left when data came first: with the timestamp of then (RFC 7323, 5.2)."""
    options = stage.lines[c].options
    if options is None or options.stamps is None or options.stamps.data is None:
        return segment
    return dataclasses.replace(segment, timestamp=(options.stamps.data, options.stamps.sent))


def acknowledged(conn: Any) -> int:
    """What the target acknowledged to the peer last, as a sequence number."""
    number: int = serial(conn.irn + conn.peer.acked_to)
    return number
