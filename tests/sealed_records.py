"""A subject that brings no lemmas: a TLS library hands the kernel the number of the next record to be sealed.

What its proof needs is by how much two numbers are apart while half a record waits in the library.
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
    Index,
    Not,
    Or,
    Part,
    Subject,
    Value,
    between,
    collected,
    conjunct,
    enum,
    event,
    guarantee,
    modify,
    update,
    var,
)

LIBRARY, KERNEL = range(2)
WAY = Index("ways")


@dataclasses.dataclass(frozen=True)
class Way:
    who: Value = var(enum("library", "kernel"), says="records of way {0} are sealed by the")
    epoch: Value = var(between(0, 3), says="keys of way {0}")
    seq: Value = var(INT, says="number of the next record of way {0}")
    half: Value = var(BOOL, says="half a record of way {0} waits in the library")
    peer_epoch: Value = var(between(0, 3), says="keys of the peer for way {0}")
    peer_seq: Value = var(INT, says="number of the record that the peer expects of way {0}")
    bad: Value = var(BOOL, says="the peer got a record of way {0} that it cannot open")


@dataclasses.dataclass(frozen=True)
class Session:
    ways: tuple[Way, ...] = ()


def changed(s: Session, number: int, **fields: Value) -> Session:
    return update(s, ways=modify(s.ways, number, lambda way: update(way, **fields)))


def arrives(s: Session, number: int, of: Value, **fields: Value) -> Session:
    """The record of that number, sealed with the keys of now, arrives at the peer."""
    way = s.ways[number]
    fits = And(way.peer_epoch == way.epoch, way.peer_seq == of)
    after = If(fits, way.peer_seq + 1, way.peer_seq)
    return changed(s, number, peer_seq=after, bad=Or(way.bad, Not(fits)), **fields)


@event("library", way=WAY)
def Seal(s: Session, p: Any) -> Any:
    """the library seals a record of way {way}, and writes the first half of it"""
    way = s.ways[p.way]
    return And(way.who == LIBRARY, Not(way.half)), changed(s, p.way, half=True, seq=way.seq + 1)


@event("library", way=WAY)
def Flush(s: Session, p: Any) -> Any:
    """the library writes the other half of the record of way {way}"""
    way = s.ways[p.way]
    return way.half, arrives(s, p.way, way.seq - 1, half=False)


@event("library", way=WAY)
def HandOver(s: Session, p: Any) -> Any:
    """the library gives way {way} to the kernel"""
    way = s.ways[p.way]
    return And(way.who == LIBRARY, Not(way.half)), changed(s, p.way, who=KERNEL)


@event("kernel", way=WAY)
def Send(s: Session, p: Any) -> Any:
    """the kernel seals and sends a record of way {way}"""
    way = s.ways[p.way]
    return way.who == KERNEL, arrives(s, p.way, way.seq, seq=way.seq + 1)


@event("library", way=WAY)
def Rekey(s: Session, p: Any) -> Any:
    """both sides go on with new keys for way {way}"""
    way = s.ways[p.way]
    new = {"epoch": way.epoch + 1, "peer_epoch": way.peer_epoch + 1, "seq": 0, "peer_seq": 0}
    return And(way.epoch < 3, Not(way.half)), changed(s, p.way, **new)


def each_way(s: Session) -> list[Any]:
    return [(f"way {number}", (way,)) for number, way in enumerate(s.ways)]


@guarantee("records.opened", "RFC 8446, 5.3", each=each_way)
def opened(s: Session, way: Way) -> Any:
    """The peer can open every record that it gets."""
    return True, conjunct("it could open every one", Not(way.bad), expected=way.peer_seq, next=way.seq)


SUBJECT = Subject(
    "sealed-records",
    "a TLS session whose records are sealed by the kernel from some moment on",
    start=lambda bounds: Session(ways=(Way(),) * bounds.ways),
    parts=(
        Part(
            "records",
            "records, their numbers and their keys",
            events=(Seal, Flush, HandOver, Send, Rekey),
            properties=collected(globals()),
        ),
    ),
    bounds=Bounds("{ways} ways", ways=1),
)
