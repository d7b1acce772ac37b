"""The part of sending: posting, transmitting, and completing sends, with status and bytes transferred."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.answers import acknowledged_part
from ...model.chimney.designs import charge, ending
from ...model.chimney.general import TRANSMITTING
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
from ...model.logic import And, Iff, Implies, Not, Or, Value
from ...model.tcp.numbers import MAX_WINDOW, NULL
from ...model.tcp.peer import is_over
from ..property import Case, Holding, at_most, case, clause, collected, conjunct, lemma, same
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import at, buffers, chained, connections, each_buffer, moment, referenced
from .runs import END, SETTLE, TERMINATE, on

CALLS = ("ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding calls")
COMPLETE = "ddi/nc-ndischimney-ndis_tcp_offload_send_complete.md"
DISCONNECT = ("ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Graceful Disconnect")


@clause("calls.send", *CALLS)
def send(world: World) -> Iterator[Case]:
    """An outstanding send is completed, or handed over in the chain, before the termination is completed."""
    for c, conn, k, buf, where in buffers(world):
        posted = And(world.handed_back(conn), buf.status != NONE, Not(conn.host.resumed))
        done = Or(buf.status != PENDING, And(chained(world, conn), referenced(world, c, k)))
        yield case(where, posted, conjunct("it is completed, or in the chain", done, status=buf.status))


@clause("calls.send", *CALLS, reading="literal", each=each_buffer)
def send_literally(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """Read literally: every outstanding send is completed, so that no chain could ever be passed."""
    posted = And(world.handed_back(conn), buf.status != NONE)
    return posted, conjunct("it is completed", buf.status != PENDING, status=buf.status)


@clause("send-complete.success-acked", COMPLETE, "Remarks, Status", each=each_buffer)
def acked(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """A send is completed as SUCCESS only when the peer has acknowledged all its data."""
    return buf.status == SUCCESS, at_most(
        "the peer has acknowledged all of it", ends_at=buf.end, acknowledged_up_to=conn.peer.acked
    )


@clause("send-complete.bytes", COMPLETE, "Remarks, TcpOffloadBytesTransferred")
def transferred(world: World) -> Iterator[Case]:
    """BytesTransferred counts the send's data bytes that were sent and acknowledged; a FIN is none."""
    for _, conn, _, buf, where in buffers(world):
        failed = Or(buf.status == UPLOAD_IN_PROGRESS, buf.status == REQUEST_ABORTED)
        length = buf.end - buf.begin
        whole = same("BytesTransferred is its length", BytesTransferred=buf.bytes, length=length)
        some = conjunct(
            "BytesTransferred is what the peer acknowledged, or less where hardware lost the count",
            _of_acknowledged(world, conn, buf, buf.bytes),
            BytesTransferred=buf.bytes,
            acknowledged=acknowledged_part(buf, conn.peer.acked),
        )
        yield case(f"{where}, completed as SUCCESS", buf.status == SUCCESS, whole)
        yield case(f"{where}, completed as failed", failed, some)


def _of_acknowledged(world: World, conn: Connection, buf: Buffer, count: Value) -> Value:
    """Whether *count* is how much of a send the peer acknowledged, as far as a target knows."""
    part = acknowledged_part(buf, conn.peer.acked)
    return Or(count == part, And(world.lost(conn), count >= 0, count <= part))


