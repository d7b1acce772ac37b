"""How a stream ends in either direction: a FIN beside a send, and a FIN beside a request that is not full.

Sources: ddi/nc-ndischimney-w_tcp_offload_receive_handler.md, -w_tcp_offload_send_handler.md,
-w_tcp_offload_disconnect_handler.md, -ndis_tcp_offload_event_indicate.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, If, Not, Value
from ....model.records import BOOL, enum, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import Said, sentence

OWN_FIN = enum("not sent", "sent after the data", "sent before the data")
NOT_SENT, AFTER, BEFORE = range(3)
REQUEST = enum("none", "empty", "partly filled", "full", "completed")
NONE, EMPTY, PARTLY, FULL, COMPLETED = range(5)


@dataclasses.dataclass(frozen=True)
class Ends:
    """A send and a disconnect of the host; a receive request in nonpush mode, and the peer's FIN."""

    calling: Value = var(BOOL)  # the host's call to send is under way
    taken: Value = var(BOOL)  # the target has the send
    closing: Value = var(BOOL)  # the host has asked to disconnect
    own_fin: Value = var(OWN_FIN)
    request: Value = var(REQUEST)
    was_full: Value = var(BOOL)  # the request, when it was completed
    fin: Value = var(BOOL)  # the peer's
    told: Value = var(BOOL)  # of it the host
    quiet: Value = var(BOOL)


@event("host")
def BeginsToSend(s: Any, p: Any) -> Happening:
    """the host calls MiniportTcpOffloadSend"""
    return And(Not(s.calling), Not(s.taken), Not(s.closing)), update(s, calling=True)


@event("host")
def Disconnects(s: Any, p: Any) -> Happening:
    """the host calls MiniportTcpOffloadDisconnect, on another processor"""
    return Not(s.closing), update(s, closing=True)


@event("target")
def TakesTheSend(s: Any, p: Any) -> Happening:
    """the target takes the send that the host is passing to it"""
    return s.calling, update(s, calling=False, taken=True)


@event("target")
def SendsItsFin(s: Any, p: Any) -> Happening:
    """the target sends all that it has, and its FIN"""
    may = And(s.closing, s.own_fin == NOT_SENT)
    return may, update(s, own_fin=If(s.calling, BEFORE, AFTER))


@event("host")
def PostsARequest(s: Any, p: Any) -> Happening:
    """the host posts a receive request of two bytes in nonpush mode"""
    return And(s.request == NONE, Not(s.fin)), update(s, request=EMPTY)


@event("peer")
def ByteArrives(s: Any, p: Any) -> Happening:
    """a byte arrives, and goes into the request"""
    into = If(s.request == EMPTY, PARTLY, FULL)
    return And(s.request != NONE, s.request != FULL, s.request != COMPLETED, Not(s.fin)), update(
        s, request=into
    )


@event("target")
def CompletesTheRequest(s: Any, p: Any) -> Happening:
    """the target completes the receive request"""
    return s.request != NONE, update(s, request=COMPLETED, was_full=s.request == FULL)


@event("peer")
def FinArrives(s: Any, p: Any) -> Happening:
    """the peer's FIN arrives"""
    return Not(s.fin), update(s, fin=True)


@event("target")
def TellsTheEnd(s: Any, p: Any) -> Happening:
    """the target indicates TcpIndicateDisconnect"""
    return And(s.fin, Not(s.told)), update(s, told=True)


@event("nobody")
def ComesToRest(s: Any, p: Any) -> Happening:
    """everybody has had all the time there is"""
    return Not(s.quiet), update(s, quiet=True)


HANDLER = ("ddi/nc-ndischimney-w_tcp_offload_receive_handler.md", "Remarks")
TOLD = ("ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md", "Indicating a Graceful Disconnect")


@sentence("ends.only-when-full", *HANDLER)
def only_when_full(s: Any) -> Said:
    """A receive request in nonpush mode is completed only when it is full."""
    return s.request == COMPLETED, s.was_full


@sentence("ends.full-at-once", *HANDLER)
def full_at_once(s: Any) -> Said:
    """A full receive request is completed immediately."""
    return s.quiet, s.request != FULL


@sentence("ends.told-when-consumed", *TOLD)
def told_when_consumed(s: Any) -> Said:
    """The end of the stream is told only when all data before it is consumed."""
    return s.told, And(s.request != PARTLY, s.request != FULL)


@sentence("ends.told", *TOLD)
def told(s: Any) -> Said:
    """The end of the stream is told once all data before it is consumed."""
    return And(s.quiet, s.fin, s.request != PARTLY, s.request != FULL), s.told


@sentence("ends.fin", "ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Graceful Disconnect")
def own_fin(s: Any) -> Said:
    """A graceful disconnect sends a FIN."""
    return And(s.quiet, s.closing), s.own_fin != NOT_SENT


EVENTS = (
    BeginsToSend,
    Disconnects,
    TakesTheSend,
    SendsItsFin,
    PostsARequest,
    ByteArrives,
    CompletesTheRequest,
    FinArrives,
    TellsTheEnd,
    ComesToRest,
)

SUBJECT = Subject(
    "ends",
    "the end of a stream",
    lambda bounds: Ends(),
    parts=(Part("ends", events=EVENTS, properties=collected(globals())),),
)

AUDITED = Audited(
    SUBJECT,
    comes_to={
        "events.send-with-disconnect": lambda s: And(s.own_fin == BEFORE, s.taken),
        "events.partly-filled-at-fin": lambda s: And(s.quiet, s.fin, s.request == PARTLY, Not(s.told)),
    },
)
