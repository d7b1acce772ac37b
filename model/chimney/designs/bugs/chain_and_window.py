"""Bugs in the send side: which sends are outstanding, how they are chained, and SndUna, SndNxt and SndMax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, If, Max, Not, Value, pick, serial
from ....records import update
from ....tcp.numbers import NULL
from ...state import NOT_RUNNING, PENDING, UPLOAD_IN_PROGRESS, Buffer, Connection, Delegated, World
from ...tree import ROOT
from ..charge import own, send_back

Chain = tuple[Value, tuple[Buffer, ...]]


@bug("chain.coverage", 6, "chain")
def tail_forgotten(reference: Any, conn: Connection, base: int) -> Chain:
    """Links the outstanding sends one short: the last of several is in no chain."""
    # The loop that links the sends runs one time too few, so the last one hangs in the air.
    head, bufs = reference.chain(conn, base)
    last = base + conn.posted - 1
    return head, tuple(update(buf, next=If(buf.next == last, NULL, buf.next)) for buf in bufs)


@bug("chain.not-completed", 5, "complete_acknowledged")
def completed_and_chained(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Completes the outstanding sends as UPLOAD_IN_PROGRESS and hands them over in the chain as well."""
    # Sends are flushed to the host, and nobody takes them off the list that is chained afterwards.
    conn, alive = s.conns[c], And(when, Not(s.lost(s.conns[c])))
    waiting = [And(alive, buf.status == PENDING, buf.end > conn.own.una) for buf in conn.bufs]
    flushed = [send_back(s, c, k, UPLOAD_IN_PROGRESS, waits) for k, waits in enumerate(waiting)]
    return [*reference.complete_acknowledged(s, c, when), *flushed]


@bug("send-complete.success-acked", 3, "CompleteSend")
def success_when_sent(reference: Any, s: World, p: Any) -> Choice:
    """Completes a send as SUCCESS once it is on the wire, acknowledged or not."""
    # The hardware's transmit-done interrupt is taken for the peer's acknowledgement.
    conn = s.conns[p.conn]
    sent = And(conn.own.first < conn.posted, pick(conn.bufs, conn.own.first).end <= conn.own.max)
    return And(reference.in_charge(s, conn), sent), reference.CompleteSend(s, p)[1]


@bug("chain.order", 6, "chain")
def chain_reversed(reference: Any, conn: Connection, base: int) -> Chain:
    """Chains the outstanding sends with the newest first."""
    # Each send is pushed onto the front of the chain, as onto a stack.
    _, linked = reference.chain(conn, base)
    bufs = []
    for k, buf in enumerate(linked):
        before = If(conn.own.first < k, base + k - 1, NULL)
        in_chain = And(conn.own.first <= k, k < conn.posted)
        bufs.append(update(buf, next=If(in_chain, before, buf.next)))
    return If(conn.own.first < conn.posted, base + conn.posted - 1, NULL), tuple(bufs)


@bug("chain.advanced", 8, "chain")
def head_not_advanced(reference: Any, conn: Connection, base: int) -> Chain:
    """Chains a partly acknowledged send without advancing its start to SndUna."""
    # A send is chained as it was posted, although the peer has acknowledged its first bytes.
    head, linked = reference.chain(conn, base)
    return head, tuple(update(new, start=old.start) for new, old in zip(linked, conn.bufs, strict=True))


