"""The part of what belongs to whom: buffers and requests come back, and the target frees what is its own."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import afterwards, answers
from ...model.chimney.designs import ending
from ...model.chimney.state import NONE, OFFLOADED, PENDING, STATE_CALLS, Connection, World
from ...model.logic import And, Implies, Not, Value
from ..property import Case, Holding, case, clause, collected, conjunct, guarantee, lemma
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import asked, at, buffers, connections

SEQUENCE = ("pages/terminate-offload-sequence.md", "Part 2, steps 4 and 5")
FREEING = ("ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Freeing Connection Resources")
RETURN = "ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md"


@clause("resources.freed", "seed.txt", "Remarks, last paragraph", each=each_connection)
def freed(world: World, conn: Connection) -> Holding:
    """After the termination the target frees what it held for each state object."""
    return And(world.quiescent, world.handed_back(conn)), conjunct(
        "its resources are freed", conn.freed, freed=conn.freed
    )


@clause("resources.after-complete", *SEQUENCE, each=each_connection)
def after_complete(world: World, conn: Connection) -> Holding:
    """It frees them only after it has called NdisMTerminateOffloadComplete."""
    return conn.freed, conjunct("it is back with the host", world.handed_back(conn), phase=world.phase)


@clause("resources.after-complete", *FREEING, reading="begun", each=each_connection)
def after_begun(world: World, conn: Connection) -> Holding:
    """By the disconnect page: it may free them as soon as the host terminates the connection."""
    return conn.freed, conjunct("its termination has begun", Not(world.live(conn)), phase=world.phase)


@guarantee("guarantee.returned-once", "every page that passes a NET_BUFFER_LIST", "ownership")
def returned_once(world: World) -> Iterator[Case]:
    """Every buffer, request and call that the host made comes back, and no buffer twice."""
    for _, conn, _, buf, where in buffers(world):
        count = buf.returns
        once = conjunct("it is given back at most once", count <= 1, times_given_back=count)
        yield case(where, buf.status != NONE, once)
        over = And(world.quiescent, world.handed_back(conn), buf.status != NONE)
        back = conjunct("it is given back", count >= 1, times_given_back=count)
        yield case(f"{where}, when all is quiet", over, back)
    for call, outstanding in zip(STATE_CALLS, world.calls, strict=True):
        done = conjunct("it is completed", Not(outstanding), outstanding=outstanding)
        yield case(f"{call}, when all is quiet", And(world.quiescent, world.phase != OFFLOADED), done)
    for c, conn in connections(world):
        over = And(world.quiescent, world.handed_back(conn))
        closed = conjunct("its disconnect is completed", conn.disconnect != PENDING, status=conn.disconnect)
        forwarded = conjunct("its forward request is completed", Not(conn.forward), outstanding=conn.forward)
        yield case(f"connection {c}, when all is quiet", over, closed, forwarded)
        for k, request in enumerate(conn.requests):
            back = conjunct("it is given back", request.status != PENDING, status=request.status)
            yield case(f"connection {c}, receive request {k}, when all is quiet", over, back)


@guarantee("guarantee.not-used-after-free", RETURN, "Remarks", each=at(each_connection, ", freed"))
def not_used_after_free(world: World, conn: Connection) -> Holding:
    """Nothing is freed while the host may still read it."""
    reading = conn.host.reading
    unlent = conjunct("the host holds no indicated buffer of it", Not(conn.lent), lent=conn.lent)
    unread = conjunct("the host is not reading its BufferedData", Not(reading), reading=reading)
    return conn.freed, unlent, unread


@lemma("owner", each=each_connection)
def owner(w: World, conn: Connection) -> Value:
    """Freed means that nobody reads; quiet, after a termination, that all is freed."""
    quiescent = Implies(And(w.quiescent, w.handed_back(conn)), And(conn.host.resumed, conn.freed))
    return And(
        Implies(conn.freed, And(w.handed_back(conn), Not(conn.lent), Not(conn.host.reading))), quiescent
    )


RESOURCES = Part(
    "resources",
    "who owns a buffer, a request, and what the target holds for a connection",
    needs=("calls", "sending", "receiving", "closing"),
    events=(afterwards.MiniportTcpOffloadReceiveReturn, answers.Free),
    steps=(ending.Free,),
    properties=collected(globals()),
    situations=(asked("the host still holds indicated buffers", lambda s, c: c.lent),),
)
