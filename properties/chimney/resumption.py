"""The part of the host that resumes: whatever was handed over wrongly shows in what it does then.

The guarantees on the streams stand here and not with the wire, but for one: they speak of the host's
queue, of the buffers in it, and of what became of a disconnect.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import afterwards
from ...model.chimney.resuming import passing
from ...model.chimney.state import BLOCK_SUCCESS, NONE, PENDING, SUCCESS, Buffer, Connection, World
from ...model.logic import And, If, Iff, Implies, Max, Not, Or, Value, all_of
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
from ...model.tcp.windows import edge
from ..property import Case, Holding, at_most, case, collected, conjunct, guarantee, lemma, same
from ..subject import Part
from ..tcp.wire import STREAM, acked_data, each_connection, received, sent_in_order
from .cases import at, base, block_of, buffers, connections, each_buffer, each_number, fresh


@guarantee("guarantee.send-in-order", *STREAM, each=at(each_connection, ", not reset by the peer"))
def send_in_order(world: World, conn: Connection) -> Holding:
    """The peer gets the bytes of the application in order, none skipped, none repeated."""
    queue = conjunct("the host's queue holds only this connection's data", Not(conn.host.foreign))
    return Not(conn.peer.rst), *sent_in_order(conn), queue


def _owed(conn: Connection) -> Value:
    """The host has resumed, and owes both streams to the end."""
    return And(conn.host.resumed, Not(conn.host.aborted), Not(is_over(conn)))


@guarantee("guarantee.send-kept", *STREAM)
def send_kept(world: World) -> Iterator[Case]:
    """Every byte the application sent, and its end of stream, is with the peer or with who will send it."""
    for _, conn, _, buf, where in buffers(world):
        there = at_most("the peer has all of it", ends_at=buf.end, the_peer_has=conn.peer.got)
        yield case(f"{where}, completed as SUCCESS", buf.status == SUCCESS, there)
    for c, conn in connections(world):
        seen = same(
            "the peer has seen the end of the stream", FIN_at=conn.peer.fin_at, data_ends_at=conn.total
        )
        yield case(f"connection {c}, disconnect completed as SUCCESS", conn.disconnect == SUCCESS, seen)
    for _, conn, _, buf, where in buffers(world):
        queued = Or(buf.end <= conn.peer.got, And(buf.host_at == buf.start, buf.begin <= buf.start))
        held = conjunct(
            "what the peer does not have yet, the host will send at its place",
            queued,
            data_starts_at=buf.start,
            ends_at=buf.end,
            **{"in the host's queue at": buf.host_at, "the peer has": conn.peer.got},
        )
        yield case(f"{where}, after the host resumed", And(_owed(conn), buf.status != NONE), held)
    for c, conn in connections(world):
        reach = at_most(
            "the host sends again from no later than what the peer has",
            **{"host's SND.UNA": conn.host.una, "the peer has": conn.peer.got},
        )
        yield case(f"connection {c}, after the host resumed", _owed(conn), reach)


@guarantee("guarantee.receive-kept", *STREAM, each=each_connection)
def receive_kept(world: World, conn: Connection) -> Holding:
    """Every byte that was acknowledged to the peer reaches the application."""
    delivered = at_most(
        "the application has all data that was acknowledged to the peer",
        acknowledged_up_to=acked_data(conn),
        the_application_has=conn.peer.app_got,
    )
    expected = at_most(
        "the host does not wait for what the peer will not send again",
        **{"acknowledged up to": conn.peer.acked_to, "host's RCV.NXT": conn.host.rcv},
    )
    return _owed(conn), delivered, expected


@guarantee("guarantee.window-kept", *STREAM, each=each_connection)
def window_kept(world: World, conn: Connection) -> Holding:
    """What the peer was invited to send is not refused after the hand-off."""
    refused = conn.host.refused
    return True, conjunct(
        "the host has room for what the peer was invited to send", refused == 0, bytes_refused=refused
    )


@guarantee(
    "guarantee.no-silent-loss",
    "seed.txt",
    "Remarks, NDIS_STATUS_FAILURE",
    each=at(each_connection, ", lost by the hardware"),
)
def no_silent_loss(world: World, conn: Connection) -> Holding:
    """A connection whose state is lost is never resumed as if nothing had happened."""
    gone = And(conn.host.resumed, world.lost(conn))
    return gone, conjunct(
        "the host knows that the state is lost",
        conn.host.aborted,
        Status_is_SUCCESS=block_of(world, conn).status == BLOCK_SUCCESS,
    )


@lemma("own-queue", each=each_connection)
def own_queue(w: World, conn: Connection) -> Value:
    """The host's queue holds the connection's own buffers."""
    return Not(conn.host.foreign)


@lemma("walked", each=each_number, stepwise=True)
def walked(w: World, c: int, conn: Connection) -> Value:
    """The host that follows the chain comes to each pending send in turn, and stands at its first byte."""
    some, first, here = conn.own.first < conn.posted, conn.own.first, base(w, c)
    ends = [buf.end for buf in conn.bufs]
    parts = []
    for k, (pointer, position) in enumerate(passing(conn, block_of(w, conn).chain, here)):
        before = Or(Not(some), k <= first)
        due = If(And(some, k <= first), here + first, If(And(some, k < conn.posted), here + k, NULL))
        stands = If(before, conn.peer.acked, If(k <= conn.posted, ends[k - 1], conn.total))
        parts += [Implies(fresh(w, conn), pointer == due), Implies(fresh(w, conn), position == stands)]
    return all_of(parts)


@lemma("resumed", each=each_connection)
def resumed(w: World, conn: Connection) -> Value:
    """The host resumes what is handed back, and gives up what is lost."""
    host = conn.host
    return And(
        Implies(host.aborted, host.resumed),
        Implies(host.resumed, w.handed_back(conn)),
        Implies(host.resumed, Iff(host.aborted, w.lost(conn))),
        Implies(host.reading, w.handed_back(conn)),
    )


def _in_charge(conn: Connection) -> Value:
    return And(conn.host.resumed, Not(conn.host.aborted), Not(conn.peer.abandoned))


@lemma("host-una", each=each_connection)
def host_una(w: World, conn: Connection) -> Value:
    """The resuming host stands at SND.UNA."""
    host = conn.host
    return Implies(_in_charge(conn), And(host.una == conn.peer.acked, host.una <= host.nxt))


@lemma("host-nxt", each=each_connection)
def host_nxt(w: World, conn: Connection) -> Value:
    """It sends within its queue."""
    return Implies(_in_charge(conn), conn.host.nxt <= conn.host.end)


@lemma("host-end", each=each_connection)
def host_end(w: World, conn: Connection) -> Value:
    """Its queue ends where the data ends."""
    peer = conn.peer
    due = If(peer.rst, peer.acked, Max(peer.acked, conn.total))
    return Implies(_in_charge(conn), conn.host.end == due)


@lemma("host-rcv", each=each_connection)
def host_rcv(w: World, conn: Connection) -> Value:
    """It expects what was not acknowledged, and has passed on the rest."""
    host, peer = conn.host, conn.peer
    fin = received(conn) - peer.arrived
    return Implies(
        _in_charge(conn),
        And(peer.acked_to <= host.rcv, peer.app_got + fin == host.rcv, peer.arrived <= peer.app_got),
    )


@lemma("host-window", each=each_connection)
def host_window(w: World, conn: Connection) -> Value:
    """The host has room for what the peer was offered."""
    over = Or(conn.peer.fin, conn.peer.rst)
    return Implies(And(_in_charge(conn), Not(over)), edge(conn) <= conn.host.edge)


@lemma("requeued", each=each_buffer)
def requeued(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """The host queues a pending send at its place."""
    return Implies(And(_in_charge(conn), buf.status == PENDING), buf.host_at == buf.start)


@lemma("given-back", each=each_buffer)
def given_back(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """The host got a pending send back once."""
    return Implies(And(_in_charge(conn), buf.status == PENDING), buf.returns == 1)


RESUMING = Part(
    "resuming",
    "the host that takes a connection up again, and what both streams are owed",
    needs=("wire", "chain", "window", "receiving", "closing"),
    events=(
        afterwards.HostResumes,
        afterwards.HostTransmits,
        afterwards.HostSendsFin,
        afterwards.HostReceives,
    ),
    properties=collected(globals()),
)
