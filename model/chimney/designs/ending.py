"""The reference design, part 2: terminating the offload, and handing the connections back.

Three owed steps: drain what is outstanding, fill the tree, complete; then free. Each piece is a
choice of the design, so that another one can differ in it alone.
Sources: seed.txt; pages/terminate-offload-sequence.md, Part 2;
pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md;
pages/mapping-snduna--sndnxt--and-sndmax-to-the-mdls.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...design import Choice, Deed, remember, step
from ...logic import And, If, Not, Value, all_of, count, serial
from ...records import update
from ...tcp.numbers import NULL
from ...tcp.peer import CONN, is_over
from ...tcp.states import connection_state
from .. import answers, handover
from ..answers import acknowledged_part
from ..state import (
    ABORTIVE,
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    GRACEFUL,
    NOT_RUNNING,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    Block,
    Buffer,
    Connection,
    Delegated,
    World,
)
from ..tree import ROOT, walk
from .charge import own, received, window

RTO = 300
"""Ticks that the reference lets pass before it retransmits."""


def complete_acknowledged(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Complete the sends that are acknowledged in full: they are not outstanding data."""
    conn = s.conns[c]
    alive = And(when, Not(s.lost(conn)))
    done = [And(alive, buf.status == PENDING, buf.end <= conn.own.una) for buf in conn.bufs]
    back = []
    for k, buf in enumerate(conn.bufs):
        length = buf.end - buf.begin
        back.append(
            answers.NdisTcpOffloadSendComplete(
                done[k], conn=c, buffer=k, status=SUCCESS, bytes=length, advanced=length
            )
        )
    return [*back, own(c, when, first=conn.own.first + count(done))]


