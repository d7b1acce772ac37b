"""What can be observed where target, host and wire meet: one function per event.

Designs are composed of these functions, and the monitor of an executable target
applies the same ones to what it observed, so both are judged by one account.
Each takes and returns a :class:`.state.Connection` or :class:`.state.World`.
"""

from __future__ import annotations

from .logic import And, If, Max, Min, Value, clamp, modify, put
from .records import update
from .state import (
    COMPLETED,
    NULL,
    PENDING,
    Buffer,
    Connection,
    Request,
    World,
)


def set_conn(world: World, c: Value, conn: Connection) -> World:
    """The world with connection *c* replaced."""
    return update(world, conns=put(world.conns, c, conn))


def post_send(conn: Connection, length: Value) -> Connection:
    """MiniportTcpOffloadSend: one NET_BUFFER_LIST of *length* bytes."""
    buf = Buffer(begin=conn.total, end=conn.total + length, start=conn.total, status=PENDING)
    bufs = put(conn.bufs, conn.posted, buf)
    return update(conn, bufs=bufs, posted=conn.posted + 1, total=conn.total + length)


def post_receive(conn: Connection, size: Value) -> Connection:
    """MiniportTcpOffloadReceive: one receive request of *size* bytes (0 is legal)."""
    requests = put(conn.requests, conn.requested, Request(size=size, status=PENDING))
    return update(conn, requests=requests, requested=conn.requested + 1)


def transmitted(conn: Connection, upto: Value) -> Connection:
    """The target put positions below *upto* on the wire."""
    return update(conn, peer=update(conn.peer, sent=Max(conn.peer.sent, upto)))


def return_send(buf: Buffer, status: Value, done: Value) -> Buffer:
    """NdisTcpOffloadSendComplete for one buffer with *done* bytes transferred and advanced over."""
    return update(buf, status=status, bytes=done, start=buf.begin + done, returns=buf.returns + 1)


def send_completed(conn: Connection, index: Value, status: Value, done: Value) -> Connection:
    """NdisTcpOffloadSendComplete for buffer number *index*."""
    bufs = modify(conn.bufs, index, lambda buf: return_send(buf, status, done))
    return update(conn, bufs=bufs)


def acknowledged_part(buf: Buffer, una: Value) -> Value:
    """How many of the buffer's bytes lie below *una*."""
    return clamp(una - buf.begin, 0, buf.end - buf.begin)


def delivered(conn: Connection, start: Value, end: Value) -> Connection:
    """The application got the peer's bytes [start, end); the first gap or repetition sticks."""
    peer = conn.peer
    some = start < end
    gap = If(And(some, peer.app_gap == 0), start - peer.app_got, peer.app_gap)
    return update(conn, peer=update(peer, app_gap=gap, app_got=If(some, end, peer.app_got)))


def ack_sent(conn: Connection, upto: Value) -> Connection:
    """The target acknowledged the peer's positions below *upto*."""
    return update(conn, peer=update(conn.peer, acked_to=Max(conn.peer.acked_to, upto)))


def peer_receives(conn: Connection, upto: Value) -> Connection:
    """Segments that the target sent reach the peer, in order, up to *upto*; the FIN may be among them."""
    peer = conn.peer
    fin_at = If(And(upto > conn.total, peer.fin_at == NULL), conn.total, peer.fin_at)
    return update(conn, peer=update(peer, got=Max(peer.got, upto), fin_at=fin_at))


def terminate_completed(world: World, root: Value) -> World:
    """NdisMTerminateOffloadComplete with the block list *root*: the tree is the host's again."""
    conns = tuple(If(conn.block != NULL, _hand_buffered(conn), conn) for conn in world.conns)
    back = If(world.completions == 0, root, world.root_back)
    return update(world, phase=COMPLETED, completions=world.completions + 1, root_back=back, conns=conns)


def _hand_buffered(conn: Connection) -> Connection:
    reading = conn.given.buffered_from < conn.given.buffered_to
    return update(conn, host=update(conn.host, reading=reading))


def window(conn: Connection) -> Value:
    """RCV.WND as the reference computes it: room left in the receive buffer, bytes."""
    return conn.capacity - (conn.own.rcv_nxt - conn.own.consumed)


def first_pending_request(conn: Connection) -> Value:
    """Index of the oldest receive request still pending; the number posted if there is none."""
    result = conn.requested
    for k in range(len(conn.requests) - 1, -1, -1):
        result = If(And(k < conn.requested, conn.requests[k].status == PENDING), k, result)
    return result


def fill(request: Request, available: Value) -> Value:
    """How many bytes a receive request takes of those available."""
    return Min(request.size, available)
