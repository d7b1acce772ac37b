"""The part of receiving: requests and indications, RcvNxt, BufferedData, delayed and late segments."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import (
    COMPLETED,
    INVALID_STATE,
    NONE,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    Connection,
    Request,
    World,
)
from ...model.logic import And, If, Implies, Not, Or, Value, all_of, any_of, serial, serial_difference
from ...model.tcp.numbers import MAX_WINDOW, NULL
from ...model.tcp.peer import is_over
from ..property import Case, Conjunct, Holding, at_most, case, clause, collected, conjunct, lemma, same
from ..situation import Situation
from ..subject import Part
from ..tcp.wire import acked_data, each_connection, received
from .cases import asked, back, buffered, each_request, fresh, moment, taken_back

COMPLETE = "ddi/nf-ndischimney-ndismterminateoffloadcomplete.md"
RECEIVE_COMPLETE = "ddi/nc-ndischimney-ndis_tcp_offload_receive_complete.md"
AND_AFTER = "pages/handling-buffered-receive-data-during-and-after-an-offload-operation.md"
BUFFERED = "pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md"
SEGMENTS = "pages/handling-segments-received-during-a-terminate-offload-operation.md"


@clause("calls.receive", COMPLETE, "Remarks, outstanding calls", each=each_request)
def receive(world: World, conn: Connection, request: Request) -> Holding:
    """A MiniportTcpOffloadReceive call that is outstanding is completed before the termination is."""
    posted = And(world.handed_back(conn), request.status != NONE)
    return posted, conjunct("it is completed", request.status != PENDING, status=request.status)


@clause("receive-complete.upload-status", RECEIVE_COMPLETE, "Remarks, Status", each=each_request)
def upload_status(world: World, conn: Connection, request: Request) -> Holding:
    """A receive request that only the termination ends comes back as NDIS_STATUS_UPLOAD_IN_PROGRESS."""
    status = request.status
    late = And(status == INVALID_STATE, conn.ends_told > 0)
    failed = And(taken_back(world, conn), status > PENDING, status != SUCCESS, Not(late))
    says = "its status is NDIS_STATUS_UPLOAD_IN_PROGRESS"
    return failed, conjunct(says, status == UPLOAD_IN_PROGRESS, status=status)


@clause("receive-complete.status", RECEIVE_COMPLETE, "Remarks, Status", each=each_request)
def receive_status(world: World, conn: Connection, request: Request) -> Holding:
    """A receive request comes back with one of four statuses: in an invalid state only after the end of the
    stream was told, and as a success only with data, if it asked for any and the peer has not closed."""
    status = request.status
    late = And(status == INVALID_STATE, conn.ends_told > 0)
    empty = And(request.bytes == 0, request.size > 0, Not(conn.peer.fin))
    served = And(status == SUCCESS, Not(empty))
    may = Or(served, *(status == known for known in (REQUEST_ABORTED, UPLOAD_IN_PROGRESS)), late)
    says = "its status is one that it can have"
    return status > PENDING, conjunct(says, may, status=status, bytes=request.bytes, size=request.size)


@clause(
    "receive-complete.advanced",
    RECEIVE_COMPLETE,
    "Remarks, NdisAdvanceNetBufferDataStart",
    each=each_request,
)
def advanced(world: World, conn: Connection, request: Request) -> Holding:
    """The data start of a completed receive request moves by the bytes that are in it."""
    return request.status > PENDING, same(
        "its data start moved by BytesTransferred", moved_by=request.advanced, BytesTransferred=request.bytes
    )


@clause("indications.receive", COMPLETE, "Remarks, outstanding indications", each=each_connection)
def indication(world: World, conn: Connection) -> Holding:
    """A call of NdisTcpOffloadReceiveHandler that is under way has returned before the termination is
    completed.
    """
    return world.handed_back(conn), conjunct(
        "the call of NdisTcpOffloadReceiveHandler has returned",
        Not(conn.indication),
        still_out=conn.indication,
    )


@clause("rcv.nxt", "ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "RcvNxt", each=each_connection)
def rcv_nxt(world: World, conn: Connection) -> Holding:
    """RcvNxt is the next sequence number expected from the peer: what was acknowledged, and nothing more."""
    true = serial(conn.irn + conn.peer.acked_to)
    return And(fresh(world, conn), Not(conn.peer.rst)), same(
        "RcvNxt is the first sequence number that was not acknowledged to the peer",
        RcvNxt=conn.given.rcv_nxt,
        after_the_last_one_acknowledged=true,
    )


def undelivered(world: World, conn: Connection) -> Value:
    """Whether a connection comes back with acknowledged data that the application has not got."""
    return And(fresh(world, conn), conn.peer.app_got < acked_data(conn))


def handed_over(conn: Connection) -> Conjunct:
    """That BufferedData has the data which is acknowledged, and which the application has not got."""
    given, got, owed = conn.given, conn.peer.app_got, acked_data(conn)
    return conjunct(
        "BufferedData holds the data that is acknowledged and that the application has not got",
        And(given.buffered_from <= got, owed <= given.buffered_to),
        the_application_has=got,
        acknowledged_up_to=owed,
        BufferedData_from=given.buffered_from,
        BufferedData_to=given.buffered_to,
    )


@clause("receive.kept", BUFFERED, "second paragraph", each=each_connection)
def kept(world: World, conn: Connection) -> Holding:
    """Acknowledged data that is not delivered by the end is handed over as BufferedData.

    Where the connection was reset it may be flushed (RFC 9293, 3.10.7.4: second, check the RST bit).
    """
    return And(undelivered(world, conn), Not(conn.peer.rst)), handed_over(conn)


@clause("receive.kept", BUFFERED, "second paragraph", reading="optional")
def kept_if_any(world: World) -> Iterator[Case]:
    """Read as a permission: a target need not hand buffered data over, but what it hands over is whole."""
    for owed, conn in zip(kept.cases(world), world.conns, strict=True):
        yield case(owed.where, And(owed.premise, buffered(conn)), *owed.holds)


@clause("receive.once", BUFFERED, "first paragraph", each=each_connection)
def once(world: World, conn: Connection) -> Holding:
    """Data that the application already has is not handed over again."""
    return And(fresh(world, conn), buffered(conn)), conjunct(
        "BufferedData starts where the application's data ends",
        conn.given.buffered_from >= conn.peer.app_got,
        BufferedData_from=conn.given.buffered_from,
        the_application_has=conn.peer.app_got,
    )


@clause("receive.up-to-rcv-nxt", AND_AFTER, "figure", each=each_connection)
def up_to_rcv_nxt(world: World, conn: Connection) -> Holding:
    """The buffered data is the most recent data received: it ends where RcvNxt stands."""
    given, peer = conn.given, conn.peer
    counted = And(peer.fin, given.rcv_nxt == serial(conn.irn + peer.arrived + 1))
    end = serial(conn.irn + given.buffered_to + If(counted, 1, 0))
    return And(fresh(world, conn), buffered(conn)), same(
        "BufferedData ends at RcvNxt", BufferedData_ends_at=end, RcvNxt=given.rcv_nxt
    )


@clause("ack.delayed-sent", SEGMENTS, "second paragraph", each=each_connection)
def delayed_ack(world: World, conn: Connection) -> Holding:
    """Before completing, the target sends the acknowledgements it was holding back.

    It owes them for what it took: what the application got, and what it hands over. A segment that it
    dropped it owes nothing for: the peer sends it again.
    """
    given, acked = conn.given, conn.peer.acked_to
    got = at_most(
        "what the application got is acknowledged",
        the_application_has=conn.peer.app_got,
        acknowledged_up_to=acked,
    )
    over = serial_difference(given.rcv_nxt, serial(conn.irn + acked))
    counted = conjunct("what RcvNxt counts is acknowledged", over <= 0, **{"RcvNxt beyond it by": over})
    held = conjunct(
        "what BufferedData holds is acknowledged",
        Or(Not(buffered(conn)), given.buffered_to <= acked),
        BufferedData_to=given.buffered_to,
        acknowledged_up_to=acked,
    )
    return And(fresh(world, conn), Not(conn.peer.rst)), got, counted, held


@clause("segments.not-processed", SEGMENTS, "first paragraph", each=each_connection)
def not_processed(world: World, conn: Connection) -> Holding:
    """A segment that arrives during termination is passed to the host unprocessed."""
    begun = And(Not(world.live(conn)), Not(conn.host.resumed))
    unacknowledged = at_most(
        "no segment that came during termination is acknowledged",
        acknowledged_up_to=conn.peer.acked_to,
        received_before_termination=received(conn),
    )
    ungiven = at_most(
        "no data that came during termination is given to the application",
        the_application_has=conn.peer.app_got,
        received_before_termination=conn.peer.arrived,
    )
    return And(begun, conn.late), unacknowledged, ungiven


@clause("sack.dropped", SEGMENTS, "third paragraph", each=each_connection)
def sack(world: World, conn: Connection) -> Holding:
    """Data that was only selectively acknowledged is dropped, not handed over."""
    given, peer = conn.given, conn.peer
    over = serial_difference(given.rcv_nxt, serial(conn.irn + received(conn)))
    dropped = at_most(
        "BufferedData holds no data that is only SACKed",
        BufferedData_to=given.buffered_to,
        received_in_order_up_to=peer.arrived,
    )
    uncounted = conjunct("RcvNxt does not count it", over <= 0, **{"RcvNxt beyond in-order data by": over})
    held = peer.sacked_to > peer.arrived
    return And(fresh(world, conn), held), dropped, uncounted


@lemma("receive-window", each=each_connection)
def receive_window(w: World, conn: Connection) -> Value:
    """Consumed <= RCV.NXT, within the receive buffer."""
    own, peer, before = conn.own, conn.peer, Not(conn.host.resumed)
    return And(
        own.consumed >= 0,
        own.consumed <= own.rcv_nxt,
        own.rcv_nxt - own.consumed <= conn.capacity,
        peer.acked_to >= 0,
        peer.arrived <= peer.acked_to + MAX_WINDOW,
        Implies(before, peer.acked_to <= received(conn)),
        own.sack_from >= 0,
        own.sack_from <= own.sack_to,
    )


@lemma("room-offered", each=each_connection)
def room_offered(w: World, conn: Connection) -> Value:
    """The window that is offered ends where the receive buffer does, whatever requests are posted."""
    return Implies(w.reachable(conn), conn.peer.offered <= conn.peer.app_got)


@lemma("indications", each=each_connection)
def spans(w: World, conn: Connection) -> Value:
    """An indication spans the data that is next; none is out once filled."""
    own = conn.own
    following = And(
        conn.indicated_from == own.consumed,
        own.consumed <= conn.indicated_to,
        conn.indicated_to <= own.rcv_nxt,
    )
    in_tree = And(conn.block != NULL, w.filled)
    return And(
        Implies(conn.indication, And(following, Not(conn.host.resumed))),
        Implies(in_tree, And(Not(conn.indication), Not(conn.event))),
    )


def unharmed(w: World, conn: Connection, status: Value) -> Value:
    """The status is not that of an abort, unless there was a reset or a loss."""
    known = (NONE, PENDING, SUCCESS, UPLOAD_IN_PROGRESS)
    return Or(is_over(conn), w.lost(conn), *(status == good for good in known))


@lemma("requests-as", each=each_connection)
def requests_as(w: World, conn: Connection) -> Value:
    """Receive requests fail for a reset, a loss or the end only."""
    ended = And(w.drained, conn.block != NULL)
    return all_of(
        And(unharmed(w, conn, status), status <= REQUEST_ABORTED, Or(ended, status != UPLOAD_IN_PROGRESS))
        for status in (request.status for request in conn.requests)
    )


def _stays(what: str, when: str, action: str, phase: int) -> Situation:
    name = f"{what} on a connection that stays, {when} the termination of another"
    return moment(name, action, lambda s, c, p: And(s.phase == phase, c.block == NULL))


SITUATIONS = (
    back(
        "buffered data, of which the application took the start",
        lambda c: And(buffered(c), c.peer.app_got > 0),
    ),
    asked("data is held out of order", lambda s, c: c.peer.sacked_to > c.peer.arrived),
    asked(
        "an acknowledgement is held back", lambda s, c: And(c.peer.acked_to < c.peer.arrived, Not(c.peer.rst))
    ),
    moment("a receive request of 0 bytes", "MiniportTcpOffloadReceive", lambda s, c, p: p.size == 0),
    moment("the application takes nothing", "ReturnReceiveIndication", lambda s, c, p: p.bytes == 0),
    moment(
        "the application takes a part",
        "ReturnReceiveIndication",
        lambda s, c, p: And(p.bytes > 0, p.bytes < c.indicated_to - c.indicated_from),
    ),
    moment(
        "a request is posted for data that was refused",
        "MiniportTcpOffloadReceive",
        lambda s, c, p: And(c.peer.app_got < c.peer.arrived, p.size > 0, Not(c.indication)),
    ),
    asked(
        "termination while a receive request is outstanding",
        lambda s, c: any_of(r.status == PENDING for r in c.requests),
    ),
    asked("termination during a receive indication", lambda s, c: c.indication),
    moment("data during termination", "DataArrives", lambda s, c, p: s.ending(c)),
    _stays("data", "during", "DataArrives", TERMINATING),
    _stays("a send", "during", "MiniportTcpOffloadSend", TERMINATING),
    _stays("an RST", "during", "RstArrives", TERMINATING),
    _stays("data", "after", "DataArrives", COMPLETED),
    _stays("an acknowledgement", "after", "AckArrives", COMPLETED),
    _stays("a disconnect", "after", "MiniportTcpOffloadDisconnect", COMPLETED),
)

RECEIVES = Part(
    "receiving",
    "receive requests and indications, acknowledgements, and the data that is handed over",
    needs=("wire", "termination"),
    events=(
        calls.MiniportTcpOffloadReceive,
        calls.ReturnReceiveIndication,
        answers.NdisTcpOffloadReceiveComplete,
        answers.NdisTcpOffloadReceiveHandler,
        answers.SendAck,
    ),
    steps=(charge.CompleteReceive, charge.IndicateReceive, charge.SendAck),
    reactions=(charge.kept, charge.kept_apart, charge.passed_on),
    choices=(
        charge.acknowledges,
        ending.send_delayed_ack,
        ending.end_receives,
        ending.receive_status,
        ending.drop_sacked,
    ),
    memory=frozenset({"conns.own.rcv_nxt", "conns.own.consumed", "conns.own.sack_from", "conns.own.sack_to"}),
    properties=collected(globals()),
    situations=SITUATIONS,
)
