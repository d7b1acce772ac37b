"""Bounded waiting: everybody but the target does what is left to do, until nothing changes any more.

The wire takes and carries what the target sends, the peer acknowledges, opens its window and sends again
what is not acknowledged, timers expire, the application takes all and asks for more, the target gets time.
Whatever a lawful target waits for (a full segment, an acknowledgement, a window, a timer, a second segment)
comes. So what it still has not done then, it never will.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.chimney import only_seen
from ...model.chimney.state import NONE, PENDING, TERMINATING
from ...model.tcp.windows import edge
from . import backlogs, forwarded_data, held_back, moves, old_segments, peer_segments, stray_syns, urgent_data
from .interface import Timer
from .stage import NdisStage
from .stray_answers import left
from .uploads import check_reasons, check_uploaded
from .window_updates import check_windows

PATIENCE = 8
"""Rounds in which nothing changes, before nothing will."""
MOST_ROUNDS = 1000
"""Rounds in all. A target that still gets on after so many is slow, and not judged."""
EXPIRIES = 3
"""Times that a timer expires in a row, the target's or the peer's, when nothing else happens."""
ROOM = 2**20
"""Bytes that the wire takes at once."""
OPEN = 10_000
"""The window that the peer opens, bytes."""
DONE = (
    "NdisTcpOffloadSendComplete",
    "NdisTcpOffloadReceiveComplete",
    "NdisTcpOffloadDisconnectComplete",
)


def came_to_rest(stage: NdisStage) -> bool:
    """Wait for the connections that the target is in charge of; whether nothing changes any more.

    Not while the target has given one up, and works no more on it.
    """
    for c, _ in _served(stage):
        held_back.check_fin(stage, c)
        stage.ndis.appetite[c] = None
    calm, reached, probed = 0, _reached(stage), dict[int, int]()
    for _ in range(MOST_ROUNDS):
        for c, _ in _served(stage):
            _round(stage, c, calm, probed)
        stage.call("run")
        before, reached = reached, _reached(stage)
        calm = calm + 1 if reached == before else 0
        if any(left(stage.ndis, c) for c, _ in _served(stage)):
            return False  # the host takes them back before
        if calm == PATIENCE or not (any(_served(stage)) or stage.judge.world.phase == TERMINATING):
            break
    else:
        return False
    for c, _ in _served(stage):
        old_segments.check_answered(stage, c)
    if _unanswered(stage, probed):
        return False
    for c, conn in _served(stage):
        if not conn.peer.abandoned:
            stray_syns.check_answered(stage, c)
            urgent_data.check_asked(stage, c)
        there = conn.peer.got < conn.peer.sent and not conn.peer.abandoned
        if there and stage.listens("timer_expires"):
            stage.judge.happens(only_seen.NothingIsSentAgain, conn=c)
    check_windows(stage)
    check_reasons(stage)
    check_uploaded(stage)
    backlogs.rested(stage)
    return True


def _served(stage: NdisStage) -> Iterator[tuple[int, Any]]:
    """The connections that the target is in charge of and that work, or are still to be aborted."""
    world = stage.judge.world
    for c in range(stage.handed.conns):
        conn = world.conns[c]
        if world.live(conn) and not world.lost(conn) and not conn.peer.rst:
            yield c, conn


def trees_back(stage: NdisStage) -> int:
    """How many of the trees that the host terminates are back, less those of others that are not."""
    back = sum(request.written is not None for request in stage.handed.terminations)
    return back - len(stage.ndis.bystanders.leaving)


def _reached(stage: NdisStage) -> list[int]:
    """How far everything is."""
    found = [trees_back(stage), *(stage.ndis.counts.get(name, 0) for name in DONE)]
    for _, conn in _served(stage):
        peer = conn.peer
        found += [peer.sent, peer.got, peer.acked, peer.wnd, peer.acked_to, peer.app_got, int(peer.reset)]
        found.append(int(conn.forward))  # not how many were completed: the host may forward for ever
    return found


def _round(stage: NdisStage, c: int, calm: int, probed: dict[int, int]) -> None:
    """One round on a connection, after so many in which nothing changed."""
    moves.transmit.play(stage, moves.transmit(c, ROOM))
    moves.peer_gets.play(stage, moves.peer_gets(c, ROOM))
    _acknowledge(stage, c)
    if stage.ndis.kept[c]:
        moves.return_buffers(stage, c)
    if 0 < calm <= EXPIRIES:
        peer = stage.conn(c).peer
        if peer.acked < peer.sent:
            moves.retransmit.play(stage, moves.retransmit(c))
        else:
            _answer_again(stage, c)
        _say_again(stage, c)
        _ask_again(stage, c)
        _probe(stage, c, probed)
        stray_syns.comes_again(stage, c)
        old_segments.send_again(stage, c)
        urgent_data.comes_again(stage, c)
        _push(stage, c)
    if 1 < calm <= 1 + EXPIRIES:
        forwarded_data.send_again(stage, c)
        peer = stage.conn(c).peer
        if peer.acked_to < peer.arrived + int(peer.fin):  # what was just sent again, too
            moves.ack_timer.play(stage, moves.ack_timer(c))


def _acknowledge(stage: NdisStage, c: int) -> None:
    """The peer acknowledges what it has, and opens a window that is too small for the rest."""
    conn = stage.conn(c)
    peer = conn.peer
    end = conn.total + int(conn.disconnect != NONE)
    if peer.got > peer.acked or (peer.wnd < OPEN and peer.acked + peer.wnd < end):
        moves.ack.play(stage, moves.ack(c, peer.got - peer.acked, max(peer.wnd, OPEN)))


def _answer_again(stage: NdisStage, c: int) -> None:
    """A target may have dropped an acknowledgement: what it sends again is acknowledged again."""
    conn = stage.conn(c)
    acked = conn.peer.acked
    waits = any(buf.status == PENDING and buf.end <= acked for buf in conn.bufs)
    if not waits and not (conn.disconnect == PENDING and conn.total < acked):
        return
    before = stage.ndis.counts.get("transmit", 0)
    moves.retransmit.play(stage, moves.retransmit(c))
    moves.transmit.play(stage, moves.transmit(c, ROOM))
    if stage.ndis.counts.get("transmit", 0) > before:
        moves.ack.play(stage, moves.ack(c, 0, conn.peer.wnd))


def _say_again(stage: NdisStage, c: int) -> None:
    """Who had no memory may have dropped that the window is open: a peer that is probed says so again."""
    conn = stage.conn(c)
    if stage.may_drop and conn.peer.sent < min(conn.total, conn.peer.acked + conn.peer.wnd):
        moves.ack.play(stage, moves.ack(c, 0, conn.peer.wnd))


def _is_shut(conn: Any) -> bool:
    """Whether the peer has no room, though the application has read everything."""
    asks = conn.capacity > 0 and not conn.peer.fin
    return bool(asks and edge(conn) <= conn.peer.arrived <= conn.peer.app_got)


def _probe(stage: NdisStage, c: int, probed: dict[int, int]) -> None:
    """The peer asks whether a window that was shut is still so, by a byte that the target has already."""
    if _is_shut(stage.conn(c)):
        probed.setdefault(c, stage.ndis.counts.get("transmit", 0))
        peer_segments.repeat.play(stage, peer_segments.repeat(c, 1))


def _unanswered(stage: NdisStage, probed: dict[int, int]) -> bool:
    """Whether nobody knows if a window is shut still: the target says nothing to who asks."""
    sent, several = stage.ndis.counts.get("transmit", 0), stage.handed.conns > 1
    return any(_is_shut(stage.conn(c)) and (several or sent == before) for c, before in probed.items())


def _push(stage: NdisStage, c: int) -> None:
    """The push timer expires: for a request that is not full, unless that is in nonpush mode."""
    conn = stage.conn(c)
    there = conn.peer.arrived - conn.peer.app_got
    first = next((r for r in conn.requests if r.status == PENDING and r.size), None)
    waits = first is not None and not first.no_push and 0 < there < first.size
    if waits and stage.listens("timer_expires"):
        stage.call("timer_expires", stage.handed.context(c), Timer.PUSH)


def _ask_again(stage: NdisStage, c: int) -> None:
    """The host posts a receive request for what the application refused before."""
    conn = stage.conn(c)
    missing = conn.peer.arrived - conn.peer.app_got
    waiting = any(r.status == PENDING for r in conn.requests)
    if c in stage.ndis.refused and missing > 0 and not waiting:
        moves.receive.play(stage, moves.receive(c, missing))
