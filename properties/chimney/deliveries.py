"""The part of the delivery algorithm: posted requests first, and in their order; else an indication.

Known limitations: how soon a request comes back is not asked, nor that offloaded data waits for one.
Requests in nonpush mode are posted to executable targets only; how they come back when the stream ends or
the connection is terminated is said nowhere, and not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import PENDING, SUCCESS, Connection, Request, World
from ...model.logic import And, Not, Or, Value, all_of, any_of
from ..property import Holding, Place, clause, collected, conjunct, lemma, same
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import at, connections, each_request
from .runs import on

INDICATE = "ddi/nc-ndischimney-ndis_tcp_offload_receive_indicate.md"
each_indication = at(each_connection, ", receive indication")


def each_with_earlier(world: World) -> Iterator[Place]:
    """Every receive request, behind those that were posted before it on its connection."""
    for c, conn in connections(world):
        for k, request in enumerate(conn.requests):
            yield f"connection {c}, receive request {k}", (conn.requests[:k], request)


@clause(
    "delivery.in-order",
    "ddi/nc-ndischimney-ndis_tcp_offload_receive_complete.md",
    "Remarks",
    each=each_with_earlier,
)
def in_order(world: World, earlier: tuple[Request, ...], request: Request) -> Holding:
    """Receive requests are filled and come back in the order in which they were posted."""
    left = any_of(before.status == PENDING for before in earlier)
    first = conjunct("those that were posted before came back first", Not(left), one_is_outstanding=left)
    return request.status == SUCCESS, first


@clause("delivery.requests-first", INDICATE, "Remarks, Normal receive requests", each=each_indication)
def requests_first(world: World, conn: Connection) -> Holding:
    """While a receive request with room for data is outstanding, nothing is indicated."""
    used = all_of(
        Or(k >= conn.posted_before, request.status != PENDING, request.size == 0)
        for k, request in enumerate(conn.requests)
    )
    says = "no receive request that was posted before is outstanding"
    return conn.indication, conjunct(says, used, posted_before=conn.posted_before)


@clause("delivery.refused-waits", INDICATE, "Remarks", each=each_indication)
def refused_waits(world: World, conn: Connection) -> Holding:
    """Data that the application refused is indicated again only after a receive request was posted."""
    says = "the application has not refused the data, or has posted a receive request since"
    return conn.indication, conjunct(says, Not(conn.refused), refused=conn.refused)


@clause(
    "delivery.no-push",
    "ddi/nc-ndischimney-w_tcp_offload_receive_handler.md",
    "Remarks",
    each=each_request,
    watched=True,
)
def filled(world: World, conn: Connection, request: Request) -> Holding:
    """A receive request in nonpush mode comes back when it is full, or when nothing can fill it any more."""
    kept = And(request.no_push, request.status == SUCCESS, world.live(conn), Not(conn.peer.fin))
    return kept, same("it is full", bytes=request.bytes, size=request.size)


@lemma("push-mode", each=each_request)
def push_mode(w: World, conn: Connection, request: Request) -> Value:
    """On a model, receive requests are in push mode."""
    return Not(request.no_push)


@lemma("posted-before", each=each_connection)
def posted_before(w: World, conn: Connection) -> Value:
    """What was posted before an indication is no more than what was posted."""
    return And(conn.posted_before >= 0, conn.posted_before <= conn.requested)


INDICATED = on(0, ("DataArrives", {"length": 5}), ("IndicateReceive", {}))

DELIVERY = Part(
    "delivery",
    "which receive requests are used, and when received data is indicated instead",
    needs=("receiving",),
    properties=collected(globals()),
    runs=(INDICATED,),
)
