"""Segments of the peer: how they are made, and moves for those that do not simply come next.

They come twice, they overlap, they fill a hole that another one left, they are overtaken, they acknowledge
what nobody sent (RFC 9293, section 3.10.7.4: of the last two nothing is taken).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ...model.chimney import only_seen
from ...model.logic import serial
from ...model.tcp import peer
from ...model.tcp.windows import edge
from .agreed_options import as_before, stamped
from .amounts import LENGTH, WINDOW, up_to
from .interface import Segment
from .move_kinds import Happens, Move, move
from .stage import NdisStage
from .wire_bytes import STREAM

MOST_PIECES = 24
"""Into which a range of bytes is cut that does not arrive in order."""
FAR = 3 * 2**29
"""Positions ahead, where the widest window does not reach (RFC 7323, section 2.3) and none counts as old."""


def segment(conn: Any, at: int, **fields: Any) -> Segment:
    """A segment of the peer: *at* is its place in what the peer sends."""
    known = {"ack": serial(conn.isn + conn.peer.acked), "window": conn.peer.wnd}
    return Segment(serial(conn.irn + at), **{**known, **fields})


def heard(stage: NdisStage, move: Move) -> bool:
    """Hardware that lost a connection hands nobody its segments: what a target did with one is no rule's."""
    return not stage.judge.world.lost(stage.conn(move.conn))


def arrives(stage: NdisStage, move: Move, segment: Segment) -> None:
    """The target's hardware gets the segment, unless the connection was handed back meanwhile."""
    if stage.judge.world.handed_back(stage.conn(move.conn)):
        return
    # what is refused already costs none of those that come later
    stage.may_drop = stage.may_drop or (stage.short and not stage.call("ran_short"))
    if stage.inside:
        stage.within.add(move.conn)
    stage.call("segment_arrives", stage.handed.context(move.conn), stamped(stage, move.conn, segment))


def end_of(conn: Any) -> int:
    """The place after what arrived in order, the peer's FIN included."""
    end: int = conn.peer.arrived + int(conn.peer.fin)
    return end


def newest(conn: Any) -> int:
    """The place of a segment without data that the peer sends now: not before what it sent too early."""
    known = conn.peer
    early: int = known.sacked_from if known.sacked_from < known.sacked_to else 0
    return max(end_of(conn), early)


def is_within(conn: Any, at: int) -> bool:
    """Whether a segment at that place is acceptable, also where what is not acknowledged was dropped.

    Source: RFC 9293, section 3.10.7.4.
    """
    return bool(conn.peer.acked_to >= at or at < edge(conn))


def in_stream(end: int) -> bool:
    """Whether the bytes of the streams reach up to *end*."""
    return end < STREAM


def brings(stage: NdisStage, move: Move, start: int, end: int, fin: bool = False) -> None:
    """A segment with the peer's bytes [start, end) arrives."""
    line = stage.lines[move.conn]
    line.peer_sent = max(line.peer_sent, end)
    arrives(stage, move, segment(stage.conn(move.conn), start, payload=line.inbound(start, end), fin=fin))


def whole(stage: NdisStage, move: Move) -> bool:
    """Whether the target is in charge, and was told of nothing that ends what the peer sends."""
    conn = stage.conn(move.conn)
    return heard(stage, move) and stage.judge.world.live(conn) and not (conn.peer.rst or conn.peer.fin)


def comes_again(stage: NdisStage, c: int, start: int, end: int, fin: bool = False) -> None:
    """The peer's bytes [start, end), which came before, come again: to be answered (:mod:`.old_segments`)."""
    stage.ndis.repeated.setdefault((c, fin), (start, end))


