"""Helpers for induction: what the reference keeps true besides the clauses.

Lemmas may look at the target's own memory; clauses and guarantees may not. A lemma
that a design breaks is dropped for that design, with the step that broke it; whatever
is proved is proved from lemmas that hold.
"""

from __future__ import annotations

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import (
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    COMPLETED,
    NONE,
    OFFLOADED,
    PENDING,
    PLACEHOLDER,
    REQUEST_ABORTED,
    SUCCESS,
    UPLOAD_IN_PROGRESS,
    Buffer,
    Connection,
    World,
)
from ...model.chimney.tree import untouched, well_formed
from ...model.logic import SEQUENCE_SPACE, And, If, Iff, Implies, Max, Not, Or, Value, all_of, serial
from ...model.records import domain
from ...model.tcp.numbers import MAX_WINDOW, NULL
from ..property import Property
from .making import buffer_lemma, conn_lemma, lemma, ready
from .receiving import received


def _phases(w: World) -> Value:
    return And(
        Iff(w.phase == COMPLETED, w.completions == 1),
        Implies(w.phase != COMPLETED, And(w.completions == 0, w.root_back == NULL)),
        Implies(w.drained, w.phase != OFFLOADED),
        Implies(w.filled, w.drained),
        Implies(w.phase == COMPLETED, w.filled),
        Not(w.untidy),
        Implies(w.quiet, And(w.phase == COMPLETED, Not(w.status_indication), Not(w.event_indication))),
    )


def _drained(w: World) -> Value:
    still = And(Not(w.status_indication), Not(w.event_indication))
    return And(
        Implies(w.drained, all_of(Not(call) for call in w.calls)),
        Implies(w.filled, still),
    )


def _blocks(w: World) -> Value:
    parts = []
    for block in w.blocks:
        blank = And(block.status == 0, block.chain == NULL)
        done = block.status == BLOCK_SUCCESS
        failed = block.status == BLOCK_FAILURE
        parts += [
            Implies(Or(Not(w.filled), Not(block.in_tree)), blank),
            Implies(And(w.filled, block.in_tree), And(Or(done, failed), Iff(failed, block.lost))),
            Implies(block.lost, And(block.in_tree, block.kind != PLACEHOLDER)),
            Implies(block.conn == NULL, block.chain == NULL),
            untouched(block),
        ]
    return all_of(parts)


def _rigid(w: World, conn: Connection) -> Value:
    numbers = And(conn.isn >= 0, conn.isn < SEQUENCE_SPACE, conn.irn >= 0, conn.irn < SEQUENCE_SPACE)
    windows = And(conn.capacity >= 0, conn.capacity <= MAX_WINDOW)
    return And(numbers, windows, conn.peer.wnd >= 0, conn.peer.wnd <= MAX_WINDOW)


def _own(w: World, conn: Connection) -> Value:
    own, peer = conn.own, conn.peer
    return And(
        own.una == peer.acked,
        own.max == peer.sent,
        own.rcv_nxt == peer.arrived,
        Implies(Not(conn.host.resumed), own.consumed == peer.app_got),
    )


def _send_window(w: World, conn: Connection) -> Value:
    own, peer = conn.own, conn.peer
    return And(
        peer.acked >= 0,
        peer.acked <= own.nxt,
        own.nxt <= peer.sent,
        peer.sent <= conn.total + 1,
        Implies(conn.disconnect == NONE, peer.sent <= conn.total),
        peer.sent <= peer.acked + MAX_WINDOW,
    )


def _peer_window(w: World, conn: Connection) -> Value:
    peer = conn.peer
    return And(
        peer.acked <= peer.got,
        Implies(Not(conn.host.resumed), peer.got <= peer.sent),
        peer.got <= conn.total + 1,
        Implies(conn.disconnect == NONE, peer.got <= conn.total),
    )


def _fin(w: World, conn: Connection) -> Value:
    peer = conn.peer
    placed = Or(peer.fin_at == NULL, And(peer.fin_at == conn.total, conn.disconnect != NONE))
    return And(placed, Implies(peer.got > conn.total, peer.fin_at == conn.total))


def _disconnected(w: World, conn: Connection) -> Value:
    acked = conn.peer.acked
    taken_back = conn.disconnect == UPLOAD_IN_PROGRESS
    return And(
        Implies(conn.disconnect == SUCCESS, acked > conn.total),
        Implies(taken_back, And(acked <= conn.total, w.drained, conn.block != NULL)),
    )


def _peer_stream(w: World, conn: Connection) -> Value:
    return conn.peer.shift == 0


def _own_queue(w: World, conn: Connection) -> Value:
    return Not(conn.host.foreign)


def _receive_window(w: World, conn: Connection) -> Value:
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


def _indications(w: World, conn: Connection) -> Value:
    own = conn.own
    spans = And(
        conn.indicated_from == own.consumed,
        own.consumed <= conn.indicated_to,
        conn.indicated_to <= own.rcv_nxt,
    )
    in_tree = And(conn.block != NULL, w.filled)
    return And(
        Implies(conn.indication, And(spans, Not(conn.host.resumed))),
        Implies(in_tree, And(Not(conn.indication), Not(conn.event))),
    )


