"""Clauses on NdisTcpOffloadSendComplete: status, bytes transferred, order."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.interface import acknowledged_part
from ..model.logic import And, Not, Or
from ..model.state import PENDING, REQUEST_ABORTED, SUCCESS, UPLOAD_IN_PROGRESS, World
from .cases import buffers
from .property import Case, Conjunct, Property, Source

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
            yield Case(where, failed, (too,))


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


def _abort_status(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        reset = And(conn.peer.rst, buf.status != 0, buf.status != SUCCESS, buf.status != UPLOAD_IN_PROGRESS)
        aborted = Conjunct(
            "its status is NDIS_STATUS_REQUEST_ABORTED", buf.status == REQUEST_ABORTED, {"status": buf.status}
        )
        yield Case(where, And(reset, Or(world.handed_back(conn), Not(world.live(conn)))), (aborted,))


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
        "send-complete.aborted",
        "clause",
        "After an RST every outstanding send comes back as NDIS_STATUS_REQUEST_ABORTED.",
        Source("ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md", "Indicating an Abortive Disconnect"),
        _abort_status,
    ),
)
