"""Clauses on outstanding calls and indications: what termination must wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model.chimney.state import NONE, PENDING, STATE_CALLS, SUCCESS, UPLOAD_IN_PROGRESS, Connection, World
from ...model.logic import And, Not, Or, Value
from ..property import Case, Conjunct, Property, Source
from .cases import buffers, chained, completed, connections, referenced

CALLS = Source("ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding calls")
INDICATIONS = Source(
    "ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding indications"
)


def _state_call(index: int) -> Callable[[World], Iterator[Case]]:
    def cases(world: World) -> Iterator[Case]:
        call = world.calls[index]
        done = Conjunct(f"the call of {STATE_CALLS[index]} is completed", Not(call), {"outstanding": call})
        yield Case(STATE_CALLS[index], completed(world), (done,))

    return cases


def _receives(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        for k, request in enumerate(conn.requests):
            posted = And(world.handed_back(conn), request.status != NONE)
            done = Conjunct("it is completed", request.status != PENDING, {"status": request.status})
            yield Case(f"connection {c}, receive request {k}", posted, (done,))


def _disconnect(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        asked = And(world.handed_back(conn), conn.disconnect != NONE)
        done = Conjunct("it is completed", conn.disconnect != PENDING, {"status": conn.disconnect})
        yield Case(f"connection {c}, disconnect request", asked, (done,))


def _disconnect_status(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        success = conn.disconnect == SUCCESS
        acked = Conjunct(
            "data and FIN are acknowledged",
            conn.peer.acked > conn.total,
            {"acknowledged up to": conn.peer.acked, "position of the FIN": conn.total},
        )
        yield Case(f"connection {c}, disconnect request", success, (acked,))


def _taken_back(world: World, conn: Connection) -> Value:
    """Terminated without a reset or a loss: what was outstanding goes back for that reason alone."""
    return And(world.handed_back(conn), Not(conn.peer.rst), Not(world.lost(conn)))


def _receive_status(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        for k, request in enumerate(conn.requests):
            failed = And(_taken_back(world, conn), request.status > PENDING, request.status != SUCCESS)
            told = Conjunct(
                "its status is NDIS_STATUS_UPLOAD_IN_PROGRESS",
                request.status == UPLOAD_IN_PROGRESS,
                {"status": request.status},
            )
            yield Case(f"connection {c}, receive request {k}", failed, (told,))


def _disconnect_reason(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        failed = And(_taken_back(world, conn), conn.disconnect > PENDING, conn.disconnect != SUCCESS)
        told = Conjunct(
            "its status is NDIS_STATUS_UPLOAD_IN_PROGRESS",
            conn.disconnect == UPLOAD_IN_PROGRESS,
            {"status": conn.disconnect},
        )
        yield Case(f"connection {c}, disconnect request", failed, (told,))


def _forward(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        done = Conjunct("it is completed", Not(conn.forward), {"outstanding": conn.forward})
        yield Case(f"connection {c}, forward request", world.handed_back(conn), (done,))


def _sends(world: World) -> Iterator[Case]:
    for c, conn, k, buf, where in buffers(world):
        posted = And(world.handed_back(conn), buf.status != NONE, Not(conn.host.resumed))
        done = Or(buf.status != PENDING, And(chained(world, conn), referenced(world, c, k)))
        yield Case(
            where, posted, (Conjunct("it is completed, or in the chain", done, {"status": buf.status}),)
        )


def _sends_literal(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        posted = And(world.handed_back(conn), buf.status != NONE)
        done = Conjunct("it is completed", buf.status != PENDING, {"status": buf.status})
        yield Case(where, posted, (done,))


def _indication(what: str, flag: Callable[[World], Value]) -> Callable[[World], Iterator[Case]]:
    def cases(world: World) -> Iterator[Case]:
        back = Conjunct(f"the call of {what} has returned", Not(flag(world)), {"still out": flag(world)})
        yield Case(what, completed(world), (back,))

    return cases


def _conn_indication(what: str, flag: Callable[[Connection], Value]) -> Callable[[World], Iterator[Case]]:
    def cases(world: World) -> Iterator[Case]:
        for c, conn in connections(world):
            back = Conjunct(f"the call of {what} has returned", Not(flag(conn)), {"still out": flag(conn)})
            yield Case(f"connection {c}", world.handed_back(conn), (back,))

    return cases


def _call(name: str, what: str, cases: Callable[[World], Iterator[Case]]) -> Property:
    says = f"A {what} call that is outstanding is completed before the termination is."
    return Property(f"calls.{name}", "clause", says, CALLS, cases)


def _returns(name: str, function: str, cases: Callable[[World], Iterator[Case]]) -> Property:
    says = f"A call of {function} that is under way has returned before the termination is completed."
    return Property(f"indications.{name}", "clause", says, INDICATIONS, cases)


PROPERTIES = (
    _call("invalidate", STATE_CALLS[0], _state_call(0)),
    _call("query", STATE_CALLS[1], _state_call(1)),
    _call("update", STATE_CALLS[2], _state_call(2)),
    _call("receive", "MiniportTcpOffloadReceive", _receives),
    _call("disconnect", "MiniportTcpOffloadDisconnect", _disconnect),
    _call("forward", "MiniportTcpOffloadForward", _forward),
    Property(
        "calls.send",
        "clause",
        "An outstanding send is completed, or handed over in the chain, before the termination is completed.",
        CALLS,
        _sends,
    ),
    Property(
        "calls.send",
        "clause",
        "Read literally: every outstanding send is completed, so that no chain could ever be passed.",
        CALLS,
        _sends_literal,
        reading="literal",
    ),
    Property(
        "disconnect.success-acked",
        "clause",
        "A disconnect is completed as SUCCESS only when the peer has acknowledged data and FIN.",
        Source(
            "ddi/nc-ndischimney-ndis_tcp_offload_disconnect_complete.md", "Completing a Graceful Disconnect"
        ),
        _disconnect_status,
    ),
    Property(
        "receive-complete.upload-status",
        "clause",
        "A receive request that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS.",
        Source("ddi/nc-ndischimney-ndis_tcp_offload_receive_complete.md", "Remarks, Status"),
        _receive_status,
    ),
    Property(
        "disconnect.upload-status",
        "clause",
        "A disconnect that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS.",
        Source(
            "ddi/nc-ndischimney-ndis_tcp_offload_disconnect_complete.md", "Completing a Graceful Disconnect"
        ),
        _disconnect_reason,
    ),
    _returns(
        "status", "NdisMIndicateStatusEx", _indication("NdisMIndicateStatusEx", lambda w: w.status_indication)
    ),
    _returns(
        "offload-event",
        "NdisMOffloadEventIndicate",
        _indication("NdisMOffloadEventIndicate", lambda w: w.event_indication),
    ),
    _returns(
        "tcp-event",
        "NdisTcpOffloadEventHandler",
        _conn_indication("NdisTcpOffloadEventHandler", lambda c: c.event),
    ),
    _returns(
        "receive",
        "NdisTcpOffloadReceiveHandler",
        _conn_indication("NdisTcpOffloadReceiveHandler", lambda c: c.indication),
    ),
)
