"""The host stack after the hand-off: it resumes, and what it was given shows on the wire.

Sources: pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md
(buffered data, its return); ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md (the
host sends what came back); RFC 9293 section 3.8 (it may send again from SND.UNA).

Known limitation: the host sends whole buffers, and the peer, once heard again, sends
data in order.
"""

from __future__ import annotations

from typing import Any

from ..event import Event, Happening, event
from ..logic import And, If, Max, Min, Not, Or, Value, all_of
from ..records import update
from ..tcp.numbers import FROM_1, NULL, first_fault
from ..tcp.peer import CONN, delivered
from ..tcp.windows import acknowledged, edge
from .resuming import resume
from .state import COMPLETED, UPLOAD_IN_PROGRESS, Connection, World


def _in_charge(conn: Connection) -> Value:
    return And(conn.host.resumed, Not(conn.host.aborted), Not(conn.peer.abandoned))


@event("host", conn=CONN)
def HostResumes(s: World, p: Any) -> Happening:
    """the host takes connection {conn} up again from what it was handed"""
    conn = s.conns[p.conn]
    return And(s.handed_back(conn), Not(conn.host.resumed)), s.with_conn(p.conn, resume(s, p.conn))


@event("host", conn=CONN)
def HostTransmits(s: World, p: Any) -> Happening:
    """the host sends the next buffer of its queue on connection {conn}"""
    conn = s.conns[p.conn]
    host, peer = conn.host, conn.peer
    may = And(_in_charge(conn), host.nxt < host.end, host.nxt <= peer.got)
    length, shift = _next_buffer(conn)
    upto = host.nxt + length
    new = upto > peer.got  # the peer takes what it has not yet
    peer = update(
        peer, shift=If(new, first_fault(peer.shift, shift), peer.shift), got=If(new, upto, peer.got)
    )
    return may, s.change(p.conn, host=update(host, nxt=upto), peer=peer)


def _next_buffer(conn: Connection) -> tuple[Value, Value]:
    """Of the buffer that the host has at its SND.NXT: its length, and how far its data is out of place."""
    length: Value = 0
    shift: Value = 0
    for buf in reversed(conn.bufs):
        here = And(buf.host_at == conn.host.nxt, buf.start < buf.end)
        length = If(here, buf.end - buf.start, length)
        shift = If(here, buf.start - buf.host_at, shift)
    return length, shift


@event("host", conn=CONN)
def HostSendsFin(s: World, p: Any) -> Happening:
    """the host sends the FIN of connection {conn}"""
    conn = s.conns[p.conn]
    asked = And(_in_charge(conn), conn.disconnect == UPLOAD_IN_PROGRESS)
    may = And(asked, conn.host.nxt == conn.host.end, conn.peer.fin_at == NULL)
    return may, s.change(p.conn, peer=update(conn.peer, fin_at=conn.host.nxt))


@event("peer", conn=CONN, length=FROM_1)
def HostReceives(s: World, p: Any) -> Happening:
    """{length} bytes reach the host on connection {conn}, and it delivers what its window has room for"""
    conn, host = s.conns[p.conn], s.conns[p.conn].host
    heard = conn.peer.acked_to <= host.rcv  # the peer sends again from what it saw acknowledged
    invited = host.rcv + p.length <= Max(edge(conn), host.edge)
    steady = And(_in_charge(conn), Not(conn.peer.fin), Not(conn.peer.rst))
    taken = Max(0, Min(p.length, host.edge - host.rcv))
    upto, refused = host.rcv + taken, first_fault(host.refused, p.length - taken)
    # What the application gets leaves its room to what comes.
    after = acknowledged(delivered(conn, host.rcv, upto), upto, host.edge - host.rcv)
    after = update(after, host=update(host, rcv=upto, edge=host.edge + taken, refused=refused))
    return And(steady, heard, invited, p.length >= 1), s.with_conn(p.conn, after)


@event("host", conn=CONN)
def MiniportTcpOffloadReceiveReturn(s: World, p: Any) -> Happening:
    """the host returns the target's receive buffers of connection {conn}"""
    conn = s.conns[p.conn]
    reading = And(conn.host.reading, Not(conn.host.resumed))
    may = Or(conn.lent, And(conn.host.reading, conn.host.resumed))
    return may, s.change(p.conn, lent=False, host=update(conn.host, reading=reading))


def settled(world: World) -> Value:
    """Whether the host has nothing left to do, for a termination or without one."""
    idle = [Not(world.status_indication), Not(world.event_indication)]
    for conn in world.conns:
        idle += [Not(conn.event), Not(conn.indication), Not(conn.lent), Not(conn.host.reading)]
        idle.append(Or(world.phase != COMPLETED, conn.block == NULL, conn.host.resumed))
    return all_of(idle)


@event("nobody")
def Quiet(s: World, p: Any) -> Happening:
    """everybody has had all the time there is, and nothing more happens"""
    return settled(s), update(s, quiescent=True)


EVENTS: tuple[Event, ...] = (
    HostResumes,
    HostTransmits,
    HostSendsFin,
    HostReceives,
    MiniportTcpOffloadReceiveReturn,
)
