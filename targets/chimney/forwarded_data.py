"""Segments with data or a FIN that came another way, and that the host forwards to the target.

A peer whose segments come so sends what is not acknowledged by the same way again.
Source: pages/forwarding-data-to-an-offload-target.md.
"""

from __future__ import annotations

import itertools

from ...model.chimney import calls
from ...model.event import Event
from ...model.tcp import peer
from .agreed_options import stamped
from .amounts import LENGTH, up_to
from .interface import NetBufferList, Segment, Status
from .move_kinds import Happens, Move, move
from .peer_segments import arrives, in_stream, segment, whole
from .stage import NdisStage
from .stray_answers import left

TIMES = 3
"""How often the target gets time for it at once."""
NEXT, LAST, OLD, EARLY = range(4)


def forwards(stage: NdisStage, c: int, *came: Segment) -> None:
    """The host forwards segments that came another way, in one list, if none is outstanding."""
    if stage.judge.if_possible(calls.MiniportTcpOffloadForward, conn=c):
        stage.ndis.other_way.add(c)
        lists = [NetBufferList(segment=stamped(stage, c, one)) for one in came]
        for nbl, following in itertools.pairwise(lists):
            nbl.next = following
        for nbl in lists:
            stage.handed.forward(nbl, c)
        name = "miniport_tcp_offload_forward"
        stage.ask(name, Status.PENDING, stage.handed.context(c), lists[0])


def send_again(stage: NdisStage, c: int) -> None:
    """The peer sends again what the target has not acknowledged."""
    conn = stage.conn(c)
    peer = conn.peer
    if peer.acked_to < peer.arrived + int(peer.fin):
        payload = stage.lines[c].inbound(peer.acked_to, peer.arrived)
        again = segment(conn, peer.acked_to, payload=payload, fin=bool(peer.fin))
        if c in stage.ndis.other_way:
            forwards(stage, c, again)
        else:
            arrives(stage, Move("data", c), again)


@move("forward data", calls.MiniportTcpOffloadForward, n=LENGTH, m=up_to(EARLY), alone=False)
def forward_data(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host forwards a segment and waits: with the peer's next {n} bytes (m=0), its last ones and a FIN
    (1), {n} that came before (2), or that come too early (3)"""
    conn, c, n, how = stage.conn(move.conn), move.conn, move.n, max(0, move.m) % (EARLY + 1)
    at = conn.peer.arrived
    start = {OLD: max(0, at - max(0, n)), EARLY: at + max(1, n)}.get(how, at)
    end = at if how == OLD else start + n
    if not (_may(stage, move) and start < end and in_stream(end)):
        return
    event: Event = peer.DataArrivesOutOfOrder if how == EARLY else peer.DataArrives
    length = {"gap": start - at, "length": n} if how == EARLY else {"length": n}
    if how != OLD and not stage.judge.if_possible(event, conn=c, **length):
        return
    fin = how == LAST and stage.judge.if_possible(peer.FinArrives, conn=c)
    line = stage.lines[c]
    line.peer_sent = max(line.peer_sent, end)
    forwards(stage, c, segment(stage.conn(c), start, payload=line.inbound(start, end), fin=fin))
    _waits(stage, c)


def _may(stage: NdisStage, move: Move) -> bool:
    """Whether the host forwards data now."""
    c = move.conn
    ours = not (left(stage.ndis, c) or stage.inside)
    return ours and bool(stage.judge.possible(calls.MiniportTcpOffloadForward, conn=c)) and whole(stage, move)


def _waits(stage: NdisStage, c: int) -> None:
    for _ in range(TIMES):
        if stage.conn(c).forward:
            stage.call("run")


@move("forward list", calls.MiniportTcpOffloadForward, n=LENGTH, m=up_to(2), alone=False)
def forward_list(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host forwards several segments in one list, and waits: two of the peer's next {n} bytes each, and
    {m} more"""
    c, n, came = move.conn, move.n, list[tuple[int, int]]()
    for _ in range(2 + max(0, move.m) if n > 0 and _may(stage, move) else 0):
        at = stage.conn(c).peer.arrived
        if in_stream(at + n) and stage.judge.if_possible(peer.DataArrives, conn=c, length=n):
            came.append((at, at + n))
    if came:
        conn, line = stage.conn(c), stage.lines[c]
        line.peer_sent = max(line.peer_sent, came[-1][1])
        forwards(stage, c, *(segment(conn, at, payload=line.inbound(at, end)) for at, end in came))
        _waits(stage, c)
