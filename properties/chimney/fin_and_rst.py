"""The part of closing: the host's disconnect and its FIN, the peer's FIN, and resets."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import (
    ABORTIVE,
    NONE,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)
from ...model.logic import And, Iff, Implies, Not, Or, Value, all_of, clamp
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
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
RESET = ("ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md", "Indicating an Abortive Disconnect")
ABORTING = (
    "ddi/nc-ndischimney-ndis_tcp_offload_disconnect_complete.md",
    "Completing an Abortive Disconnect",
)
MANDATORY = (
    "ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md",
    "Mandatory Response to a Disconnect Request",
)
RESPONDING = (
    "pages/responding-to-the-reception-of-a-fin-or-rst-segment.md",
    "Responding to the Reception of a FIN or RST Segment",
)
each_disconnect = at(each_connection, ", disconnect request")


@clause("calls.disconnect", *OUTSTANDING)
def disconnect(world: World) -> Iterator[Case]:
    """A MiniportTcpOffloadDisconnect call that is outstanding is completed before the termination is."""
    for where, conn, status, _ in _each_status(world):
        done = conjunct("it is completed", status != PENDING, status=status)
        yield case(where, And(world.handed_back(conn), status != NONE), done)


def _each_status(world: World) -> Iterator[tuple[str, Connection, Value, Value]]:
    """Of each disconnect request where it is in words, its connection, its status, and what ends it early."""
    for c, conn in connections(world):
        yield f"connection {c}, disconnect request", conn, conn.disconnect, is_over(conn)
        yield f"connection {c}, abortive disconnect", conn, conn.abort, conn.peer.rst


@clause("disconnect.not-failed", *MANDATORY)
def not_failed(world: World) -> Iterator[Case]:
    """A disconnect fails only where the connection is taken back, was reset or aborted, or was lost."""
    for where, conn, status, over in _each_status(world):
        taken = Or(Not(world.live(conn)), conn.retrieves_told > 0)
        taken = Or(taken, conn.closed_before)  # in an earlier cycle
        why = conjunct("there is a reason", Or(over, world.lost(conn), taken), status=status)
        yield case(where, And(status > PENDING, status != SUCCESS), why)


@clause("disconnect.abort-sent", MANDATORY[0], "TCP_DISCONNECT_ABORTIVE_CLOSE", each=each_connection)
def abort_sent(world: World, conn: Connection) -> Holding:
    """An abortive disconnect is completed as SUCCESS only when its RST is sent."""
    sent = conjunct("an RST is sent", conn.peer.reset, sent=conn.peer.reset)
    return conn.abort == SUCCESS, sent


@clause("disconnect.abort-sends", *ABORTING, each=each_buffer)
def abort_sends(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """By the time an abortive disconnect is completed, every send that was outstanding is, as aborted."""
    ended = Or(buf.status == SUCCESS, buf.status == REQUEST_ABORTED)
    done = conjunct("it is completed, as aborted if it was outstanding", ended, status=buf.status)
    return And(conn.abort == SUCCESS, buf.status != NONE), done


@clause("disconnect.success-acked", *GRACEFUL, each=each_disconnect)
def success_acked(world: World, conn: Connection) -> Holding:
    """A disconnect is completed as SUCCESS only when the peer has acknowledged data and FIN."""
    return conn.disconnect == SUCCESS, conjunct(
        "data and FIN are acknowledged",
        conn.peer.acked > conn.total,
        acknowledged_up_to=conn.peer.acked,
        position_of_the_FIN=conn.total,
    )


@clause("disconnect.advanced", *GRACEFUL, each=each_disconnect, watched=True)
def parting_advanced(world: World, conn: Connection) -> Holding:
    """A completed disconnect says how many of its bytes the peer acknowledged, and is advanced over them."""
    length, told, moved = conn.parting.length, conn.parting.bytes, conn.parting.advanced
    part = clamp(conn.peer.acked - (conn.total - length), 0, length)

    def right(count: Value) -> Value:
        return Or(count == part, And(world.lost(conn), count >= 0, count <= part))

    return And(length > 0, conn.disconnect > PENDING), *(
        conjunct(f"{what} what was acknowledged", right(count), **{what: count}, acknowledged=part)
        for what, count in (("BytesTransferred is", told), ("its data start moved by", moved))
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


@clause("send-complete.aborted", *RESET, each=each_buffer)
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


@lemma("parting", each=each_connection)
def parting(w: World, conn: Connection) -> Value:
    """On a model, a disconnect has no data, and none was asked for before the connection was offloaded."""
    return And(conn.parting.length == 0, Not(conn.closed_before))


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
    """After an RST, either way, nothing is outstanding."""
    gone = Or(conn.peer.rst, And(conn.peer.abandoned, Not(w.lost(conn))))
    over = And(conn.disconnect != PENDING, conn.disconnect != UPLOAD_IN_PROGRESS)
    known = (NONE, SUCCESS, REQUEST_ABORTED)
    ended = all_of(Or(*(request.status == status for status in known)) for request in conn.requests)
    return Implies(gone, And(conn.own.first == conn.posted, over, ended))


@lemma("aborting", each=each_connection)
def aborting(w: World, conn: Connection) -> Value:
    """An abortive disconnect has its RST sent at once, and nothing after it."""
    peer = conn.peer
    return And(
        Iff(peer.abandoned, conn.abort != NONE),
        Implies(And(peer.abandoned, Not(w.lost(conn))), peer.reset),
        Implies(peer.reset, peer.abandoned),
        Implies(conn.abort == SUCCESS, And(peer.reset, conn.own.first == conn.posted)),
        conn.abort <= REQUEST_ABORTED,
        conn.abort != UPLOAD_IN_PROGRESS,
        Implies(conn.abort == REQUEST_ABORTED, w.lost(conn)),
        Not(peer.after_reset),
    )


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
    asked("termination while an abortive disconnect is outstanding", lambda s, c: c.abort == PENDING),
    asked("termination after an abortive disconnect", lambda s, c: c.abort == SUCCESS),
    moment("data after an abortive disconnect", "DataArrives", lambda s, c, p: c.peer.abandoned),
    moment(
        "an abortive disconnect while the graceful one is outstanding",
        "MiniportTcpOffloadDisconnect",
        lambda s, c, p: And(p.kind == ABORTIVE, c.disconnect == PENDING),
    ),
    moment(
        "an abortive disconnect during an indication",
        "MiniportTcpOffloadDisconnect",
        lambda s, c, p: And(p.kind == ABORTIVE, c.indication),
    ),
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
WAS_RESET = (
    *on(0, ("MiniportTcpOffloadSend", {"length": 4}), ("RstArrives", {}), ("ReturnTcpEvent", {})),
    *TERMINATE,
    *END,
)
ABORTED = (
    *on(
        0,
        ("MiniportTcpOffloadSend", {"length": 4}),
        ("Transmit", {"length": 4}),
        ("MiniportTcpOffloadDisconnect", {"kind": ABORTIVE}),
        ("DataArrives", {"length": 3}),
        ("CompleteAbort", {}),
    ),
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
    steps=(charge.CompleteDisconnect, charge.CompleteAbort),
    reactions=(charge.reset, charge.cut_off),
    choices=(
        charge.aborted,
        charge.sends_reset,
        ending.end_disconnect,
        ending.end_abort,
        ending.disconnect_status,
    ),
    properties=collected(globals()),
    situations=SITUATIONS,
    runs=(CLOSED, WAS_RESET, ABORTED, PATIENT),
)
