"""What is seen of executable targets and is no event of a model: timers, misbehaviour, wrong bytes."""

from __future__ import annotations

from typing import Any

from ..event import Event, Happening, event
from ..logic import And, Not, Value
from ..records import between, update
from ..tcp.numbers import first_fault
from ..tcp.peer import CONN, is_over
from .state import COMPLETED, World


def _keeps_time(s: World, p: Any) -> Value:
    """Whether there is a target that keeps the timers of the connection."""
    conn = s.conns[p.conn]
    return And(s.live(conn), Not(s.lost(conn)), Not(is_over(conn)))


@event("hardware", observed=True, conn=CONN)
def RetransmitTimeout(s: World, p: Any) -> Happening:
    """the retransmit timer of connection {conn} expires"""
    return _keeps_time(s, p), s


@event("hardware", observed=True, conn=CONN)
def AckTimeout(s: World, p: Any) -> Happening:
    """the delayed acknowledgement timer of connection {conn} expires"""
    return _keeps_time(s, p), s


@event("host", observed=True, conn=CONN)
def WrongBytes(s: World, p: Any) -> Happening:
    """the application of connection {conn} gets bytes that the peer never sent"""
    peer = s.conns[p.conn].peer
    return True, s.change(p.conn, peer=update(peer, app_gap=first_fault(peer.app_gap, 1)))


@event("wire", observed=True, conn=CONN)
def BytesAreLost(s: World, p: Any) -> Happening:
    """what is under way to the peer of connection {conn} is lost"""
    conn = s.conns[p.conn]
    return And(_keeps_time(s, p), conn.peer.got < conn.peer.sent), s


@event("wire", observed=True, conn=CONN)
def StrayRstArrives(s: World, p: Any) -> Happening:
    """an RST that is numbered outside of the window arrives on connection {conn}"""
    return _keeps_time(s, p), s


@event("wire", observed=True, conn=CONN)
def NothingIsSentAgain(s: World, p: Any) -> Happening:
    """what connection {conn} lost on the way is not sent again, in all the time that there is"""
    return True, s.change(p.conn, peer=update(s.conns[p.conn].peer, missing=True))


@event("nobody", observed=True)
def GoesOn(s: World, p: Any) -> Happening:
    """after a rest, the run goes on"""
    return s.quiescent, update(s, quiescent=False)


@event("host", observed=True, cycle=between(2))
def OffloadsAgain(s: World, p: Any) -> Happening:
    """cycle {cycle}: the host offloads to the same target again"""
    return s.phase == COMPLETED, s  # the world after it is the observer's to say


@event("target", observed=True)
def Misbehaves(s: World, p: Any) -> Happening:
    """the target misbehaves"""
    return True, s


EVENTS: tuple[Event, ...] = (
    RetransmitTimeout,
    AckTimeout,
    WrongBytes,
    BytesAreLost,
    NothingIsSentAgain,
    GoesOn,
    OffloadsAgain,
    Misbehaves,
    StrayRstArrives,
)
