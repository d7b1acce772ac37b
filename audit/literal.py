"""Sentences taken as they stand, which the formal clauses leave out because they do not go together.

They are properties for the audit alone: it asks with which others they clash, and where.
A check of a design or a target knows nothing of them. The reading "stated" marks what no
formal clause says as yet and nobody doubts: a clash may rest on it, and is not about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model.chimney.state import (
    NONE,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    World,
)
from ..model.logic import And, Not, Or, Value
from ..model.tcp.numbers import NULL
from ..properties.chimney.cases import block_of, buffers, completed, connections
from ..properties.property import Case, Conjunct, Property, Source

FAILURE = "pages/returning-the-completion-status-of-a-terminate-offload-operation.md"
HANDLER = Source("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks")


def _unacknowledged(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        block = block_of(world, conn)
        left = (
            And(
                buf.status != NONE,
                buf.status != SUCCESS,
                buf.status != REQUEST_ABORTED,
                buf.end > conn.peer.acked,
            )
            for buf in conn.bufs
        )
        owed = And(world.handed_back(conn), Not(world.lost(conn)), Or(*left))
        given = Conjunct(
            "NetBufferListChain is not NULL", block.chain != NULL, {"NetBufferListChain": block.chain}
        )
        yield Case(f"connection {c}, with data that the peer has not acknowledged", owed, (given,))


def _failed(world: World, lost: bool, status: Value) -> Iterator[Case]:
    """Failed sends of connections that are lost (or that are not) and had no RST: their one status."""
    for _, conn, _, buf, where in buffers(world):
        which = world.lost(conn) if lost else Not(world.lost(conn))
        failed = And(world.handed_back(conn), which, Not(conn.peer.rst), buf.status > PENDING)
        told = Conjunct("its status gives the reason", buf.status == status, {"status": buf.status})
        yield Case(f"{where}, failed", And(failed, buf.status != SUCCESS), (told,))


def _failed_by_upload(world: World) -> Iterator[Case]:
    return _failed(world, False, UPLOAD_IN_PROGRESS)


def _failed_by_loss(world: World) -> Iterator[Case]:
    return _failed(world, True, REQUEST_ABORTED)


def _aborted_afterwards(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        before = And(world.phase == TERMINATING, world.lost(conn), Not(conn.peer.rst))
        waits = Conjunct(
            "it has not come back as NDIS_STATUS_REQUEST_ABORTED yet",
            buf.status != REQUEST_ABORTED,
            {"status": buf.status},
        )
        yield Case(f"{where}, lost, before the first completion", before, (waits,))


def _completed_twice(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        gone = And(world.quiet, world.handed_back(conn), world.lost(conn))
        twice = Conjunct(
            "the termination was completed a second time",
            world.completions == 2,
            {"completions": world.completions},
        )
        yield Case(f"connection {c}, lost", gone, (twice,))


def _valid_until(world: World) -> Iterator[Case]:
    once = Conjunct(
        "the block list is not passed again", world.completions <= 1, {"completions": world.completions}
    )
    yield Case("the tree", completed(world), (once,))


def _host_waits(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        done = [
            Conjunct("its disconnect is completed", conn.disconnect != PENDING, {"status": conn.disconnect})
        ]
        for k, request in enumerate(conn.requests):
            says = f"its receive request {k} is completed"
            done.append(Conjunct(says, request.status != PENDING, {"status": request.status}))
        yield Case(f"connection {c}, being terminated", world.ending(conn), tuple(done))


PROPERTIES = (
    Property(
        "chain.non-null",
        "clause",
        "By the completion page alone: data that is not acknowledged travels in the chain, in every case.",
        Source("seed.txt", "Remarks, outstanding send data"),
        _unacknowledged,
        reading="always",
    ),
    Property(
        "send-complete.upload-status",
        "clause",
        "A send that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS.",
        Source("ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md", "Remarks"),
        _failed_by_upload,
        reading="stated",
    ),
    Property(
        "hardware-failure.aborted",
        "clause",
        "A send of a connection that is lost comes back as NDIS_STATUS_REQUEST_ABORTED.",
        Source(FAILURE, "step 4"),
        _failed_by_loss,
        reading="stated",
    ),
    Property(
        "hardware-failure.abort-afterwards",
        "clause",
        "By the order of its steps: a lost connection's sends are aborted after the failed completion.",
        Source(FAILURE, "steps 1 and 4"),
        _aborted_afterwards,
        reading="literal",
    ),
    Property(
        "hardware-failure.completed-again",
        "clause",
        "By the list of its steps: a failed termination is completed, and in the end completed again.",
        Source(FAILURE, "steps 1 and 5"),
        _completed_twice,
        reading="literal",
    ),
    Property(
        "complete.valid-until",
        "clause",
        "The block list is valid until NdisMTerminateOffloadComplete is called, so it is passed once.",
        HANDLER,
        _valid_until,
        reading="stated",
    ),
)

HOST = (
    Property(
        "terminate.not-before-calls",
        "clause",
        "The host terminates only when its receive and disconnect requests on the connection are completed.",
        HANDLER,
        _host_waits,
        reading="completed",
    ),
)
"""Rules that bind the host: no answer of a target keeps or breaks them, but premises depend on them."""
