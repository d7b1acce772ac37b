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
from collections.abc import Iterator
from typing import Any

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.event import Index, event
from chimneysweep.model.logic import And, If, Not, Or, Value, all_of, put
from chimneysweep.model.records import BOOL, INT, between, enum, update, var
from chimneysweep.properties.property import Case, Conjunct, Property, Source
from chimneysweep.properties.subject import Part, Subject

# What there is: the state, as records of variables.

PLACE = enum("nowhere", "backlog", "old process", "message", "successor")
NOWHERE, BACKLOG, OLD, MESSAGE, SUCCESSOR = range(5)


@dataclasses.dataclass(frozen=True)
class Conn:
    """One connection of a client through the proxy."""

    place: Value = var(PLACE)  # who has the socket
    sent: Value = var(INT)  # bytes that the client sent
    read: Value = var(INT)  # bytes that the proxy read from the socket, whichever process did
    buf_from: Value = var(INT)  # the buffer of the process that has the socket
    buf_to: Value = var(INT)
    msg_from: Value = var(INT)  # the buffer as it was put into the message
    msg_to: Value = var(INT)
    got: Value = var(INT)  # bytes that the server got
    wrong: Value = var(BOOL)  # one of them was not the next one of the client


@dataclasses.dataclass(frozen=True)
class Proxy:
    """Both processes."""

    restarting: Value = var(BOOL)  # the old process was told to hand over
    passed: Value = var(BOOL)  # it sent the message, and is gone
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


def _in_order(s: Proxy) -> Iterator[Case]:
    for number, conn in enumerate(s.conns):
        told = {"bytes at the server": conn.got}
        right = Conjunct("each byte came once and in its place", Not(conn.wrong), told)
        yield Case(f"connection {number}", True, (right,))


def _kept(s: Proxy) -> Iterator[Case]:
    for number, conn in enumerate(s.conns):
        begins = Conjunct(
            "the buffer begins where the server's bytes end",
            conn.buf_from == conn.got,
            {"the buffer begins at": conn.buf_from, "bytes at the server": conn.got},
        )
        ends = Conjunct(
            "the buffer ends where the socket goes on",
            conn.buf_to == conn.read,
            {"the buffer ends at": conn.buf_to, "bytes read": conn.read},
        )
        yield Case(f"connection {number}", conn.place != NOWHERE, (begins, ends))


def _not_left(s: Proxy) -> Iterator[Case]:
    for number, conn in enumerate(s.conns):
        gone = Not(Or(conn.place == OLD, conn.place == MESSAGE))
        yield Case(f"connection {number}", s.passed, (Conjunct("the old process has it no more", gone),))


OURS = Source("proxy.md", "Restarting")
GUARANTEES = (
    Property("bytes.in-order", "guarantee", "The server gets each byte once and in order.", OURS, _in_order),
    Property(
        "bytes.kept",
        "guarantee",
        "Every byte that was read is at the server or in the buffer of the process that has the socket.",
        OURS,
        _kept,
    ),
    Property(
        "connections.kept",
        "guarantee",
        "No connection stays with a process that is gone.",
        OURS,
        _not_left,
    ),
)

PROXY = Subject(
    "proxy",
    "a proxy passes its sockets, with their buffers, to its successor",
    start,
    parts=(
        Part(
            "restart",
            events=(
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
            ),
            properties=GUARANTEES,
        ),
    ),
    bounds=Bounds("{connections} connections", connections=2),
)
