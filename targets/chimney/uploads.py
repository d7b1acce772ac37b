"""That a target asks the host to take a connection back: when it may not, why, and what it gives up by that.

Sources: ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md, Remarks;
pages/returning-the-completion-status-of-a-query-offload-operation.md, step 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.chimney.state import TCP, UPLOAD_IN_PROGRESS
from ...model.tcp.peer import is_over
from ..judging.misbehaviour import UPLOADS

if TYPE_CHECKING:
    from .observed import Observed
    from .stage import NdisStage

FAILED = "HardwareFailure"
"""The reason to give where the hardware lost a connection."""
URGENT = "ReceivedUrgentData"
"""The reason to give where urgent data arrived."""
FORCED = (FAILED, "InvalidState", URGENT, "TimeoutExpiration")
"""Reasons that leave a target no choice."""
INVALIDATE = 0
"""The state call that invalidates a path or neighbor."""
MANDATORY = (*FORCED, "UploadRequested")
"""Reasons for which the host is sure to take a connection back: nothing is sent on it any more."""


def asks(ndis: Observed, c: int, reason: Any) -> None:
    """The target asks for connection *c* to be taken back, and says why; None: it says nothing."""
    if isinstance(reason, int):  # every one that there is has a name
        ndis.complain(f"the target asks for connection {c}; {reason} is no TCP_UPLOAD_REASON")
    elif what := groundless(ndis, c, reason):
        ndis.monitor.misbehaves(UPLOADS, f"the target asks for connection {c} ({reason}): {what}")
    known = c in ndis.given_up and c not in ndis.reasons
    if reason is not None and ndis.monitor.world.lost(ndis.monitor.world.conns[c]) and not known:
        ndis.reasons.setdefault(c, []).append(reason)
    if reason in MANDATORY:
        ndis.given_up[c] = reason
    free = reason is not None and reason not in FORCED and c not in ndis.renewed
    if free and (state := half_closed(ndis.monitor.world.conns[c])):
        what = f"the target asks for connection {c} to be taken back ({reason}), which is in {state}"
        ndis.monitor.misbehaves(UPLOADS, what)


def groundless(ndis: Observed, c: int, reason: Any) -> str:
    """Why what a reason states did not happen to connection *c*; "" if it may have."""
    if reason == URGENT and c not in ndis.urgent:
        return "no segment that is acceptable had an URG bit"
    lost_above = any(block.lost and block.layer != TCP for block in ndis.monitor.world.blocks)
    touched = lost_above or INVALIDATE in ndis.handed.calls
    return "" if touched or reason != "InvalidState" else "no state object was invalidated"


def check_reasons(stage: NdisStage) -> None:
    """Complain of each connection that the hardware lost, and that was asked for with other reasons only.

    At rest. One that the target had given up before, for a reason as good, needs no second one.
    """
    world = stage.judge.world
    for c, reasons in stage.ndis.reasons.items():
        conn = world.conns[c]
        if world.live(conn) and world.lost(conn) and not is_over(conn) and FAILED not in reasons:
            what = f"the hardware lost connection {c}, and the target gives {reasons[0]} as the reason"
            stage.judge.misbehaves(UPLOADS, f"{what} for which it is to be taken back")
    stage.ndis.reasons.clear()


def check_uploaded(stage: NdisStage) -> None:
    """Complain of receive requests that came back as being uploaded, where nobody asked for that. At rest.

    Source: ddi/nc-ndischimney-ndis_tcp_offload_receive_complete.md, Status.
    """
    world = stage.judge.world
    for c in range(stage.handed.conns):
        conn = world.conns[c]
        asked = conn.retrieves_told or c in stage.ndis.given_up
        back = sum(r.status == UPLOAD_IN_PROGRESS for r in conn.requests)
        if back and world.live(conn) and not (world.lost(conn) or is_over(conn) or asked):
            what = f"{back} receive requests of connection {c} came back as being uploaded"
            stage.judge.misbehaves(UPLOADS, f"{what}; neither the host nor the target asked for that")


def half_closed(conn: Any) -> str:
    """The state of a connection of which one side alone has closed; "" for any other."""
    peer = conn.peer
    if peer.sent > conn.total and not peer.fin:
        return "FIN_WAIT2" if peer.acked > conn.total else "FIN_WAIT1"
    taken = peer.fin and peer.acked_to > peer.arrived
    return "CLOSE_WAIT" if taken and peer.sent <= conn.total else ""


def sends(ndis: Observed, c: int) -> None:
    """Data or a FIN is sent on connection *c*."""
    if c in ndis.given_up:
        what = f"the target sends on connection {c}, which it gave up: {ndis.given_up[c]}"
        ndis.monitor.misbehaves(UPLOADS, what)
