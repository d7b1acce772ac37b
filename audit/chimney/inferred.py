"""What our clauses demand and no sentence of the documents states for the moment that they speak of.

The catalogue says of each clause which sentences state it, and ``moments.toml`` of which moment a page
speaks. What only sentences on the offload state is inferred for the way back; a test sees to it.
"""

from __future__ import annotations

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import (
    REQUEST_ABORTED,
    SUCCESS,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)
from ...model.logic import And, Implies, Not, Or, Value
from ...model.tcp.numbers import NULL
from ...properties.chimney.cases import at, base, block_of, buffers, chained, each_buffer
from ...properties.property import Holding, clause, conjunct
from ...properties.tcp.wire import each_connection
from ..rules import Inferred
from .closing import BUFFERED, RECEIVE_ORDER, RETURNED, SEND_KEPT, SEND_ORDER

PASSED = ("pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md", "first item")


def _own(world: World, c: int, pointer: Value) -> Value:
    first = base(world, c)
    return And(pointer >= first, pointer < first + len(world.conns[c].bufs))


@clause("chain.content", *PASSED, reading="passed", each=lambda world: [("the chains", ())])
def passed_to_it(world: World) -> Holding:
    """As far as it is stated, the chain holds sends that were posted on this connection, in their order."""
    held = [
        Or(Not(chained(world, conn)), _own(world, c, block_of(world, conn).chain))
        for c, conn in enumerate(world.conns)
    ]
    for c, conn, k, buf, _ in buffers(world):
        later = And(_own(world, c, buf.next), buf.next > base(world, c) + k)
        held.append(Or(Not(chained(world, conn)), buf.next == NULL, later))
    return True, conjunct("they are sends of this connection", And(*held))


@clause(
    "receive.once",
    BUFFERED.page,
    "",
    reading="not-reset",
    each=at(each_connection, ", not reset by the peer"),
)
def not_reset(world: World, conn: Connection) -> Holding:
    """The situations looked at: a connection that the peer has not reset."""
    return True, conjunct("there was no RST", Not(conn.peer.rst), RST=conn.peer.rst)


@clause(
    "send-complete.bytes",
    "ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md",
    "Remarks, TcpOffloadBytesTransferred",
    reading="then",
    each=at(each_buffer, ", completed"),
)
def counted_then(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """BytesTransferred counts what was acknowledged at the completion, which may be less than now."""
    whole, failed = buf.status == SUCCESS, Or(buf.status == UPLOAD_IN_PROGRESS, buf.status == REQUEST_ABORTED)
    length, some = buf.end - buf.begin, acknowledged_part(buf, conn.peer.acked)
    counted = And(
        Implies(whole, buf.bytes == length), Implies(failed, And(buf.bytes >= 0, buf.bytes <= some))
    )
    return Or(whole, failed), conjunct("it counts no more than that", counted, BytesTransferred=buf.bytes)


INFERRED = (
    Inferred(
        "send.known-status",
        "A send that fails comes back as UPLOAD_IN_PROGRESS or REQUEST_ABORTED, each for its reason.",
        ("send-complete.status", "send.known-status"),
        (SEND_KEPT,),
        "two statuses are given as examples",
    ),
    Inferred(
        "send.uploaded-from-una",
        "What was acknowledged when a send was completed for the upload is all that ever is.",
        ("send-complete.advanced", "send-complete.bytes", "send.uploaded-from-una"),
        (SEND_KEPT,),
        "the page counts what was acknowledged when the send is completed",
        (counted_then,),
    ),
    Inferred(
        "chain.advanced",
        "The first byte of data in the chain is the one that SndUna names.",
        ("chain.advanced",),
        (SEND_KEPT,),
        "the page on SndUna and the MDLs speaks of the structure that the host offloads",
    ),
    Inferred(
        "chain.not-completed",
        "A send that was completed is not handed over in the chain.",
        ("chain.not-completed", "chain.content"),
        (RETURNED,),
        "outstanding data may be handled in two ways or in a combination of both",
        (passed_to_it,),
    ),
    Inferred(
        "receive.once",
        "BufferedData starts with the first byte that the application has not got.",
        ("receive.once", "receive.buffered-from-there"),
        (RECEIVE_ORDER,),
        "the pages say which data may be buffered, and not that it has not been delivered",
        (not_reset,),
    ),
    Inferred(
        "receive.up-to-rcv-nxt",
        "BufferedData ends with the byte before RcvNxt.",
        ("receive.up-to-rcv-nxt",),
        (RECEIVE_ORDER,),
        "a page and its figure say so of the data that the host offloads",
    ),
    Inferred(
        "send-complete.in-order",
        "Sends are completed in the order in which they were posted.",
        ("send-complete.in-order",),
        (SEND_ORDER, SEND_KEPT),
        "the order is demanded before a disconnect is completed, and at no other time",
    ),
)
