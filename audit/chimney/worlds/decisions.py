"""What the documents leave to the reader and the model had to decide: who moves first, and the other way.

Sources: pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md (two ways, no order);
pages/handling-segments-received-during-a-terminate-offload-operation.md and
pages/handling-send-requests-during-a-terminate-offload-operation.md (what both should not do).
"""

from __future__ import annotations

from typing import Any

from ....model.chimney.resuming import queued, resume
from ....model.chimney.state import NONE, PENDING, UPLOAD_IN_PROGRESS, Buffer
from ....model.event import Happening, event
from ....model.logic import And, If, Not, Or, Value, put
from ....model.records import anew, update
from ....model.tcp.numbers import FROM_0, FROM_1, NULL, WINDOW
from ....model.tcp.peer import CONN, is_over
from ...rules import Decision
from ..closing import SEND_KEPT, SEND_ORDER


def returned_first(
    bufs: tuple[Buffer, ...], chain: Value, base: int, una: Value
) -> tuple[tuple[Buffer, ...], Value, Value]:
    """The sends that came back go into the queue, and the chain behind them."""
    first, places = una, []
    for buf in bufs:
        came_back = buf.status == UPLOAD_IN_PROGRESS
        places.append(If(came_back, first, NULL))
        first = If(came_back, first + (buf.end - buf.start), first)
    rest = tuple(update(b, status=If(b.status == UPLOAD_IN_PROGRESS, NONE, b.status)) for b in bufs)
    chained, end, foreign = queued(rest, chain, base, first)
    whole = (
        update(b, status=old.status, host_at=If(place != NULL, place, b.host_at))
        for b, old, place in zip(chained, bufs, places, strict=True)
    )
    return tuple(whole), end, foreign


@event("host", conn=CONN)
def HostResumes(s: Any, p: Any) -> Happening:
    """the host takes connection {conn} up again: what came back goes out first, and the chain behind it"""
    conn = s.conns[p.conn]
    after = resume(s, p.conn, returned_first)
    return And(s.handed_back(conn), Not(conn.host.resumed)), s.with_conn(p.conn, after)


@event("peer", conn=CONN, upto=FROM_0, window=WINDOW)
def AckArrives(s: Any, p: Any) -> Happening:
    """an acknowledgement up to position {upto} is processed on connection {conn}, window {window}"""
    conn = s.conns[p.conn]
    fresh = And(conn.peer.acked <= p.upto, p.upto <= conn.peer.got, Not(s.lost(conn)))
    taken = s.change(p.conn, peer=update(conn.peer, acked=p.upto, wnd=p.window))
    return And(s.reachable(conn), Not(conn.peer.abandoned), fresh), taken


@event("host", conn=CONN, length=FROM_1)
def MiniportTcpOffloadSend(s: Any, p: Any) -> Happening:
    """the host posts {length} bytes to send on connection {conn}, terminating or not"""
    conn = s.conns[p.conn]
    end = conn.total + p.length
    buf = anew(conn.bufs[0], begin=conn.total, end=end, start=conn.total, status=PENDING)
    may = And(Or(s.live(conn), s.ending(conn)), Not(is_over(conn)), conn.disconnect == NONE)
    bufs = put(conn.bufs, conn.posted, buf)
    after = s.change(p.conn, bufs=bufs, posted=conn.posted + 1, total=end)
    return And(may, conn.posted < len(conn.bufs), p.length >= 1), after


DECISIONS = (
    Decision(
        "host.queue@returned-first",
        "The host sends what is in the chain first, and then what came back as UPLOAD_IN_PROGRESS.",
        "The host sends what came back first, and then the chain.",
        (HostResumes,),
        (SEND_ORDER, SEND_KEPT),
    ),
    Decision(
        "segments.terminating@processed",
        "A target that is terminating a connection processes no acknowledgement any more.",
        "It should not, and may: acknowledgements count until the termination is completed.",
        (AckArrives,),
        (SEND_KEPT, SEND_ORDER),
    ),
    Decision(
        "requests.terminating@posted",
        "The host posts no send once it has asked for the termination.",
        "It should not, and may: sends are posted until the termination is completed.",
        (MiniportTcpOffloadSend,),
        (SEND_KEPT, SEND_ORDER),
    ),
)
