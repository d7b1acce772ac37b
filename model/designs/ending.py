"""The reference design, part 3: terminating the offload, and handing the connections back.

Three owed steps: drain what is outstanding, fill the tree, complete; then free.
The pieces are parameters of :func:`fill_tree` so that a design can differ in one.
Sources: seed.txt; pages/terminate-offload-sequence.md, Part 2;
pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md;
pages/mapping-snduna--sndnxt--and-sndmax-to-the-mdls.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..host import change, conn_parameter
from ..interface import ack_sent, acknowledged_part, return_send, terminate_completed, window
from ..kernel import Action
from ..logic import And, If, Not, Or, Value, all_of, count, serial
from ..records import update
from ..state import (
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    NULL,
    PENDING,
    REQUEST_ABORTED,
    SUCCESS,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    Block,
    Bounds,
    Buffer,
    Connection,
    Delegated,
    World,
)
from ..tree import ROOT, walk
from .steady import received_position
from .wire import abort

Chain = Callable[[Connection, int], tuple[Value, tuple[Buffer, ...]]]


def complete_acked(conn: Connection) -> Connection:
    """Complete the sends that are acknowledged in full: they are not outstanding data."""
    done = [And(buf.status == PENDING, buf.end <= conn.own.una) for buf in conn.bufs]
    bufs = tuple(
        If(whole, return_send(buf, SUCCESS, buf.end - buf.begin), buf)
        for whole, buf in zip(done, conn.bufs, strict=True)
    )
    return update(conn, bufs=bufs, own=update(conn.own, first=conn.own.first + count(done)))


def drain_conn(world: World, conn: Connection) -> Connection:
    """Complete a connection's outstanding calls, send its delayed ACK, drop SACK-only data."""
    lost = world.lost(conn)
    conn = If(lost, conn, complete_acked(conn))
    silent = Or(lost, conn.peer.rst)
    acked = If(silent, conn, ack_sent(conn, received_position(conn)))
    back = If(lost, REQUEST_ABORTED, UPLOAD_IN_PROGRESS)
    requests = tuple(If(r.status == PENDING, update(r, status=back), r) for r in conn.requests)
    own = update(conn.own, sack_from=0, sack_to=0)
    return update(acked, requests=requests, disconnect=end_disconnect(conn, lost), forward=False, own=own)


def end_disconnect(conn: Connection, lost: Value) -> Value:
    """The status with which a pending disconnect request goes back."""
    done = And(conn.own.una > conn.total, Not(lost))
    status = If(done, SUCCESS, If(lost, REQUEST_ABORTED, UPLOAD_IN_PROGRESS))
    return If(conn.disconnect == PENDING, status, conn.disconnect)


def drain(s: World, drain_one: Callable[[World, Connection], Connection] = drain_conn) -> World:
    """Deal with everything outstanding on the connections in the tree and on their paths and neighbors."""
    conns = tuple(If(conn.block != NULL, drain_one(s, conn), conn) for conn in s.conns)
    return update(s, drained=True, calls=(False,) * len(s.calls), conns=conns)


def returned(s: World) -> Value:
    """Whether every indication has returned."""
    quiet = [Not(s.status_indication), Not(s.event_indication)]
    for conn in s.conns:
        quiet += [Not(And(conn.block != NULL, conn.event)), Not(And(conn.block != NULL, conn.indication))]
    return all_of(quiet)


def delegate(conn: Connection, base: int) -> Delegated:
    """The delegated structure: the window as sequence numbers, the chain's ends, the buffered data."""
    own = conn.own
    some = own.first < conn.posted
    return Delegated(
        written=True,
        snd_una=serial(conn.isn + own.una),
        snd_nxt=serial(conn.isn + own.nxt),
        snd_max=serial(conn.isn + own.max),
        snd_wnd=conn.peer.wnd,
        rcv_nxt=serial(conn.irn + received_position(conn)),
        rcv_wnd=window(conn),
        head=If(some, base + own.first, NULL),
        tail=If(some, base + conn.posted - 1, NULL),
        buffered_from=own.consumed,
        buffered_to=own.rcv_nxt,
    )


def link(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
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


def statuses(s: World, reached: list[Value]) -> tuple[Block, ...]:
    """Status of every block the walk reaches: FAILURE where the state object is lost."""
    written = []
    for block, here in zip(s.blocks, reached, strict=True):
        status = If(block.lost, BLOCK_FAILURE, BLOCK_SUCCESS)
        written.append(update(block, status=If(here, status, block.status)))
    return tuple(written)


def fill_tree(
    s: World,
    *,
    walked: Callable[[tuple[Block, ...]], list[Value]] = walk,
    status: Callable[[World, list[Value]], tuple[Block, ...]] = statuses,
    chain: Chain = link,
    delegated: Callable[[Connection, int], Delegated] = delegate,
    block_of: Callable[[World, int], Value] = lambda s, c: s.conns[c].block,
) -> World:
    """Write Status, the delegated structures and the chains; a lost connection's sends are aborted."""
    blocks = status(s, walked(s.blocks))
    conns = []
    for c, conn in enumerate(s.conns):
        base = c * len(conn.bufs)
        head, bufs = chain(conn, base)
        back = update(conn, bufs=bufs, given=delegated(conn, base))
        done = If(s.lost(conn), abort(conn, conn.own.una), back)
        conns.append(If(conn.block != NULL, done, conn))
        here = And(conn.block != NULL, Not(s.lost(conn)))
        place = block_of(s, c)
        blocks = tuple(
            update(block, chain=If(And(here, place == b), head, block.chain))
            for b, block in enumerate(blocks)
        )
    return update(s, blocks=blocks, conns=tuple(conns), filled=True)


def may_drain(s: World, p: Any) -> Value:
    """Termination has begun and nothing is drained yet."""
    return And(s.phase == TERMINATING, Not(s.drained))


def may_fill_tree(s: World, p: Any) -> Value:
    """Everything is drained and every indication has returned."""
    return And(s.phase == TERMINATING, s.drained, Not(s.filled), returned(s))


def may_complete(s: World, p: Any) -> Value:
    """The tree is filled and not yet handed back."""
    return And(s.phase == TERMINATING, s.filled)


def may_free(s: World, p: Any) -> Value:
    """The connection is the host's, and the host has returned the target's buffers."""
    conn = s.conns[p.conn]
    return And(s.handed_back(conn), Not(conn.freed), Not(conn.lent), Not(conn.host.reading))


def actions(bounds: Bounds) -> tuple[Action, ...]:
    """The target's steps from MiniportTerminateOffload to the last resource freed."""
    return (
        Action(
            "Drain",
            "target",
            (),
            may_drain,
            lambda s, p: drain(s),
            "the target completes every outstanding call and sends its delayed ACKs",
            owed=True,
        ),
        Action(
            "FillTree",
            "target",
            (),
            may_fill_tree,
            lambda s, p: fill_tree(s),
            "the target writes Status, delegated state and chains into the tree",
            owed=True,
        ),
        Action(
            "NdisMTerminateOffloadComplete",
            "target",
            (),
            may_complete,
            lambda s, p: terminate_completed(s, ROOT),
            "the target calls NdisMTerminateOffloadComplete",
            owed=True,
        ),
        Action(
            "Free",
            "target",
            (conn_parameter(bounds),),
            may_free,
            lambda s, p: change(s, p.conn, freed=True),
            "the target frees what it holds for connection {conn}",
            owed=True,
        ),
    )
