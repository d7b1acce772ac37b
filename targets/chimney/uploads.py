"""That a target asks the host to take a connection back: when it may not, and what it gives up by that.

Source: ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md, Remarks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..judging.misbehaviour import UPLOADS

if TYPE_CHECKING:
    from .observed import Observed

FORCED = ("HardwareFailure", "InvalidState", "ReceivedUrgentData", "TimeoutExpiration")
"""Reasons that leave a target no choice."""
MANDATORY = (*FORCED, "UploadRequested")
"""Reasons for which the host is sure to take a connection back: nothing is sent on it any more."""


def asks(ndis: Observed, c: int, reason: Any) -> None:
    """The target asks for connection *c* to be taken back, and says why; None: it says nothing."""
    if reason in MANDATORY:
        ndis.given_up[c] = reason
    if reason is not None and reason not in FORCED and (state := half_closed(ndis.monitor.world.conns[c])):
        what = f"the target asks for connection {c} to be taken back ({reason}), which is in {state}"
        ndis.monitor.misbehaves(UPLOADS, what)


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