def _conn_drained(w: World, conn: Connection) -> Value:
    told = Or(w.lost(conn), conn.peer.rst, conn.host.resumed, conn.peer.acked_to == received(conn))
    done = all_of(request.status != PENDING for request in conn.requests)
    calls = And(Not(conn.forward), conn.disconnect != PENDING, done)
    rest = all_of(Or(w.lost(conn), buf.status != PENDING, conn.peer.acked < buf.end) for buf in conn.bufs)
    return And(
        Implies(And(w.drained, conn.block != NULL), And(calls, told, rest)),
        all_of(
            And(Implies(conn.requested <= k, request.status == NONE), request.size >= 0)
            for k, request in enumerate(conn.requests)
        ),
    )


def _unharmed(w: World, conn: Connection, status: Value) -> Value:
    """The status is not that of an abort, unless there was a reset or a loss."""
    known = (NONE, PENDING, SUCCESS, UPLOAD_IN_PROGRESS)
    return Or(conn.peer.rst, w.lost(conn), *(status == good for good in known))


def _requests_as(w: World, conn: Connection) -> Value:
    ended = And(w.drained, conn.block != NULL)
    return all_of(
        And(_unharmed(w, conn, status), status <= REQUEST_ABORTED, Or(ended, status != UPLOAD_IN_PROGRESS))
        for status in (request.status for request in conn.requests)
    )


def _disconnect_as(w: World, conn: Connection) -> Value:
    return _unharmed(w, conn, conn.disconnect)


def _reset(w: World, conn: Connection) -> Value:
    over = And(conn.disconnect != PENDING, conn.disconnect != UPLOAD_IN_PROGRESS)
    known = (NONE, SUCCESS, REQUEST_ABORTED)
    ended = all_of(Or(*(request.status == status for status in known)) for request in conn.requests)
    return Implies(conn.peer.rst, And(conn.own.first == conn.posted, over, ended))


def _lost_sends(w: World, conn: Connection) -> Value:
    gone = And(w.filled, w.lost(conn))
    return Implies(gone, conn.own.first == conn.posted)


def _given(w: World, conn: Connection) -> Value:
    given, own = conn.given, conn.own
    back = And(w.filled, conn.block != NULL, Not(w.lost(conn)))
    same = And(
        given.written,
        given.snd_una == serial(conn.isn + own.una),
        given.rcv_nxt == serial(conn.irn + received(conn)),
        given.buffered_from == own.consumed,
        given.buffered_to == own.rcv_nxt,
    )
    blank = And(Not(given.written), given.buffered_from == 0, given.buffered_to == 0)
    return And(Implies(back, same), Implies(Not(w.filled), blank))


def _resumed(w: World, conn: Connection) -> Value:
    host = conn.host
    return And(
        Implies(host.aborted, host.resumed),
        Implies(host.resumed, w.handed_back(conn)),
        Implies(host.resumed, Iff(host.aborted, w.lost(conn))),
        Implies(host.reading, w.handed_back(conn)),
    )


def _in_charge(conn: Connection) -> Value:
    return And(conn.host.resumed, Not(conn.host.aborted))


def _host_una(w: World, conn: Connection) -> Value:
    host = conn.host
    return Implies(_in_charge(conn), And(host.una == conn.peer.acked, host.una <= host.nxt))


def _host_nxt(w: World, conn: Connection) -> Value:
    return Implies(_in_charge(conn), conn.host.nxt <= conn.host.end)


def _host_end(w: World, conn: Connection) -> Value:
    end, peer = conn.host.end, conn.peer
    due = If(peer.rst, peer.acked, Max(peer.acked, conn.total))
    return Implies(_in_charge(conn), end == due)


def _host_rcv(w: World, conn: Connection) -> Value:
    host, peer = conn.host, conn.peer
    fin = received(conn) - peer.arrived
    return Implies(
        _in_charge(conn),
        And(peer.acked_to <= host.rcv, peer.app_got + fin == host.rcv, peer.arrived <= peer.app_got),
    )


def _owner(w: World, conn: Connection) -> Value:
    quiet = Implies(And(w.quiet, conn.block != NULL), And(conn.host.resumed, conn.freed))
    return And(
        Implies(conn.freed, And(w.handed_back(conn), Not(conn.lent), Not(conn.host.reading))),
        quiet,
    )


def _counts(w: World, conn: Connection) -> Value:
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


