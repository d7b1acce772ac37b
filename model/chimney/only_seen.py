"""What is seen of executable targets and is no event of a model: timers, misbehaviour, wrong bytes."""

from __future__ import annotations

from typing import Any

from ..event import Event, Happening, event
from ..records import update
from ..tcp.peer import CONN, first_fault
from .state import World


@event("hardware", observed=True, conn=CONN)
def RetransmitTimeout(s: World, p: Any) -> Happening:
    """the retransmit timer of connection {conn} expires"""
    return True, s


@event("hardware", observed=True, conn=CONN)
def AckTimeout(s: World, p: Any) -> Happening:
    """the delayed acknowledgement timer of connection {conn} expires"""
    return True, s


@event("host", observed=True, conn=CONN)
def WrongBytes(s: World, p: Any) -> Happening:
    """the application of connection {conn} gets bytes that the peer never sent"""
    peer = s.conns[p.conn].peer
    return True, s.change(p.conn, peer=update(peer, app_gap=first_fault(peer.app_gap, 1)))


@event("target", observed=True)
def Misbehaves(s: World, p: Any) -> Happening:
    """the target misbehaves"""
    return True, s


EVENTS: tuple[Event, ...] = (RetransmitTimeout, AckTimeout, WrongBytes, Misbehaves)
