"""Clauses on NdisTcpOffloadSendComplete: status, bytes transferred, order."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import NONE, PENDING, REQUEST_ABORTED, SUCCESS, UPLOAD_IN_PROGRESS, World
from ...model.logic import And, Not, Or
from ..property import Case, Conjunct, Property, Source
from .cases import buffers, connections

PAGE = "ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md"


def _acked(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        done = Conjunct(
            "the peer has acknowledged all of it",
            buf.end <= conn.peer.acked,
            {"ends at": buf.end, "acknowledged up to": conn.peer.acked},
        )
        yield Case(where, buf.status == SUCCESS, (done,))


def _bytes(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        failed = Or(buf.status == UPLOAD_IN_PROGRESS, buf.status == REQUEST_ABORTED)
        length = buf.end - buf.begin
        part = acknowledged_part(buf, conn.peer.acked)
        whole = Conjunct(
            "BytesTransferred is its length",
            buf.bytes == length,
            {"BytesTransferred": buf.bytes, "length": length},
        )
        some = Conjunct(
            "BytesTransferred is at most what the peer acknowledged",
            And(buf.bytes >= 0, buf.bytes <= part),
            {"BytesTransferred": buf.bytes, "acknowledged": part},
        )
        yield Case(f"{where}, completed as SUCCESS", buf.status == SUCCESS, (whole,))
        yield Case(f"{where}, completed as failed", failed, (some,))


def _bytes_sent(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        statuses = (SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED)
        done = Or(*(buf.status == status for status in statuses))
        sent = acknowledged_part(buf, conn.peer.sent)
        count = Conjunct(
            "BytesTransferred is what was transmitted of it, acknowledged or not",
            buf.bytes == sent,
            {"BytesTransferred": buf.bytes, "transmitted": sent},
        )
        yield Case(f"{where}, completed", done, (count,))


def _after_failure(world: World) -> Iterator[Case]:
    for _, conn, k, buf, where in buffers(world):
        failed = Or(buf.status == UPLOAD_IN_PROGRESS, buf.status == REQUEST_ABORTED)
        for j in range(k + 1, len(conn.bufs)):
            later = conn.bufs[j]
            too = Conjunct(
                f"send buffer {j} is not completed as SUCCESS",
                later.status != SUCCESS,
                {"status": later.status},
            )
            yield Case(where, And(failed, later.status != NONE), (too,))


def _in_order(world: World) -> Iterator[Case]:
    for _, conn, k, buf, where in buffers(world):
        if k:
            before = conn.bufs[k - 1]
            waited = Conjunct(
                f"send buffer {k - 1} was completed before it",
                before.status != PENDING,
                {"status": before.status},
            )
            yield Case(where, buf.status == SUCCESS, (waited,))


def _before_disconnect(world: World) -> Iterator[Case]:
    yield from _in_order(world)
    for _, conn, _, buf, where in buffers(world):
        done = Conjunct("it is completed", buf.status != PENDING, {"status": buf.status})
        yield Case(f"{where}, once the disconnect is completed", conn.disconnect > PENDING, (done,))


def _abort_status(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        reset = And(conn.peer.rst, buf.status != 0, buf.status != SUCCESS, buf.status != UPLOAD_IN_PROGRESS)
        aborted = Conjunct(
            "its status is NDIS_STATUS_REQUEST_ABORTED", buf.status == REQUEST_ABORTED, {"status": buf.status}
        )
        yield Case(where, And(reset, world.handed_back(conn)), (aborted,))


def _abort_receives(world: World) -> Iterator[Case]:
    yield from _abort_status(world)
    for c, conn in connections(world):
        over = And(conn.peer.rst, Or(world.handed_back(conn), Not(world.live(conn))))
        for k, request in enumerate(conn.requests):
            failed = And(over, request.status != NONE, request.status != SUCCESS)
            aborted = Conjunct(
                "its status is NDIS_STATUS_REQUEST_ABORTED",
                request.status == REQUEST_ABORTED,
                {"status": request.status},
            )
            yield Case(f"connection {c}, receive request {k}", failed, (aborted,))


PROPERTIES = (
    Property(
        "send-complete.success-acked",
        "clause",
        "A send is completed as SUCCESS only when the peer has acknowledged all its data.",
        Source(PAGE, "Remarks, Status"),
        _acked,
    ),
    Property(
        "send-complete.bytes",
        "clause",
        "BytesTransferred counts the send's data bytes that were sent and acknowledged; a FIN is none.",
        Source(PAGE, "Remarks, TcpOffloadBytesTransferred"),
        _bytes,
    ),
    Property(
        "send-complete.bytes",
        "clause",
        "Read by its own sentence, BytesTransferred counts all that was sent of a send.",
        Source(PAGE, "Remarks"),
        _bytes_sent,
        reading="sent",
    ),
    Property(
        "send-complete.after-failure",
        "clause",
        "After a send that failed, every later one on the connection fails too.",
        Source(PAGE, "Remarks, Status"),
        _after_failure,
    ),
    Property(
        "send-complete.in-order",
        "clause",
        "Sends are finished in the order in which they were posted.",
        Source("ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Graceful Disconnect"),
        _in_order,
    ),
    Property(
        "send-complete.in-order",
        "clause",
        "Read strictly: while any send is outstanding, a disconnect is not completed, whatever its status.",
        Source("ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Graceful Disconnect"),
        _before_disconnect,
        reading="before-disconnect",
    ),
    Property(
        "send-complete.aborted",
        "clause",
        "After an RST every outstanding send comes back as NDIS_STATUS_REQUEST_ABORTED.",
        Source("ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md", "Indicating an Abortive Disconnect"),
        _abort_status,
    ),
    Property(
        "send-complete.aborted",
        "clause",
        "By the other list: after an RST receive requests, too, come back as NDIS_STATUS_REQUEST_ABORTED.",
        Source(
            "pages/responding-to-the-reception-of-a-fin-or-rst-segment.md",
            "Responding to the Reception of a FIN or RST Segment",
        ),
        _abort_receives,
        reading="receives",
    ),
)