def _stream(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    before = conn.bufs[k - 1].end if k else 0
    posted = k < conn.posted
    return And(
        Implies(posted, And(buf.begin == before, buf.begin < buf.end, buf.end <= conn.total)),
        Implies(conn.posted == k + 1, buf.end == conn.total),
        Implies(Not(posted), And(buf.status == NONE, buf.returns == 0, buf.host_at == NULL)),
    )


def _statuses(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    part = acknowledged_part(buf, conn.peer.acked)
    aborted = buf.status == REQUEST_ABORTED
    return And(
        Iff(buf.status == PENDING, And(conn.own.first <= k, k < conn.posted)),
        Implies(k < conn.own.first, Or(buf.status == SUCCESS, aborted)),
        Implies(buf.status == SUCCESS, And(buf.end <= conn.peer.acked, buf.bytes == buf.end - buf.begin)),
        Implies(aborted, And(buf.bytes >= 0, buf.bytes <= part, conn.own.first == conn.posted)),
        Implies(aborted, Or(conn.peer.rst, And(w.filled, w.lost(conn)))),
    )


def _finished(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    finished = And(buf.status != PENDING, buf.status != NONE)
    return Implies(finished, And(buf.returns == 1, buf.host_at == NULL))


def _waiting(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    waiting = And(buf.status == PENDING, Not(conn.host.resumed))
    return Implies(waiting, And(buf.returns == 0, buf.host_at == NULL))


def _requeued(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    resumed = And(conn.host.resumed, Not(conn.host.aborted), buf.status == PENDING)
    return Implies(resumed, buf.host_at == buf.start)


def _given_back(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    resumed = And(conn.host.resumed, Not(conn.host.aborted), buf.status == PENDING)
    return Implies(resumed, buf.returns == 1)


def _start(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    pending = buf.status == PENDING
    out = Or(conn.block == NULL, Not(w.filled))
    advanced = buf.start == buf.begin + acknowledged_part(buf, conn.peer.acked)
    return And(
        Implies(And(pending, out), And(buf.start == buf.begin, buf.next == NULL)),
        Implies(And(pending, Not(out)), advanced),
    )


WORLD = (
    lemma("domain", "Every variable lies in its sort.", domain),
    lemma("tree", "The tree is well formed and does not change.", well_formed),
    lemma("phases", "Drain, fill, complete happen in that order, once each.", _phases),
    lemma("drained", "Nothing on a neighbor or path object is outstanding after the drain.", _drained),
    lemma("blocks", "Blocks are blank until the tree is filled, and right from then on.", _blocks),
    conn_lemma("rigid", "Sequence numbers and windows are in range.", _rigid),
    conn_lemma("own", "The target's own variables say what the wire says.", _own),
    conn_lemma("send-window", "SND.UNA <= SND.NXT <= SND.MAX <= data posted, within a window.", _send_window),
    conn_lemma("peer-window", "What the peer has lies between SND.UNA and SND.MAX.", _peer_window),
    conn_lemma("fin", "The FIN stands at the end of the data.", _fin),
    conn_lemma("disconnected", "A disconnect is completed as what became of its FIN.", _disconnected),
    conn_lemma("peer-stream", "No byte reached the peer at another byte's place.", _peer_stream),
    conn_lemma("own-queue", "The host's queue holds the connection's own buffers.", _own_queue),
    conn_lemma("receive-window", "Consumed <= RCV.NXT, within the receive buffer.", _receive_window),
    conn_lemma(
        "indications", "An indication spans the data that is next; none is out once filled.", _indications
    ),
    conn_lemma("conn-drained", "Nothing on a connection is outstanding after the drain.", _conn_drained),
    conn_lemma("requests-as", "Receive requests fail for a reset, a loss or the end only.", _requests_as),
    conn_lemma("disconnect-as", "A disconnect is aborted only after a reset or a loss.", _disconnect_as),
    conn_lemma("reset", "After an RST nothing is outstanding.", _reset),
    conn_lemma(
        "lost-sends", "A lost connection's sends are aborted by the time the tree is filled.", _lost_sends
    ),
    conn_lemma("given", "The delegated structure says what the target knows.", _given),
    conn_lemma("resumed", "The host resumes what is handed back, and gives up what is lost.", _resumed),
    conn_lemma("host-una", "The resuming host stands at SND.UNA.", _host_una),
    conn_lemma("host-nxt", "It sends within its queue.", _host_nxt),
    conn_lemma("host-end", "Its queue ends where the data ends.", _host_end),
    conn_lemma("host-rcv", "It expects what was not acknowledged, and has passed on the rest.", _host_rcv),
    conn_lemma("owner", "Freed means that nobody reads; quiet means that all is freed.", _owner),
    conn_lemma("counts", "Counters are in range.", _counts),
    buffer_lemma("stream", "The sends follow one another without a gap.", _stream),
    buffer_lemma("statuses", "Sends before the first pending one are finished, the rest pending.", _statuses),
    buffer_lemma("finished", "A finished send was given back once and is not queued again.", _finished),
    buffer_lemma("waiting", "A pending send was not given back before the host resumed.", _waiting),
    buffer_lemma("requeued", "The host queues a pending send at its place.", _requeued),
    buffer_lemma("given-back", "The host got a pending send back once.", _given_back),
    buffer_lemma("start", "A send's data starts at its first byte, or after what is acknowledged.", _start),
)


def with_ready(properties: tuple[Property, ...]) -> tuple[Property, ...]:
    """The lemmas, and one ``ready`` lemma per clause in its default reading."""
    clauses = (p for p in properties if p.kind == "clause" and not p.reading)
    return (*WORLD, *(ready(p) for p in clauses))
