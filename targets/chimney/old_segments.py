"""What the peer sends again because its acknowledgement was lost: data, and a FIN.

A segment that is not acceptable is answered with an acknowledgement. A target that drops it without one
leaves the peer sending it for ever. How often it answers is its own affair: of what comes again between two
rests, one answer is asked for to data, and one to a FIN. None is asked for where LAST-ACK is over: whoever
acknowledged the target's FIN knows that its own arrived, and the segment is the host's.
Source: RFC 9293, section 3.10.7.4, first, check sequence number;
pages/responding-to-the-reception-of-a-fin-or-rst-segment.md, of the CLOSED state.
"""

from __future__ import annotations

from ...model.chimney.state import NONE
from ...model.tcp import peer
from ...model.tcp.peer import is_over
from ..judging.misbehaviour import REPEATS
from .amounts import up_to
from .interface import Timer
from .move_kinds import Happens, Move, move
from .peer_segments import arrives, comes_again, end_of, heard, segment
from .stage import NdisStage
from .stray_answers import closed, left

TIMES = 3
"""How often a target may answer before it counts as one that always does."""


@move("fin again", n=up_to(2), alone=False, lanes=("nic",))
def fin_again(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer's FIN, and the last {n} bytes before it, arrive again"""
    conn, c = stage.conn(move.conn), move.conn
    ours = stage.handed.context(c) is not None and heard(stage, move) and stage.judge.world.live(conn)
    if ours and conn.peer.fin and not (conn.peer.rst or conn.peer.abandoned):
        start, end = max(0, conn.peer.arrived - max(0, move.n)), conn.peer.arrived
        comes_again(stage, c, start, end, fin=True)
        arrives(stage, move, segment(conn, start, payload=stage.lines[c].inbound(start, end), fin=True))


@move("same ack", peer.AckArrives, alone=False, lanes=("nic", "run"))
def same_ack(stage: NdisStage, move: Move, happens: Happens) -> None:
    """an acknowledgement that says nothing new arrives a few times, while nothing is to be sent"""
    if stage.inside or stage.handed.conns > 1 or not heard(stage, move) or not _is_idle(stage, move.conn):
        return
    answered = 0
    for _ in range(2 * TIMES):  # one in two may be: who counts them as data delays its answers
        sent, known = stage.ndis.counts.get("transmit", 0), stage.conn(move.conn).peer
        if not happens(upto=known.acked, window=known.wnd):
            return
        arrives(stage, move, segment(stage.conn(move.conn), end_of(stage.conn(move.conn))))
        stage.call("run")
        answered += stage.ndis.counts.get("transmit", 0) > sent
        if answered == TIMES:
            what = "acknowledgements that say nothing new are answered: two such ends go on for ever"
            stage.judge.misbehaves(REPEATS, f"connection {move.conn}: {what}")
            return


def _is_idle(stage: NdisStage, c: int) -> bool:
    """Whether the target has nothing to send on a connection of which it is in charge, and works."""
    conn, world = stage.conn(c), stage.judge.world
    peer = conn.peer
    works = world.live(conn) and not (world.lost(conn) or is_over(conn) or left(stage.ndis, c))
    told = peer.acked_to == end_of(conn) and peer.app_got == peer.arrived and not conn.forward
    done = peer.acked == peer.sent == conn.total + int(conn.disconnect != NONE)
    return bool(works and told and done)


def send_again(stage: NdisStage, c: int) -> None:
    """What is not answered comes once more: the target may have dropped it; or may wait with its answer."""
    for (conn, fin), place in tuple(stage.ndis.repeated.items()):
        if conn == c and place:
            payload = stage.lines[c].inbound(*place)
            arrives(stage, Move("repeat", c), segment(stage.conn(c), place[0], payload=payload, fin=fin))
            if stage.ndis.repeated[conn, fin] and stage.listens("timer_expires"):
                stage.call("timer_expires", stage.handed.context(c), Timer.DELAYED_ACK)


def check_answered(stage: NdisStage, c: int) -> None:
    """Complain of what came again and was never acknowledged, in all the time that there is."""
    conn = stage.conn(c)
    over = conn.peer.abandoned or conn.retrieves_told or closed(conn)
    for fin in (False, True):
        place = stage.ndis.repeated.pop((c, fin), None)
        if place and not over:
            what = "the FIN" if fin else f"old data, [{place[0]}, {place[1]}),"
            says = f"{what} that arrived again on connection {c} was never answered with an acknowledgement"
            stage.judge.misbehaves(REPEATS, says)
