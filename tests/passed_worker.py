"""A subject whose proof needs that an enum has one of its values, and that one number is less than another.

Two workers hand a connection over: the packet numbers go on where the first one stopped.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from chimneysweep import (
    BOOL,
    INT,
    Bounds,
    Max,
    Not,
    Or,
    Part,
    Subject,
    Value,
    collected,
    conjunct,
    enum,
    event,
    guarantee,
    update,
    var,
)

FIRST, SECOND, NOBODY = range(3)


@dataclasses.dataclass(frozen=True)
class Workers:
    owner: Value = var(enum("first", "second", "nobody"), says="who owns the connection")
    following: Value = var(INT, says="next packet number")
    used: Value = var(INT, default=-1, says="highest packet number used")
    copied: Value = var(INT, says="packet number in the record of the hand-off")
    twice: Value = var(BOOL, says="a packet number was used twice")


@event("worker")
def Send(s: Workers, p: Any) -> Any:
    """the owner sends a packet"""
    again = Or(s.twice, s.following <= s.used)
    used = Max(s.used, s.following)
    return s.owner != NOBODY, update(s, following=s.following + 1, used=used, twice=again)


@event("worker")
def Release(s: Workers, p: Any) -> Any:
    """the first worker writes the record, and lets go"""
    return s.owner == FIRST, update(s, owner=NOBODY, copied=s.following)


@event("worker")
def Adopt(s: Workers, p: Any) -> Any:
    """the second worker goes on from the record"""
    return s.owner == NOBODY, update(s, owner=SECOND, following=s.copied)


@guarantee("packets.once", "RFC 9000 12.3", each=lambda s: [("the connection", ())])
def once(s: Workers) -> Any:
    """No packet number is used twice."""
    return True, conjunct("each is fresh", Not(s.twice), following=s.following, used=s.used)


SUBJECT = Subject(
    "passed-worker",
    "two workers hand a connection over",
    start=lambda bounds: Workers(),
    parts=(Part("worker", "the workers", events=(Send, Release, Adopt), properties=collected(globals())),),
    bounds=Bounds(),
)
