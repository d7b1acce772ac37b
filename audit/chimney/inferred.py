"""What our clauses demand and no sentence of the documents states for the moment that they speak of.

The catalogue says of each clause which sentences state it, and ``moments.toml`` of which moment a page
speaks. What only sentences on the offload state is inferred for the way back; a test sees to it.
"""

from __future__ import annotations

from ...model.chimney.state import Connection, World
from ...model.logic import And, Not, Or, Value
from ...model.tcp.numbers import NULL
from ...properties.chimney.cases import at, base, block_of, buffers, chained
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


INFERRED = (
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
