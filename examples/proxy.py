"""A proxy that restarts: the old process passes its sockets, with their buffers, to its successor.

The proxy reads from clients and writes to servers. What it has read and not written yet lies in a buffer in
its memory. To restart without closing a connection it starts a second process, and sends it the listening
socket and every connected one in a message over a Unix socket (SCM_RIGHTS), each with its buffer.

Bytes are counted, not kept: [from, to) are the client's bytes number from, from+1, ..., to-1.

    chimneysweep check examples/proxy.py

There is a mistake in it: docs/own-protocol.md finds it, mends it, and proves that the rest is right.
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
    all_of,
    between,
    collected,
    conjunct,
    enum,
    event,
    guarantee,
    put,
    update,
    var,
)

# What there is: the state, as records of variables.

PLACE = enum("nowhere", "backlog", "old process", "message", "successor")
NOWHERE, BACKLOG, OLD, MESSAGE, SUCCESSOR = range(5)


@dataclasses.dataclass(frozen=True)
class Conn:
    """One connection of a client through the proxy."""

    place: Value = var(PLACE, says="socket of connection {0}")  # who has it
    sent: Value = var(INT, says="bytes that client {0} sent")
    read: Value = var(INT, says="bytes read from connection {0}")  # by whichever process
    buf_from: Value = var(INT, says="buffer of connection {0} begins at")  # of who has the socket
    buf_to: Value = var(INT, says="buffer of connection {0} ends before")
    msg_from: Value = var(INT, says="buffer of connection {0} in the message begins at")
    msg_to: Value = var(INT, says="buffer of connection {0} in the message ends before")
    got: Value = var(INT, says="bytes at the server of connection {0}")
    wrong: Value = var(BOOL, says="a byte of connection {0} was missing or came twice")


@dataclasses.dataclass(frozen=True)
class Proxy:
    """Both processes."""

    restarting: Value = var(BOOL, says="the old process was told to hand over")
    passed: Value = var(BOOL, says="the message was sent")  # and the old process is gone
    conns: tuple[Conn, ...] = ()


def start(bounds: Bounds) -> Proxy:
    """The state in which every run begins: nobody has connected yet."""
    return Proxy(conns=(Conn(),) * bounds.connections)


def changed(s: Proxy, number: int, **fields: Value) -> Proxy:
    """The state with some fields of one connection replaced."""
    return update(s, conns=put(s.conns, number, update(s.conns[number], **fields)))


# What may happen: who does it, what must be true before (else it cannot happen), and the state afterwards.

CONN = Index("connections")  # the number of a connection
SOME = between(1)  # a number of bytes: one or more


@event("client", conn=CONN)
def Connects(s: Proxy, p: Any) -> Any:
    """the client of connection {conn} connects"""
    return s.conns[p.conn].place == NOWHERE, changed(s, p.conn, place=BACKLOG)


@event("client", conn=CONN, bytes=SOME)
def Sends(s: Proxy, p: Any) -> Any:
    """the client of connection {conn} sends {bytes} bytes"""
    conn = s.conns[p.conn]
    return conn.place != NOWHERE, changed(s, p.conn, sent=conn.sent + p.bytes)


@event("old process", conn=CONN)
def Accepts(s: Proxy, p: Any) -> Any:
    """the old process accepts connection {conn}"""
    return And(s.conns[p.conn].place == BACKLOG, Not(s.passed)), changed(s, p.conn, place=OLD)


def reads(s: Proxy, p: Any) -> Proxy:
    """The next bytes from the socket come behind those in the buffer."""
    conn = s.conns[p.conn]
    hole = conn.buf_to != conn.read  # the buffer does not end where the socket goes on: bytes are missing
    return changed(
        s, p.conn, read=conn.read + p.bytes, buf_to=conn.read + p.bytes, wrong=Or(conn.wrong, hole)
    )


def writes(s: Proxy, p: Any) -> Proxy:
    """The first bytes of the buffer go to the server."""
    conn = s.conns[p.conn]
    upto = conn.buf_from + p.bytes
    again = conn.buf_from != conn.got  # not the byte that the server waits for
    return changed(s, p.conn, buf_from=upto, got=upto, wrong=Or(conn.wrong, again))


def arrived(conn: Conn, bytes: Value) -> Value:
    """Whether so many bytes can be read from the socket."""
    return conn.read + bytes <= conn.sent


def buffered(conn: Conn, bytes: Value) -> Value:
    """Whether so many bytes can be written from the buffer."""
    return conn.buf_from + bytes <= conn.buf_to


@event("old process", conn=CONN, bytes=SOME)
def OldReads(s: Proxy, p: Any) -> Any:
    """the old process reads {bytes} bytes from connection {conn} into its buffer"""
    conn = s.conns[p.conn]
    mine = And(conn.place != NOWHERE, conn.place != BACKLOG, Not(s.passed))
    return And(mine, arrived(conn, p.bytes)), reads(s, p)


@event("old process", conn=CONN, bytes=SOME)
def OldWrites(s: Proxy, p: Any) -> Any:
    """the old process writes {bytes} bytes of its buffer to the server of connection {conn}"""
    conn = s.conns[p.conn]
    return And(conn.place == OLD, buffered(conn, p.bytes)), writes(s, p)


@event("operator")
def Restart(s: Proxy, p: Any) -> Any:
    """the operator restarts the proxy"""
    return Not(s.restarting), update(s, restarting=True)


@event("old process", conn=CONN)
def Pack(s: Proxy, p: Any) -> Any:
    """the old process puts connection {conn} and its buffer into the message"""
    conn = s.conns[p.conn]
    may = And(s.restarting, conn.place == OLD)
    return may, changed(s, p.conn, place=MESSAGE, msg_from=conn.buf_from, msg_to=conn.buf_to)


def taken_over(conn: Conn) -> Conn:
    """A connection as the successor has it: what was in the message is all that it knows."""
    mine = update(conn, place=SUCCESSOR, buf_from=conn.msg_from, buf_to=conn.msg_to)
    return If(conn.place == MESSAGE, mine, conn)


@event("old process")
def Pass(s: Proxy, p: Any) -> Any:
    """the old process sends the message with all its sockets, and ends"""
    packed = all_of(conn.place != OLD for conn in s.conns)
    after = update(s, passed=True, conns=tuple(taken_over(conn) for conn in s.conns))
    return And(s.restarting, Not(s.passed), packed), after


@event("successor", conn=CONN)
def NewAccepts(s: Proxy, p: Any) -> Any:
    """the successor accepts connection {conn}"""
    return And(s.conns[p.conn].place == BACKLOG, s.passed), changed(s, p.conn, place=SUCCESSOR)


@event("successor", conn=CONN, bytes=SOME)
def NewReads(s: Proxy, p: Any) -> Any:
    """the successor reads {bytes} bytes from connection {conn} into its buffer"""
    conn = s.conns[p.conn]
    return And(conn.place == SUCCESSOR, arrived(conn, p.bytes)), reads(s, p)


@event("successor", conn=CONN, bytes=SOME)
def NewWrites(s: Proxy, p: Any) -> Any:
    """the successor writes {bytes} bytes of its buffer to the server of connection {conn}"""
    conn = s.conns[p.conn]
    return And(conn.place == SUCCESSOR, buffered(conn, p.bytes)), writes(s, p)


# What must hold, in every state that can be reached.


def each_connection(s: Proxy) -> list[Any]:
    """The places of which the guarantees speak: every connection, by its number."""
    return [(f"connection {number}", (conn,)) for number, conn in enumerate(s.conns)]


@guarantee("bytes.in-order", "the proxy's manual", each=each_connection)
def in_order(s: Proxy, conn: Conn) -> Any:
    """The server gets each byte of the client once, and in order."""
    return True, conjunct("no byte was missing or came twice", Not(conn.wrong), bytes_at_the_server=conn.got)


@guarantee("bytes.kept", "the proxy's manual", each=each_connection)
def kept(s: Proxy, conn: Conn) -> Any:
    """Every byte that was read is at the server, or in the buffer of the process that has the socket."""
    begins = conjunct(
        "the buffer begins where the server's bytes end",
        conn.buf_from == conn.got,
        buffer_begins_at=conn.buf_from,
        bytes_at_the_server=conn.got,
    )
    ends = conjunct(
        "the buffer ends where the socket goes on",
        conn.buf_to == conn.read,
        buffer_ends_at=conn.buf_to,
        bytes_read=conn.read,
    )
    return True, begins, ends


@guarantee("connections.kept", "the proxy's manual", each=each_connection)
def none_left(s: Proxy, conn: Conn) -> Any:
    """No connection stays with a process that is gone."""
    gone = Not(Or(conn.place == OLD, conn.place == MESSAGE))
    return s.passed, conjunct("the old process does not have it any more", gone, it_is_with=conn.place)


EVENTS = (
    Connects,
    Sends,
    Accepts,
    OldReads,
    OldWrites,
    Restart,
    Pack,
    Pass,
    NewAccepts,
    NewReads,
    NewWrites,
)

PROXY = Subject(
    "proxy",
    "a proxy passes its sockets, with their buffers, to its successor",
    start,
    parts=(Part("restart", "the hand-over of the sockets", events=EVENTS, properties=collected(globals())),),
    bounds=Bounds("{connections} connections", connections=2),
)