def send_delayed_ack(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Acknowledge what was received, unless there is nobody to tell."""
    conn = s.conns[c]
    due = And(Not(s.lost(conn)), Not(is_over(conn)), conn.peer.acked_to < received(conn))
    return [design.acknowledges(s, c, And(when, due))]


def end_receives(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Receive requests go back without data."""
    conn = s.conns[c]
    back = design.receive_status(s, conn)
    return [
        answers.NdisTcpOffloadReceiveComplete(
            And(when, request.status == PENDING),
            conn=c,
            request=k,
            status=back,
            start=conn.peer.app_got,
            bytes=0,
            advanced=0,
        )
        for k, request in enumerate(conn.requests)
    ]


def receive_status(design: Any, s: World, conn: Connection) -> Value:
    """The status with which a receive request goes back."""
    return If(s.lost(conn), REQUEST_ABORTED, UPLOAD_IN_PROGRESS)


def end_disconnect(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """A pending disconnect goes back."""
    conn = s.conns[c]
    pending, back = And(when, conn.disconnect == PENDING), design.disconnect_status(s, conn)
    return [answers.NdisTcpOffloadDisconnectComplete(pending, conn=c, status=back, kind=GRACEFUL)]


def disconnect_status(design: Any, s: World, conn: Connection) -> Value:
    """The status with which a disconnect goes back: what became of its FIN."""
    done = And(conn.own.una > conn.total, Not(s.lost(conn)))
    return If(done, SUCCESS, If(s.lost(conn), REQUEST_ABORTED, UPLOAD_IN_PROGRESS))


def end_abort(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """A pending abortive disconnect goes back: its RST is sent, unless the connection was lost before."""
    conn = s.conns[c]
    pending, back = And(when, conn.abort == PENDING), If(s.lost(conn), REQUEST_ABORTED, SUCCESS)
    return [answers.NdisTcpOffloadDisconnectComplete(pending, conn=c, status=back, kind=ABORTIVE)]


def end_forward(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """A forwarded segment is dealt with."""
    conn = s.conns[c]
    back = design.forward_status(s, conn)
    return [answers.NdisTcpOffloadForwardComplete(And(when, conn.forward), conn=c, status=back)]


def drop_sacked(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Data that was only acknowledged selectively is dropped: the peer sends it again."""
    return [own(c, when, sack_from=0, sack_to=0)]


def end_state_calls(design: Any, s: World) -> Sequence[Deed]:
    """The calls on neighbor and path objects are completed."""
    back = design.call_status(s)
    return [answers.CompleteStateCall(call, call=k, status=back) for k, call in enumerate(s.calls)]


def drained(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Everything outstanding on connection *c*, if *when* holds."""
    parts = (
        design.complete_acknowledged,
        design.send_delayed_ack,
        design.end_receives,
        design.end_disconnect,
        design.end_abort,
        design.end_forward,
        design.drop_sacked,
    )
    return [deed for part in parts for deed in part(s, c, when)]


@step(owed=True)
def Drain(design: Any, s: World, p: Any) -> Choice:
    """the target completes every outstanding call and sends its delayed ACKs"""
    deeds = [deed for c, conn in enumerate(s.conns) for deed in design.drained(s, c, conn.block != NULL)]
    may = And(s.phase == TERMINATING, Not(s.drained))
    return may, [*deeds, *design.end_state_calls(s), remember(drained=True)]


def returned(design: Any, s: World) -> Value:
    """Whether every indication has returned."""
    no_calls = [Not(s.status_indication), Not(s.event_indication)]
    for conn in s.conns:
        no_calls += [Not(And(conn.block != NULL, conn.event)), Not(And(conn.block != NULL, conn.indication))]
    return all_of(no_calls)


def retransmit_delta(design: Any, conn: Connection) -> Value:
    """Ticks until the retransmit timer expires: it runs while anything is not acknowledged."""
    return If(conn.own.una < conn.own.max, RTO, NOT_RUNNING)


def state_now(design: Any, conn: Connection) -> Value:
    """The State member: the connection's state in the words of RFC 9293."""
    return connection_state(conn, conn.own.una, conn.own.max, conn.peer.fin)


def window_from(design: Any, conn: Connection) -> Value:
    """SendWL1: whatever segment brought the window last, none that comes next is older than RCV.NXT."""
    return serial(conn.irn + received(conn))


def delegated(design: Any, conn: Connection, base: int) -> Delegated:
    """The delegated structure: the window as sequence numbers, the chain's ends, the buffered data."""
    mine = conn.own
    some = mine.first < conn.posted
    return update(
        conn.given,
        written=True,
        snd_una=serial(conn.isn + mine.una),
        snd_nxt=serial(conn.isn + mine.nxt),
        snd_max=serial(conn.isn + mine.max),
        snd_wnd=conn.peer.wnd,
        rcv_nxt=serial(conn.irn + received(conn)),
        rcv_wnd=window(conn),
        retransmit_delta=design.retransmit_delta(conn),
        connection_state=design.state_now(conn),
        snd_wl1=design.window_from(conn),
        head=If(some, base + mine.first, NULL),
        tail=If(some, base + conn.posted - 1, NULL),
        buffered_from=mine.consumed,
        buffered_to=mine.rcv_nxt,
    )


def chain(design: Any, conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    """Chain the sends that are not completed, in posting order, the first one advanced to SND.UNA.

    Returns the pointer for NetBufferListChain and the buffers with their Next pointers.
    """
    bufs = []
    for k, buf in enumerate(conn.bufs):
        following = If(k + 1 < conn.posted, base + k + 1, NULL)
        start = buf.begin + acknowledged_part(buf, conn.own.una)
        chained = update(buf, next=following, start=start)
        bufs.append(If(And(conn.own.first <= k, k < conn.posted), chained, buf))
    return If(conn.own.first < conn.posted, base + conn.own.first, NULL), tuple(bufs)


def walked(design: Any, blocks: tuple[Block, ...]) -> list[Value]:
    """For each block, whether the target comes to it."""
    return walk(blocks)


def status(design: Any, s: World, block: Block) -> Value:
    """The Status of a block: FAILURE where the state object is lost."""
    return If(block.lost, BLOCK_FAILURE, BLOCK_SUCCESS)


def block_back(design: Any, s: World, block: Block) -> Block:
    """A block that the target comes to, as it is handed back but for its chain."""
    return update(block, status=design.status(s, block))


def block_of(design: Any, s: World, c: int) -> Value:
    """The block in which the chain of connection *c* is stored."""
    return s.conns[c].block


def carries_chain(design: Any, s: World, conn: Connection) -> Value:
    """Whether a connection's chain is stored: not if it is lost."""
    return Not(s.lost(conn))


def written(design: Any, s: World, c: int) -> tuple[Value, Connection]:
    """The chain of connection *c*, and the connection as the tree is to have it."""
    conn, base = s.conns[c], c * len(s.conns[c].bufs)
    head, bufs = design.chain(conn, base)
    back = update(conn, bufs=bufs, given=design.delegated(conn, base))
    return head, If(s.lost(conn), conn, back)


@step(owed=True)
def FillTree(design: Any, s: World, p: Any) -> Choice:
    """the target writes Status, delegated state and chains into the tree"""
    may = And(s.phase == TERMINATING, s.drained, Not(s.filled), design.returned(s))
    blocks = [
        If(here, design.block_back(s, block), block)
        for block, here in zip(s.blocks, design.walked(s.blocks), strict=True)
    ]
    conns, aborts = [], []
    for c, conn in enumerate(s.conns):
        head, back = design.written(s, c)
        here, place = And(conn.block != NULL, design.carries_chain(s, conn)), design.block_of(s, c)
        blocks = [update(b, chain=If(And(here, place == n), head, b.chain)) for n, b in enumerate(blocks)]
        conns.append(back)
        aborts += design.given_up(s, c, And(conn.block != NULL, s.lost(conn)))
    return may, [handover.WriteTree(**handover.contents(blocks, conns)), *aborts]


def given_up(design: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """What becomes of the requests of a lost connection."""
    deeds: Sequence[Deed] = design.aborted(s, c, when)
    return deeds


@step(owed=True)
def NdisMTerminateOffloadComplete(design: Any, s: World, p: Any) -> Choice:
    """the target calls NdisMTerminateOffloadComplete"""
    return And(s.phase == TERMINATING, s.filled), [handover.NdisMTerminateOffloadComplete(root=ROOT)]


@step(owed=True, conn=CONN)
def Free(design: Any, s: World, p: Any) -> Choice:
    """the target frees what it holds for connection {conn}"""
    conn = s.conns[p.conn]
    may = And(s.handed_back(conn), Not(conn.freed), Not(conn.lent), Not(conn.host.reading))
    return may, [answers.Free(conn=p.conn)]


STEPS = (Drain, FillTree, NdisMTerminateOffloadComplete, Free)
