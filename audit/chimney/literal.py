"""Sentences taken as they stand, which the formal clauses leave out because they do not go together.

They are properties for the audit alone: it asks with which others they clash, and where.
A check of a design or a target knows nothing of them. The reading "stated" marks what no
formal clause says as yet and nobody doubts: a clash may rest on it, and is not about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import (
    NONE,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)
from ...model.logic import And, Not, Or, Value
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
from ...properties.chimney import receives
from ...properties.chimney.cases import at, block_of, completed, connections, each_buffer
from ...properties.chimney.send_chain import SEED
from ...properties.property import Case, Conjunct, Holding, case, clause, collected, conjunct
from ...properties.tcp.wire import each_connection

FAILURE = "pages/returning-the-completion-status-of-a-terminate-offload-operation.md"
HANDLER = ("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks")


@clause(
    "chain.non-null",
    *SEED,
    reading="always",
    each=at(each_connection, ", with data that the peer has not acknowledged"),
)
def non_null(world: World, conn: Connection) -> Holding:
    """By the completion page alone: data that is not acknowledged travels in the chain, in every case."""
    block = block_of(world, conn)
    left = (
        And(*(b.status != s for s in (NONE, SUCCESS, REQUEST_ABORTED)), b.end > conn.peer.acked)
        for b in conn.bufs
    )
    owed = And(world.handed_back(conn), Not(world.lost(conn)), Not(conn.peer.abandoned), Or(*left))
    return owed, conjunct(
        "NetBufferListChain is not NULL", block.chain != NULL, NetBufferListChain=block.chain
    )


@clause(
    "chain.non-null",
    *SEED,
    reading="with-fin",
    each=at(each_connection, ", with a FIN that the peer has not acknowledged"),
)
def fin_is_send_data(world: World, conn: Connection) -> Holding:
    """Read so that a FIN is send data: one that is not acknowledged needs a chain to travel in."""
    block, peer = block_of(world, conn), conn.peer
    owed = And(world.handed_back(conn), Not(world.lost(conn)), Not(is_over(conn)), peer.sent > conn.total)
    return And(owed, peer.acked <= conn.total), conjunct(
        "NetBufferListChain is not NULL", block.chain != NULL, NetBufferListChain=block.chain
    )


@clause("receive.kept", receives.BUFFERED, "second paragraph", reading="after-reset", each=each_connection)
def kept_after_reset(world: World, conn: Connection) -> Holding:
    """Read without an exception: what was acknowledged before an RST is handed over, too."""
    return receives.undelivered(world, conn), receives.handed_over(conn)


def _failed(world: World, conn: Connection, buf: Buffer, which: Value, status: int) -> Holding:
    """A failed send of a connection that nobody has reset or aborted: its one status."""
    failed = And(
        world.handed_back(conn), which, Not(is_over(conn)), buf.status > PENDING, buf.status != SUCCESS
    )
    return failed, conjunct("its status gives the reason", buf.status == status, status=buf.status)


@clause(
    "send-complete.upload-status",
    "ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md",
    "Remarks",
    reading="stated",
    each=at(each_buffer, ", failed"),
)
def upload_status(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """A send that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS."""
    return _failed(world, conn, buf, Not(world.lost(conn)), UPLOAD_IN_PROGRESS)


@clause("hardware-failure.aborted", FAILURE, "step 4", reading="stated", each=at(each_buffer, ", failed"))
def aborted(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """A send of a connection that is lost comes back as NDIS_STATUS_REQUEST_ABORTED."""
    return _failed(world, conn, buf, world.lost(conn), REQUEST_ABORTED)


@clause(
    "hardware-failure.abort-afterwards",
    FAILURE,
    "steps 1 and 4",
    reading="literal",
    each=at(each_buffer, ", lost, before the first completion"),
)
def abort_afterwards(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """By the order of its steps: a lost connection's sends are aborted after the failed completion."""
    before = And(world.phase == TERMINATING, world.lost(conn), Not(conn.peer.rst))
    waits = "it has not come back as NDIS_STATUS_REQUEST_ABORTED yet"
    return before, conjunct(waits, buf.status != REQUEST_ABORTED, status=buf.status)


def _calls(world: World, says: str, holds: Value) -> Conjunct:
    return conjunct(says, holds, completions=world.completions)


@clause(
    "hardware-failure.completed-again",
    FAILURE,
    "steps 1 and 5",
    reading="literal",
    each=at(each_connection, ", lost"),
)
def completed_again(world: World, conn: Connection) -> Holding:
    """By the list of its steps: a failed termination is completed, and in the end completed again."""
    gone = And(world.quiescent, world.handed_back(conn), world.lost(conn))
    return gone, _calls(world, "the termination was completed a second time", world.completions == 2)


@clause("complete.valid-until", *HANDLER, reading="stated", each=lambda world: [("the tree", ())])
def valid_until(world: World) -> Holding:
    """The block list is valid until NdisMTerminateOffloadComplete is called, so it is passed once."""
    return completed(world), _calls(world, "the block list is not passed again", world.completions <= 1)


PROPERTIES = collected(globals())


@clause("terminate.not-before-calls", *HANDLER, reading="completed")
def host_waits(world: World) -> Iterator[Case]:
    """The host terminates only when its receive and disconnect requests on the connection are completed."""
    for c, conn in connections(world):
        done = [conjunct("its disconnect is completed", conn.disconnect != PENDING, status=conn.disconnect)]
        for k, request in enumerate(conn.requests):
            says = f"its receive request {k} is completed"
            done.append(conjunct(says, request.status != PENDING, status=request.status))
        yield case(f"connection {c}, being terminated", world.ending(conn), *done)


HOST = (host_waits,)
"""Rules that bind the host: no answer of a target keeps or breaks them, but premises depend on them."""