@clause("send-complete.advanced", COMPLETE, "Remarks, NdisAdvanceNetBufferDataStart", each=each_buffer)
def advanced(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """The data of a completed send is advanced over the bytes that the peer acknowledged."""
    done = Or(*(buf.status == status for status in (SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED)))
    moved = buf.start - buf.begin
    return done, conjunct(
        "its data start moved by what the peer acknowledged, or less where hardware lost the count",
        _of_acknowledged(world, conn, buf, moved),
        moved_by=moved,
        acknowledged=acknowledged_part(buf, conn.peer.acked),
    )


@clause(
    "send-complete.status",
    COMPLETE,
    "Remarks, Status",
    each=each_buffer,
    inferred="the statuses of a failed send are given as examples, and each with one reason for it",
)
def send_status(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """A send comes back as uploaded only where the connection is not over, or is terminated, and as aborted
    only where it was reset, aborted or lost; nothing else ends one."""
    status = buf.status
    uploaded = And(status == UPLOAD_IN_PROGRESS, Not(conn.uploaded_over))
    aborted = And(status == REQUEST_ABORTED, Or(is_over(conn), world.lost(conn)))
    may = Or(status == SUCCESS, uploaded, aborted)
    return status > PENDING, conjunct("its status is one that it can have", may, status=status)


@clause("send-complete.bytes", COMPLETE, "Remarks", reading="sent", each=at(each_buffer, ", completed"))
def transmitted(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """Read by its own sentence, BytesTransferred counts all that was sent of a send."""
    statuses = (SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED)
    done = Or(*(buf.status == status for status in statuses))
    sent = acknowledged_part(buf, conn.peer.sent)
    return done, same(
        "BytesTransferred is what was transmitted of it, acknowledged or not",
        BytesTransferred=buf.bytes,
        transmitted=sent,
    )


@clause("send-complete.after-failure", COMPLETE, "Remarks, Status")
def after_failure(world: World) -> Iterator[Case]:
    """After a send that failed, every later one on the connection fails too."""
    for c, conn in connections(world):
        failed: Value = False
        for k, buf in enumerate(conn.bufs):
            too = conjunct("it is not completed as SUCCESS", buf.status != SUCCESS, status=buf.status)
            where = f"connection {c}, send buffer {k}, after one that failed"
            yield case(where, And(failed, buf.status != NONE), too)
            failed = Or(failed, buf.status == UPLOAD_IN_PROGRESS, buf.status == REQUEST_ABORTED)


@clause("send-complete.in-order", *DISCONNECT)
def in_order(world: World) -> Iterator[Case]:
    """Sends are finished in the order in which they were posted."""
    for _, conn, k, buf, where in buffers(world):
        if k:
            before = conn.bufs[k - 1].status
            waited = conjunct(
                f"send buffer {k - 1} was completed before it", before != PENDING, status=before
            )
            yield case(where, buf.status == SUCCESS, waited)


@clause("send-complete.in-order", *DISCONNECT, reading="before-disconnect")
def before_disconnect(world: World) -> Iterator[Case]:
    """Read strictly: while any send is outstanding, a disconnect is not completed, whatever its status."""
    yield from in_order.cases(world)
    for _, conn, _, buf, where in buffers(world):
        done = conjunct("it is completed", buf.status != PENDING, status=buf.status)
        yield case(f"{where}, once the disconnect is completed", conn.disconnect > PENDING, done)


@lemma("send-window", each=each_connection)
def send_window(w: World, conn: Connection) -> Value:
    """SND.UNA <= SND.NXT <= SND.MAX <= data posted, within a window."""
    own, peer = conn.own, conn.peer
    return And(
        peer.acked >= 0,
        peer.acked <= own.nxt,
        own.nxt <= peer.sent,
        peer.sent <= conn.total + 1,
        Implies(conn.disconnect == NONE, peer.sent <= conn.total),
        peer.sent <= peer.acked + MAX_WINDOW,
    )


@lemma("peer-window", each=each_connection)
def peer_window(w: World, conn: Connection) -> Value:
    """What the peer has lies between SND.UNA and SND.MAX."""
    peer = conn.peer
    return And(
        peer.acked <= peer.got,
        Implies(Not(conn.host.resumed), peer.got <= peer.sent),
        peer.got <= conn.total + 1,
        Implies(conn.disconnect == NONE, peer.got <= conn.total),
    )


@lemma("counts", each=each_connection)
def counts(w: World, conn: Connection) -> Value:
    """Counters are in range."""
    size = len(conn.bufs)
    return And(
        conn.own.first >= 0,
        conn.own.first <= conn.posted,
        conn.posted <= size,
        conn.requested >= 0,
        conn.requested <= len(conn.requests),
        Implies(conn.posted == 0, conn.total == 0),
        conn.total >= 0,
    )


@lemma("stream", each=each_buffer)
def stream(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """The sends follow one another without a gap."""
    before = conn.bufs[k - 1].end if k else 0
    posted = k < conn.posted
    return And(
        Implies(posted, And(buf.begin == before, buf.begin < buf.end, buf.end <= conn.total)),
        Implies(conn.posted == k + 1, buf.end == conn.total),
        Implies(Not(posted), And(buf.status == NONE, buf.returns == 0, buf.host_at == NULL)),
    )


@lemma("statuses", each=each_buffer)
def statuses(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """Sends before the first pending one are finished, the rest pending."""
    part = acknowledged_part(buf, conn.peer.acked)
    aborted = buf.status == REQUEST_ABORTED
    return And(
        Iff(buf.status == PENDING, And(conn.own.first <= k, k < conn.posted)),
        Implies(k < conn.own.first, Or(buf.status == SUCCESS, aborted)),
        Implies(buf.status == SUCCESS, And(buf.end <= conn.peer.acked, buf.bytes == buf.end - buf.begin)),
        Implies(aborted, And(buf.bytes >= 0, buf.bytes <= part, conn.own.first == conn.posted)),
        Implies(aborted, Or(is_over(conn), And(w.filled, w.lost(conn)))),
    )


@lemma("finished", each=each_buffer)
def finished(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """A finished send was given back once and is not queued again."""
    over = And(buf.status != PENDING, buf.status != NONE)
    return Implies(over, And(buf.returns == 1, buf.host_at == NULL))


@lemma("waiting", each=each_buffer)
def waiting(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """A pending send was not given back before the host resumed."""
    pending = And(buf.status == PENDING, Not(conn.host.resumed))
    return Implies(pending, And(buf.returns == 0, buf.host_at == NULL))


SITUATIONS = (
    moment(
        "one acknowledgement for two buffers",
        "AckArrives",
        lambda s, c, p: (
            And(s.live(c), c.peer.acked < c.bufs[0].end, p.upto >= c.bufs[1].end, c.posted > 1)
            if len(c.bufs) > 1
            else False
        ),
    ),
    moment(
        "an acknowledgement overtakes a retransmission",
        "AckArrives",
        lambda s, c, p: And(s.live(c), c.peer.acked < c.own.nxt, c.own.nxt < p.upto),
    ),
    moment(
        "an acknowledgement that changes the window only",
        "AckArrives",
        lambda s, c, p: And(s.live(c), p.upto == c.peer.acked, p.window != c.peer.wnd, c.peer.sent > p.upto),
    ),
    moment(
        "a new acknowledgement during termination",
        "AckArrives",
        lambda s, c, p: And(s.ending(c), p.upto > c.peer.acked),
    ),
)

SENDING = (
    *on(
        0,
        ("MiniportTcpOffloadSend", {"length": 10}),
        ("MiniportTcpOffloadSend", {"length": 20}),
        ("MiniportTcpOffloadSend", {"length": 5}),
        ("Transmit", {"length": 25}),
        ("PeerReceives", {"upto": 20}),
        ("AckArrives", {"upto": 12, "window": 100}),
        ("CompleteSend", {}),
        ("DataArrives", {"length": 7}),
        ("SendAck", {}),
        ("DataArrivesOutOfOrder", {"gap": 3, "length": 4}),
        ("MiniportTcpOffloadReceive", {"size": 0}),
    ),
    *on(
        1,
        ("MiniportTcpOffloadSend", {"length": 4}),
        ("DataArrives", {"length": 3}),
        ("MiniportTcpOffloadForward", {}),
        ("MiniportTcpOffloadDisconnect", {}),
    ),
    *TERMINATE,
    *on(0, ("DataArrives", {"length": 1})),
    *END,
    *SETTLE,
)

SENDS = Part(
    "sending",
    "sends, and how they are completed",
    needs=("wire", "termination"),
    events=(calls.MiniportTcpOffloadSend, answers.Transmit, answers.NdisTcpOffloadSendComplete),
    opened=TRANSMITTING,
    steps=(charge.Transmit, charge.RetransmitTimeout, charge.CompleteSend),
    reactions=(charge.acknowledged,),
    choices=(charge.succeeded, charge.fin_place, charge.source_shift, ending.complete_acknowledged),
    memory=frozenset({"conns.own.una", "conns.own.nxt", "conns.own.max", "conns.own.first"}),
    properties=collected(globals()),
    situations=SITUATIONS,
    runs=(SENDING,),
)
