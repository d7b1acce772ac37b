"""What is seen of executable targets and is no event of a model: timers, misbehaviour, wrong bytes."""

from __future__ import annotations

from typing import Any

from ..event import Event, Happening, event
from ..logic import And, If, Not, Value, put
from ..records import between, update
from ..tcp.numbers import NULL, WINDOW, first_fault
from ..tcp.peer import CONN, is_over
from .calls import CALL
from .state import COMPLETED, OFFLOADED, TERMINATING, UNWRITTEN, UPLOAD_IN_PROGRESS, World


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
def StraySynArrives(s: World, p: Any) -> Happening:
    """a SYN that is not numbered as the next byte arrives on connection {conn}"""
    return _keeps_time(s, p), s


@event("wire", observed=True, conn=CONN)
def SynArrives(s: World, p: Any) -> Happening:
    """a SYN that is numbered as the next byte arrives on connection {conn}"""
    return _keeps_time(s, p), s


@event("wire", observed=True, conn=CONN)
def UrgentDataArrives(s: World, p: Any) -> Happening:
    """urgent data arrives in order on connection {conn}"""
    return _keeps_time(s, p), s


@event("wire", observed=True, conn=CONN)
def StrayUrgentArrives(s: World, p: Any) -> Happening:
    """urgent data that is outside of the window, or acknowledges too much, arrives on connection {conn}"""
    return _keeps_time(s, p), s


@event("host", observed=True, conn=CONN)
def HostSendsParting(s: World, p: Any) -> Happening:
    """the host sends what is left of the data that came with the disconnect of connection {conn}"""
    conn, host, peer = s.conns[p.conn], s.conns[p.conn].host, s.conns[p.conn].peer
    left = conn.parting.length - conn.parting.advanced
    going = And(host.resumed, Not(host.aborted), Not(peer.abandoned), host.nxt == host.end)
    may = And(going, left > 0, conn.disconnect == UPLOAD_IN_PROGRESS, peer.fin_at == NULL)
    upto, shift = host.nxt + left, conn.total - left - host.nxt
    new = And(upto > peer.got, host.nxt <= peer.got)
    shift = If(new, first_fault(peer.shift, shift), peer.shift)
    after = update(peer, shift=shift, got=If(new, upto, peer.got))
    return may, s.change(p.conn, host=update(host, nxt=upto, end=upto), peer=after)


@event("wire", observed=True, conn=CONN)
def NothingIsSentAgain(s: World, p: Any) -> Happening:
    """what connection {conn} lost on the way is not sent again, in all the time that there is"""
    return True, s.change(p.conn, peer=update(s.conns[p.conn].peer, missing=True))


@event("host", observed=True, conn=CONN, size=WINDOW)
def ReceiveWindowGrows(s: World, p: Any) -> Happening:
    """the host updates the receive buffer of connection {conn} to {size} bytes"""
    conn = s.conns[p.conn]
    grown = p.size - conn.capacity  # what was offered to the peer stays as it is
    peer = update(conn.peer, offered=conn.peer.offered - grown)
    return And(_keeps_time(s, p), grown > 0), s.change(p.conn, capacity=p.size, peer=peer)


@event("nobody", observed=True)
def GoesOn(s: World, p: Any) -> Happening:
    """after a rest, the run goes on"""
    return s.quiescent, update(s, quiescent=False)


@event("host", observed=True, cycle=between(2))
def OffloadsAgain(s: World, p: Any) -> Happening:
    """cycle {cycle}: the host offloads to the same target again"""
    return s.phase == COMPLETED, s  # the world after it is the observer's to say


@event("host", observed=True, request=between(2))
def TerminatesMore(s: World, p: Any) -> Happening:
    """terminate request {request}: the host terminates another part of the tree, in a call of its own"""
    return s.phase == TERMINATING, s


@event("host", observed=True, conn=CONN)
def IsTerminatedLater(s: World, p: Any) -> Happening:
    """connection {conn} is to be terminated in a later call than the first, and until then it stays"""
    conn = s.conns[p.conn]
    return And(s.phase == OFFLOADED, conn.block != NULL, Not(s.lost(conn))), s.change(p.conn, block=NULL)


@event("host", observed=True, conn=CONN, block=between(0))
def IsTerminatedNow(s: World, p: Any) -> Happening:
    """connection {conn} is terminated in this call, in block {block} of the tree"""
    return And(s.phase == TERMINATING, s.conns[p.conn].block == NULL), s.change(p.conn, block=p.block)


@event("host", observed=True, call=CALL)
def StateCallBetween(s: World, p: Any) -> Happening:
    """the host makes call {call} (0 invalidate, 1 query, 2 update) on a path that is terminated later"""
    answered = put(s.answered, p.call, UNWRITTEN)
    may = And(s.phase == TERMINATING, Not(s.calls[p.call]))
    return may, update(s, calls=put(s.calls, p.call, True), answered=answered)


@event("target", observed=True, request=between(1))
def PartComesBack(s: World, p: Any) -> Happening:
    """the target completes terminate request {request}; another one is outstanding"""
    return s.phase == TERMINATING, s


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
    ReceiveWindowGrows,
    StraySynArrives,
    HostSendsParting,
    SynArrives,
    UrgentDataArrives,
    StrayUrgentArrives,
    TerminatesMore,
    PartComesBack,
    IsTerminatedLater,
    IsTerminatedNow,
    StateCallBetween,
)
