"""The part of the terminate request: drain, fill the tree, complete, once each."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import afterwards, handover
from ...model.chimney.calls import MiniportTerminateOffload
from ...model.chimney.designs import charge, ending
from ...model.chimney.general import HANDING_BACK
from ...model.chimney.state import (
    COMPLETED,
    NONE,
    OFFLOADED,
    PENDING,
    TERMINATING,
    Buffer,
    Connection,
    World,
)
from ...model.chimney.tree import ROOT
from ...model.logic import And, Iff, Implies, Not, Or, Value, all_of
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
from ..property import Case, case, clause, collected, conjunct, guarantee, lemma
from ..subject import Part
from ..tcp.wire import each_connection, received
from .cases import completed, each_buffer

HANDLER = ("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks")


@clause("complete.same-pointer", "seed.txt", "OffloadBlockList")
def same_pointer(world: World) -> Iterator[Case]:
    """The block list handed back is the one that MiniportTerminateOffload received."""
    back = world.root_back
    same = conjunct("the pointer is the one that came in", back == ROOT, block_handed_back=back)
    yield case("the call of NdisMTerminateOffloadComplete", completed(world), same)


@clause("complete.untouched-after", *HANDLER)
def untouched_after(world: World) -> Iterator[Case]:
    """The blocks belong to the target only until it completes; it does not write them afterwards."""
    clean = conjunct(
        "no block is written any more",
        Not(world.stale_write),
        **{"written after hand-back": world.stale_write},
    )
    yield case("the tree", completed(world), clean)


@clause("complete.answered", *HANDLER)
def answered(world: World) -> Iterator[Case]:
    """Every terminate request is completed in the end."""
    count = world.completions
    done = conjunct("NdisMTerminateOffloadComplete has been called", count >= 1, completions=count)
    yield case("the terminate request", And(world.quiescent, world.phase != OFFLOADED), done)


@guarantee("guarantee.completed-once", *HANDLER)
def completed_once(world: World) -> Iterator[Case]:
    """Every terminate request is completed exactly once."""
    count = world.completions
    once = conjunct("it is completed at most once", count <= 1, completions=count)
    yield case("the terminate request", True, once)
    done = conjunct("it is completed", count >= 1, completions=count)
    yield case(
        "the terminate request, when all is quiet", And(world.quiescent, world.phase != OFFLOADED), done
    )


@lemma("phases")
def phases(w: World) -> Value:
    """Drain, fill, complete happen in that order, once each."""
    return And(
        Iff(w.phase == COMPLETED, w.completions == 1),
        Implies(w.phase != COMPLETED, And(w.completions == 0, w.root_back == NULL)),
        Implies(w.drained, w.phase != OFFLOADED),
        Implies(w.filled, w.drained),
        Implies(w.phase == COMPLETED, w.filled),
        Not(w.stale_write),
        Implies(w.quiescent, And(w.phase != TERMINATING, Not(w.status_indication), Not(w.event_indication))),
    )


@lemma("drained")
def drained(w: World) -> Value:
    """Nothing on a neighbor or path object is outstanding after the drain."""
    still = And(Not(w.status_indication), Not(w.event_indication))
    return And(Implies(w.drained, all_of(Not(call) for call in w.calls)), Implies(w.filled, still))


@lemma("conn-drained", each=each_connection)
def conn_drained(w: World, conn: Connection) -> Value:
    """Nothing on a connection but sends is outstanding after the drain."""
    acknowledged = Or(w.lost(conn), is_over(conn), conn.host.resumed, conn.peer.acked_to == received(conn))
    done = all_of(request.status != PENDING for request in conn.requests)
    calls = And(Not(conn.forward), conn.disconnect != PENDING, conn.abort != PENDING, done)
    return And(
        Implies(And(w.drained, conn.block != NULL), And(calls, acknowledged)),
        all_of(
            And(Implies(conn.requested <= k, request.status == NONE), request.size >= 0)
            for k, request in enumerate(conn.requests)
        ),
    )


@lemma("sends-drained", each=each_buffer)
def sends_drained(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """No send that is acknowledged is outstanding after the drain."""
    done = Or(w.lost(conn), buf.status != PENDING, conn.peer.acked < buf.end)
    return Implies(And(w.drained, conn.block != NULL), done)


TERMINATION = Part(
    "termination",
    "the terminate request, answered once",
    events=(MiniportTerminateOffload, *handover.EVENTS, afterwards.Quiet),
    opened=HANDING_BACK,
    steps=(ending.Drain, ending.FillTree, ending.NdisMTerminateOffloadComplete),
    choices=(charge.in_charge, ending.drained, ending.written),
    memory=frozenset({"drained"}),
    properties=collected(globals()),
)
