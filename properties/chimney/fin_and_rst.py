"""The part of closing: the host's disconnect and its FIN, the peer's FIN, and resets."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import (
    NONE,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)
from ...model.logic import And, Implies, Not, Or, Value, all_of
from ...model.tcp.numbers import NULL
from ..property import Case, Conjunct, Holding, case, clause, collected, conjunct, lemma
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import asked, at, back, buffered, connections, each_buffer, moment, taken_back
from .receives import unharmed
from .runs import END, TERMINATE, on

OUTSTANDING = ("ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding calls")
GRACEFUL = (
    "ddi/nc-ndischimney-ndis_tcp_offload_disconnect_complete.md",
    "Completing a Graceful Disconnect",
)
ABORTIVE = ("ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md", "Indicating an Abortive Disconnect")
RESPONDING = (
    "pages/responding-to-the-reception-of-a-fin-or-rst-segment.md",
    "Responding to the Reception of a FIN or RST Segment",
)
each_disconnect = at(each_connection, ", disconnect request")


@clause("calls.disconnect", *OUTSTANDING, each=each_disconnect)
def disconnect(world: World, conn: Connection) -> Holding:
    """A MiniportTcpOffloadDisconnect call that is outstanding is completed before the termination is."""
    there = And(world.handed_back(conn), conn.disconnect != NONE)
    return there, conjunct("it is completed", conn.disconnect != PENDING, status=conn.disconnect)


@clause("disconnect.success-acked", *GRACEFUL, each=each_disconnect)
def success_acked(world: World, conn: Connection) -> Holding:
    """A disconnect is completed as SUCCESS only when the peer has acknowledged data and FIN."""
    return conn.disconnect == SUCCESS, conjunct(
        "data and FIN are acknowledged",
        conn.peer.acked > conn.total,
        acknowledged_up_to=conn.peer.acked,
        position_of_the_FIN=conn.total,
    )


@clause("disconnect.upload-status", *GRACEFUL, each=each_disconnect)
def upload_status(world: World, conn: Connection) -> Holding:
    """A disconnect that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS."""
    failed = And(taken_back(world, conn), conn.disconnect > PENDING, conn.disconnect != SUCCESS)
    return failed, conjunct(
        "its status is NDIS_STATUS_UPLOAD_IN_PROGRESS",
        conn.disconnect == UPLOAD_IN_PROGRESS,
        status=conn.disconnect,
    )


def _aborted(status: Value) -> Conjunct:
    return conjunct("its status is NDIS_STATUS_REQUEST_ABORTED", status == REQUEST_ABORTED, status=status)


@clause("send-complete.aborted", *ABORTIVE, each=each_buffer)
def aborted(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """After an RST every outstanding send comes back as NDIS_STATUS_REQUEST_ABORTED."""
    failed = And(conn.peer.rst, buf.status != 0, buf.status != SUCCESS, buf.status != UPLOAD_IN_PROGRESS)
    return And(failed, world.handed_back(conn)), _aborted(buf.status)


@clause("send-complete.aborted", *RESPONDING, reading="receives")
def receives_aborted(world: World) -> Iterator[Case]:
    """By the other list: after an RST receive requests, too, come back as NDIS_STATUS_REQUEST_ABORTED."""
    yield from aborted.cases(world)
    for c, conn in connections(world):
        over = And(conn.peer.rst, Or(world.handed_back(conn), Not(world.live(conn))))
        for k, request in enumerate(conn.requests):
            failed = And(over, request.status != NONE, request.status != SUCCESS)
            yield case(f"connection {c}, receive request {k}", failed, _aborted(request.status))


@lemma("fin", each=each_connection)
def fin(w: World, conn: Connection) -> Value:
    """The FIN stands at the end of the data."""
    peer = conn.peer
    placed = Or(peer.fin_at == NULL, And(peer.fin_at == conn.total, conn.disconnect != NONE))
    return And(placed, Implies(peer.got > conn.total, peer.fin_at == conn.total))


@lemma("disconnected", each=each_connection)
def disconnected(w: World, conn: Connection) -> Value:
    """A disconnect is completed as what became of its FIN."""
    acked = conn.peer.acked
    ended = conn.disconnect == UPLOAD_IN_PROGRESS
    return And(
        Implies(conn.disconnect == SUCCESS, acked > conn.total),
        Implies(ended, And(acked <= conn.total, w.drained, conn.block != NULL)),
    )


@lemma("disconnect-as", each=each_connection)
def disconnect_as(w: World, conn: Connection) -> Value:
    """A disconnect is aborted only after a reset or a loss."""
    return unharmed(w, conn, conn.disconnect)


@lemma("reset", each=each_connection)
def reset(w: World, conn: Connection) -> Value:
    """After an RST nothing is outstanding."""
    over = And(conn.disconnect != PENDING, conn.disconnect != UPLOAD_IN_PROGRESS)
    known = (NONE, SUCCESS, REQUEST_ABORTED)
    ended = all_of(Or(*(request.status == status for status in known)) for request in conn.requests)
    return Implies(conn.peer.rst, And(conn.own.first == conn.posted, over, ended))


SITUATIONS = (
    back(
        "the FIN is sent, data before it is not acknowledged",
        lambda c: And(c.peer.sent > c.total, c.peer.acked < c.total),
    ),
    back(
        "all data is acknowledged, the FIN is not",
        lambda c: And(c.peer.sent > c.total, c.peer.acked == c.total, c.total > 0),
    ),
    back(
        "data and FIN wait to be sent",
        lambda c: And(c.disconnect == UPLOAD_IN_PROGRESS, c.peer.sent < c.total),
    ),
    back("the disconnect was completed before", lambda c: c.disconnect == SUCCESS),
    back("the peer's FIN came, with buffered data", lambda c: And(c.peer.fin, buffered(c))),
    back(
        "the peer's FIN came, and all its data was taken",
        lambda c: And(c.peer.fin, c.peer.app_got > 0, Not(buffered(c))),
    ),
    back("both sides have closed", lambda c: And(c.peer.fin, c.peer.sent > c.total)),
    back("the connection was reset before", lambda c: c.peer.rst),
    asked("termination while a disconnect is outstanding", lambda s, c: c.disconnect == PENDING),
    moment("a FIN during termination", "FinArrives", lambda s, c, p: s.ending(c)),
    moment("an RST during termination", "RstArrives", lambda s, c, p: s.ending(c)),
)

CLOSED = on(
    0,
    ("MiniportTcpOffloadSend", {"length": 4}),
    ("MiniportTcpOffloadSend", {"length": 2}),
    ("MiniportTcpOffloadDisconnect", {}),
    ("Transmit", {"length": 7}),
    ("PeerReceives", {"upto": 7}),
    ("AckArrives", {"upto": 7, "window": 100}),
    ("CompleteSend", {}),
    ("CompleteSend", {}),
    ("CompleteDisconnect", {}),
)
RESET = (
    *on(0, ("MiniportTcpOffloadSend", {"length": 4}), ("RstArrives", {}), ("ReturnTcpEvent", {})),
    *TERMINATE,
    *END,
)
PATIENT = (
    ("MiniportTcpOffloadReceive", {"conn": 0, "size": 5}),
    ("DataArrives", {"conn": 0, "length": 5}),
    ("CompleteReceive", {"conn": 0}),
    *CLOSED,
    *TERMINATE,
    *END,
    *on(0, ("HostResumes", {}), ("Free", {})),
    *on(1, ("HostResumes", {}), ("Free", {})),
    ("Quiet", {}),
)
"""The host terminates when every request that it made is completed."""

CLOSING = Part(
    "closing",
    "the disconnect and its FIN, the peer's FIN, and resets",
    needs=("sending", "receiving", "indications"),
    events=(calls.MiniportTcpOffloadDisconnect, answers.NdisTcpOffloadDisconnectComplete),
    steps=(charge.CompleteDisconnect,),
    reactions=(charge.reset,),
    choices=(charge.aborted, ending.end_disconnect, ending.disconnect_status),
    properties=collected(globals()),
    situations=SITUATIONS,
    runs=(CLOSED, RESET, PATIENT),
)