@move("last data", peer.DataArrives, n=LENGTH, m=up_to(1), back=lambda s, p: (p.length,), lanes=("nic",))
def last_data(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer's last {n} bytes arrive, with its FIN in the same segment (m=0), or after its FIN, which came
    too early and comes again (1)"""
    conn = stage.conn(move.conn)
    start, end = conn.peer.arrived, conn.peer.arrived + move.n
    holes = conn.peer.sacked_to > start
    if holes or not (whole(stage, move) and in_stream(end) and happens(length=move.n)):
        return
    # a target may remember a FIN that comes too early
    stage.judge.if_possible(peer.FinArrives, conn=move.conn)
    fin = segment(conn, end, fin=True)
    if move.m > 0:
        arrives(stage, move, fin)
    brings(stage, move, start, end, fin=move.m <= 0)
    if move.m > 0:
        arrives(stage, move, fin)


@move("ack ahead", n=LENGTH, lanes=("nic",))
def ack_ahead(stage: NdisStage, move: Move, happens: Happens) -> None:
    """a segment acknowledges {n} positions more than were ever sent"""
    conn = stage.conn(move.conn)
    if move.n > 0 and whole(stage, move):
        ahead = serial(conn.isn + conn.peer.sent + move.n)
        arrives(stage, move, segment(conn, end_of(conn), ack=ahead))


def resets(stage: NdisStage, move: Move, rst: Segment) -> None:
    """An RST arrives; where the target dropped what came before, and challenges it, again as is asked for.

    Source: RFC 5961, section 3.2.
    """
    challenges: list[Segment] = []
    stage.ndis.answered = lambda c, segment: challenges.append(segment) if c == move.conn else None
    arrives(stage, move, rst)
    stage.ndis.answered = lambda c, segment: None
    for challenge in challenges[-1:]:
        arrives(stage, move, dataclasses.replace(rst, seq=challenge.ack))


@move("stray rst", only_seen.StrayRstArrives, n=LENGTH, m=up_to(1), alone=False, lanes=("nic",))
def stray_rst(stage: NdisStage, move: Move, happens: Happens) -> None:
    """an RST arrives, numbered {n} positions before the last one acknowledged (m=0), or far ahead (1)"""
    conn = stage.conn(move.conn)
    if whole(stage, move) and happens():
        at = end_of(conn) + FAR if move.m > 0 else conn.peer.acked_to - 1 - min(max(0, move.n), FAR)
        arrives(stage, move, segment(conn, at, rst=True))


@move("overtaken", peer.AckArrives, n=LENGTH, m=WINDOW, lanes=("nic",))
def overtaken(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer's window becomes {m}; a segment {n} bytes older, with the window of before, comes after it"""
    conn = stage.conn(move.conn)
    before = segment(conn, end_of(conn) - max(1, move.n))
    # beside a forwarded segment with the same numbers, no target could tell whose window is newer
    if whole(stage, move) and not conn.forward and happens(upto=conn.peer.acked, window=move.m):
        before = stamped(stage, move.conn, before)
        arrives(stage, move, segment(conn, newest(conn), window=move.m))
        arrives(stage, move, before)


@move("sack", peer.AckArrives, n=LENGTH, m=LENGTH, alone=False, lanes=("nic",))
def sack(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer acknowledges up to {n} more positions, and SACKs the last {m} that were sent, behind a hole"""
    conn, line = stage.conn(move.conn), stage.lines[move.conn]
    known = conn.peer
    end = min(known.sent, conn.total)
    start, upto = max(known.got + 1, end - max(1, move.m)), min(known.got, known.acked + max(0, move.n))
    there = 0 <= start < end and all(line.there[start:end])
    if there and whole(stage, move) and not conn.forward and happens(upto=upto, window=known.wnd):
        line.sacked = (start, end)
        edges = serial(conn.isn + start), serial(conn.isn + end)
        arrives(stage, move, segment(conn, newest(conn), ack=serial(conn.isn + upto), sack=(edges,)))


@move("repeat", n=LENGTH, m=up_to(1), lanes=("nic",))
def repeat(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} bytes that arrived arrive again: the last ones, sent again (m=0), or the first, as they were, late
    (1)"""
    conn, n = stage.conn(move.conn), max(0, move.n)
    end = min(n, conn.peer.arrived) if move.m > 0 else conn.peer.arrived
    start = max(0, end - n)
    if start < end and whole(stage, move):
        again = segment(conn, start, payload=stage.lines[move.conn].inbound(start, end))
        comes_again(stage, move.conn, start, end)
        arrives(stage, move, as_before(stage, move.conn, again) if move.m > 0 else again)


@move("overlap", peer.DataArrives, n=LENGTH, m=LENGTH, lanes=("nic",))
def overlap(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} bytes arrive in order, behind {m} that arrived before"""
    conn = stage.conn(move.conn)
    start, end = max(0, conn.peer.arrived - max(0, move.m)), conn.peer.arrived + move.n
    if whole(stage, move) and in_stream(end) and happens(length=move.n):
        brings(stage, move, start, end)


@move("fill", peer.DataArrives, n=up_to(100), m=up_to(2), lanes=("nic",))
def fill(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the hole before early data is filled, and {n} bytes follow: in one segment (m=0), or in two (1), of
    which the first ends within the early data (2)"""
    known = stage.conn(move.conn).peer
    start, hole, end = known.arrived, known.sacked_from, known.sacked_to + max(0, move.n)
    first = hole if move.m < 2 else (hole + known.sacked_to) // 2
    if not (start < hole < known.sacked_to and whole(stage, move) and in_stream(end)):
        return
    if happens(length=end - start):
        # a target may have dropped what came too early, so it comes again
        for begin, upto in ((start, first), (hole, end)) if move.m > 0 else ((start, end),):
            brings(stage, move, begin, upto)


@move("scattered", peer.DataArrives, n=LENGTH, m=LENGTH, alone=False, lanes=("nic",))
def scattered(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} bytes arrive in pieces of {m}, every second one first, and once more"""
    conn, length = stage.conn(move.conn), max(1, move.n)
    start, end = conn.peer.arrived, conn.peer.arrived + length
    may = conn.peer.sacked_to <= start and whole(stage, move) and in_stream(end)
    if not (may and happens(length=length)):
        return
    piece = max(1, move.m, length // MOST_PIECES)
    begins = range(start, end, piece)
    for begin in (*begins[1::2], *begins[::2], *begins):  # who dropped what came too early has it then
        brings(stage, move, begin, min(begin + piece, end))
