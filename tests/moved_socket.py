"""A subject that brings no lemmas: a connection is frozen, its send queue is dumped, and restored elsewhere.

What its proof needs is true only where two of its variables have a value each: the socket is at the old host,
and was dumped.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from chimneysweep import (
    BOOL,
    INT,
    And,
    Bounds,
    If,
    Not,
    Part,
    Subject,
    Value,
    between,
    collected,
    conjunct,
    enum,
    event,
    guarantee,
    update,
    var,
)

OLD, IMAGE, NEW = range(3)


@dataclasses.dataclass(frozen=True)
class Socket:
    place: Value = var(enum("old host", "image", "new host"), says="the socket is at the")
    frozen: Value = var(BOOL, says="packets are dropped by the filter")
    dumped: Value = var(BOOL, says="the send queue was dumped")
    written: Value = var(INT, says="bytes that the application wrote")
    una: Value = var(INT, says="SND.UNA")
    tail: Value = var(INT, says="the send queue ends before")
    peer: Value = var(INT, says="bytes that the peer has")
    image_una: Value = var(INT, says="SND.UNA in the image")
    image_tail: Value = var(INT, says="in the image the send queue ends before")


def lives(s: Socket) -> Value:
    return And(s.place != IMAGE, Not(s.frozen))


@event("application", count=between(1))
def Write(s: Socket, p: Any) -> Any:
    """the application writes {count} bytes"""
    return lives(s), update(s, written=s.written + p.count, tail=s.tail + p.count)


@event("kernel", upto=between(0))
def Transmit(s: Socket, p: Any) -> Any:
    """bytes up to position {upto} reach the peer"""
    may = And(lives(s), s.una < p.upto, p.upto <= s.tail)
    return may, update(s, peer=If(p.upto > s.peer, p.upto, s.peer))


@event("peer")
def Ack(s: Socket, p: Any) -> Any:
    """an acknowledgement of all that the peer has arrives"""
    return And(lives(s), s.una < s.peer), update(s, una=s.peer)


@event("tool")
def Freeze(s: Socket, p: Any) -> Any:
    """a filter is put before the socket"""
    return And(s.place == OLD, Not(s.frozen)), update(s, frozen=True)


@event("tool")
def Dump(s: Socket, p: Any) -> Any:
    """the send queue is dumped"""
    may = And(s.place == OLD, s.frozen, Not(s.dumped))
    return may, update(s, dumped=True, image_una=s.una, image_tail=s.tail)


@event("tool")
def Close(s: Socket, p: Any) -> Any:
    """the old socket is closed, and nobody hears of it"""
    return And(s.place == OLD, s.dumped), update(s, place=IMAGE)


@event("tool")
def Restore(s: Socket, p: Any) -> Any:
    """a socket is made of the image"""
    after = update(s, place=NEW, frozen=False, una=s.image_una, tail=s.image_tail)
    return s.place == IMAGE, after


def everywhere(s: Socket) -> list[Any]:
    return [("the connection", ())]


@guarantee("bytes.kept", "our notes", each=everywhere)
def kept(s: Socket) -> Any:
    """Every byte that was written is at the peer, or in the send queue."""
    begins = conjunct("it begins at no byte that the peer lacks", s.una <= s.peer, SND_UNA=s.una)
    return s.place != IMAGE, begins, conjunct("it ends with the last one", s.tail == s.written, ends=s.tail)


SUBJECT = Subject(
    "moved-socket",
    "a connection is moved",
    start=lambda bounds: Socket(),
    parts=(
        Part(
            "moving",
            "freeze, dump, restore",
            events=(Write, Transmit, Ack, Freeze, Dump, Close, Restore),
            properties=collected(globals()),
        ),
    ),
    bounds=Bounds(),
)
