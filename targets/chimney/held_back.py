"""What does not wait: an RST for no indication to return, a FIN for no acknowledgement, nor one of those.

An acknowledgement may be delayed until its timer expires, and not until the peer sends something again
(RFC 9293, section 3.8.6.3); it is asked for of data that the application has, so that it is not dropped.

The target gets all the time and room there is first. A FIN is asked for where every byte before it is sent,
the window has room for it, and nothing is sent again: what congestion control may hold back is data.
Source: ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md, Remarks.

Known limitation: an RST is not asked for of a target that indicates from its deferred work, which may run
once at a time.
"""

from __future__ import annotations

from ...model.chimney import only_seen
from ...model.chimney.state import PENDING
from ..judging.misbehaviour import HELD_BACK
from .interface import Timer
from .move_kinds import Happens, Move, move
from .stage import NdisStage
from .stray_answers import left
from .uploads import INVALIDATE

TIMES = 3
"""How often a target gets time and room before it counts as waiting for something."""
MOST_TIMES = 64
"""The same while it gets on."""
ROOM = 2**20
"""Bytes that the wire takes at once."""
DEFERRED = "run"
"""The entry point in which a target does what it put off."""


def check_reset(stage: NdisStage, c: int) -> None:
    """Complain of an abortive disconnect that came during an indication, if its RST is not sent meanwhile."""
    conn = stage.conn(c)
    if not (conn.indication or conn.event) or DEFERRED in stage.inside or stage.at_once:
        return
    for _ in range(TIMES):
        if not (_is_ours(stage, c) and stage.conn(c).abort == PENDING and not stage.conn(c).peer.reset):
            return
        _gets_time(stage, c)
    if _is_ours(stage, c) and not stage.conn(c).peer.reset:
        what = "is asked for during an indication, and its RST is not sent until that has returned"
        stage.judge.misbehaves(HELD_BACK, f"an abortive disconnect of connection {c} {what}")


def check_fin(stage: NdisStage, c: int) -> None:
    """Complain of a FIN that is not sent until the data before it is acknowledged; at rest, before it is."""
    before = None
    for _ in range(MOST_TIMES):
        for _ in range(TIMES):
            if not _is_due(stage, c):
                return
            _gets_time(stage, c)
        sent = stage.conn(c).peer.sent
        if sent == before:
            break
        before = sent
    conn = stage.conn(c)
    if _is_due(stage, c) and conn.peer.sent == conn.total:
        what = "all data before it is sent and the window has room, and it waits for an acknowledgement"
        stage.judge.misbehaves(HELD_BACK, f"the FIN of connection {c} is not sent: {what}")


@move("ack due", only_seen.AckTimeout, alone=False, lanes=("nic", "run"))
def ack_due(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the delayed acknowledgement timer expires, and the target gets time to acknowledge what was received"""
    c = move.conn
    if stage.inside or stage.handed.context(c) is None or not stage.listens("timer_expires"):
        return
    for _ in range(TIMES):
        if not _is_unacknowledged(stage, c):
            return
        happens()
        stage.call("timer_expires", stage.handed.context(c), Timer.DELAYED_ACK)
        _gets_time(stage, c)
    if _is_unacknowledged(stage, c):
        what = "is not acknowledged when the timer for that expires: it waits for the peer to send more"
        stage.judge.misbehaves(HELD_BACK, f"data that the application of connection {c} has {what}")


def _is_unacknowledged(stage: NdisStage, c: int) -> bool:
    """Whether the application has data of which the peer does not know, and no memory was refused."""
    peer = stage.conn(c).peer
    settled = not (stage.short or peer.abandoned or stage.at_once)
    return bool(settled and _is_ours(stage, c) and peer.acked_to < peer.app_got)


def _is_due(stage: NdisStage, c: int) -> bool:
    """Whether a FIN is to be sent on connection *c*, nothing is in its way, and data is not acknowledged."""
    conn = stage.conn(c)
    peer = conn.peer
    room = peer.acked < conn.total < peer.acked + peer.wnd and c not in stage.ndis.recovering
    return bool(_is_ours(stage, c) and conn.disconnect == PENDING and peer.sent <= conn.total and room)


def _is_ours(stage: NdisStage, c: int) -> bool:
    """Whether the target is to work on connection *c*: it neither gave it up, nor has a reason to."""
    world, ndis = stage.judge.world, stage.ndis
    conn = world.conns[c]
    working = world.live(conn) and not world.lost(conn) and not conn.peer.rst
    doubtful = left(ndis, c) or ndis.doubtful or INVALIDATE in stage.handed.calls
    return bool(working and not doubtful)


def _gets_time(stage: NdisStage, c: int) -> None:
    stage.call("transmit_opportunity", stage.handed.context(c), ROOM)
    stage.call("run")