@bug("snd.una", 8, "AckArrives")
def unsigned_comparison(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Compares sequence numbers as unsigned integers, and takes an ACK across the wrap-around for an old
    one."""
    # The comparison works until the numbers wrap around.
    conn = s.conns[p.conn]
    new = serial(conn.isn + p.upto) > serial(conn.isn + conn.own.una)
    may = And(reference.in_charge(s, conn), new)
    return [own(p.conn, may, una=p.upto, nxt=Max(conn.own.nxt, p.upto))]


@bug("chain.null", 4, "chain")
def list_anchor_chained(reference: Any, conn: Connection, base: int) -> Chain:
    """Hands over the front of its send queue as the chain even when no send is outstanding."""
    # NetBufferListChain is set to the front of the queue without asking whether anything waits there.
    return base + conn.own.first, reference.chain(conn, base)[1]


@bug("chain.null", 8, "complete_acknowledged")
def acked_send_kept(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Leaves sends that are acknowledged in full uncompleted, so that they are handed over as outstanding."""
    # Sends whose acknowledgement has just arrived are still on the list when termination begins, and stay.
    return []


@bug("chain.non-null", 5, "chain")
def unsent_left_out(reference: Any, conn: Connection, base: int) -> Chain:
    """Passes no chain when nothing is in flight, although sends wait to be transmitted."""
    # Outstanding is read as sent and not acknowledged; data that was never sent is no one's business.
    head, bufs = reference.chain(conn, base)
    return If(conn.own.una < conn.own.max, head, NULL), bufs


@bug("snd.una", 6, "delegated")
def una_is_nxt(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports SND.NXT in SndUna."""
    # The hardware keeps one send pointer, the next byte to transmit, and it is copied to SndUna too.
    given: Delegated = reference.delegated(conn, base)
    return update(given, snd_una=given.snd_nxt)


@bug("snd.max", 7, "delegated")
def max_is_nxt(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports SND.NXT in SndMax, which is too low while it retransmits."""
    # SndMax is taken from SND.NXT, which the retransmit timer may have moved back.
    given: Delegated = reference.delegated(conn, base)
    return update(given, snd_max=given.snd_nxt)


@bug("snd.nxt", 5, "delegated")
def nxt_counts_queued(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports in SndNxt the end of what was posted, not of what was transmitted."""
    # SndNxt is computed from the end of the send queue, as if everything posted had been transmitted.
    return update(reference.delegated(conn, base), snd_nxt=serial(conn.isn + conn.total))


@bug("snd.wnd", 6, "delegated")
def usable_window(reference: Any, conn: Connection, base: int) -> Delegated:
    """Reports in SndWnd the window less what is in flight."""
    # The transmit path works with the usable window, and that is what ends up in SndWnd.
    usable = conn.peer.wnd - (conn.own.nxt - conn.own.una)
    return update(reference.delegated(conn, base), snd_wnd=usable)


@bug("chain.ends", 6, "delegated")
def tail_is_head(reference: Any, conn: Connection, base: int) -> Delegated:
    """Leaves SendDataTail at the first send of several."""
    # SendDataTail is set when the first send is linked, and not moved along with those that follow.
    given: Delegated = reference.delegated(conn, base)
    return update(given, tail=given.head)


@bug("delegated.written", 4, "delegated")
def delegated_only_with_sends(reference: Any, conn: Connection, base: int) -> Delegated:
    """Fills the delegated structure in only where send data is outstanding."""
    # The structure is taken for the description of the chain, and skipped where there is none.
    given: Delegated = If(conn.own.first < conn.posted, reference.delegated(conn, base), conn.given)
    return given


@bug("snd.specified", 5, "delegated")
def window_only_in_flight(reference: Any, conn: Connection, base: int) -> Delegated:
    """Leaves SndUna, SndNxt and SndMax unwritten when the sends it hands over were not transmitted yet."""
    # The send variables are written along with what is in flight; unsent data is not thought to need them.
    given: Delegated = reference.delegated(conn, base)
    idle = And(conn.own.una >= conn.own.max, conn.own.first < conn.posted)
    unsent: Delegated = If(idle, update(given, written=False, snd_una=0, snd_nxt=0, snd_max=0), given)
    return unsent


@bug("chain.content", 5, "chain")
def next_not_cleared(reference: Any, conn: Connection, base: int) -> Chain:
    """Does not end the chain with NULL: the last send leads on to a slot that was never posted."""
    # The Next pointer of the last send still leads to the next free slot of the send ring.
    head, linked = reference.chain(conn, base)
    last = conn.posted - 1
    return head, tuple(update(b, next=If(k == last, base + k + 1, b.next)) for k, b in enumerate(linked))


@bug("guarantee.send-in-order", 6, "block_of")
def chain_on_sibling(reference: Any, s: World, c: int) -> Value:
    """Stores each connection's chain in the block of another connection."""
    # The pointer to the block is moved on before the chain is stored through it.
    return s.conns[(c + 1) % len(s.conns)].block


@bug("chain.only-on-connections", 5, "block_of")
def chain_on_root(reference: Any, s: World, c: int) -> Value:
    """Stores every chain in the root block, whatever object that is."""
    # The chain is stored through the pointer that came in, not through the one that walks the tree.
    return ROOT


@bug("chain.advanced", 6, "chain")
def chain_from_nxt(reference: Any, conn: Connection, base: int) -> Chain:
    """Advances the chained sends to SND.NXT, and cuts off bytes that may have been lost on the way."""
    # The first chained send is advanced over everything transmitted, as if that were acknowledged.
    return reference.chain(update(conn, own=update(conn.own, una=conn.own.nxt)), base)


@bug("retransmit.idle", 4, "retransmit_delta")
def idle_timer_as_zero(reference: Any, conn: Connection) -> Value:
    """Hands over 0 for a retransmit timer that is not running, so that the host's expires at once."""
    # The driver clears the structure, and writes the timer only where one is set.
    delta = reference.retransmit_delta(conn)
    return If(delta == NOT_RUNNING, 0, delta)


@bug("retransmit.running", 6, "retransmit_delta")
def running_timer_as_idle(reference: Any, conn: Connection) -> Value:
    """Stops the retransmit timer for the hand-off, and hands over -1 although data is in flight."""
    # The timers are stopped before the structure is filled, which then finds none running.
    return NOT_RUNNING


@bug("keepalive.idle", 4, "delegated")
def keepalive_as_zero(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over 0 for a keepalive timer that nobody switched on."""
    # Without the option the driver has no keepalive state, and leaves the zeros of a fresh structure.
    return update(reference.delegated(conn, base), keepalive_delta=0)


@bug("delegated.as-offloaded", 4, "delegated")
def round_trip_forgotten(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands back a structure that was cleared: the round-trip times that the host had are gone."""
    # The hardware keeps no round-trip times of its own, so nothing fills them in.
    return update(reference.delegated(conn, base), srtt=0, rttvar=0)


@bug("delegated.congestion-window", 6, "delegated")
def congestion_window_shut(reference: Any, conn: Connection, base: int) -> Delegated:
    """Hands over what is left of the congestion window: 0 while data is in flight."""
    # CWnd is taken from a counter of the bytes that may still go out.
    given = reference.delegated(conn, base)
    return update(given, cwnd=If(conn.own.una < conn.own.max, 0, given.cwnd))
