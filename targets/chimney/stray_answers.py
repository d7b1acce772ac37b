"""What a target makes of a SYN that is numbered as the next byte.

One page has every SYN answered with an acknowledgement, two others have this one end the offload, with the
connection closed. So each is right, and so is to take it for a reset.
Sources: pages/handling-the-reception-of-syn-segments.md;
pages/requirements-for-tcp-chimney-nics-for-blind-reset-attacks.md;
ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md, Remarks, mandatory reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.tcp.peer import RstArrives
from ...model.tcp.states import CLOSED, connection_state, state_name
from .delegated import TcpDelegatedState, TcpState

if TYPE_CHECKING:
    from .observed import Observed


def for_reset(ndis: Observed, c: int) -> None:
    """What the target does ends connection *c*: so it took the SYN for a reset, if there was one."""
    world = ndis.monitor.world
    conn = world.conns[c]
    if c in ndis.renewed and not (conn.peer.abandoned or world.lost(conn)):
        ndis.renewed.discard(c)
        ndis.suspects.pop(c, None)
        ndis.monitor.if_possible(RstArrives, conn=c)


def left(ndis: Observed, c: int) -> bool:
    """Whether the target works no more on connection *c*: it gave it up, or its peer may have begun anew.

    For which reason it asks in the second case is not said. On such a connection the peer sends nothing more:
    whoever gives one up may drop what comes.
    """
    return bool(ndis.monitor.world.conns[c].retrieves_told) and (c in ndis.renewed or c in ndis.given_up)


def closed(conn: Any) -> bool:
    """Whether LAST-ACK is over: the peer has acknowledged the FIN that answered its own, and sends no more.

    What comes on a closed connection is the host's.
    Source: pages/responding-to-the-reception-of-a-fin-or-rst-segment.md.
    """
    peer = conn.peer
    return bool(connection_state(conn, peer.acked, peer.sent, peer.fin) == CLOSED)


def not_closed(ndis: Observed, c: int, state: TcpDelegatedState) -> str:
    """What is wrong with the State of a connection that was asked to be taken back for a SYN; "": nothing."""
    told = state.connection_state
    if c not in ndis.closed or told in (None, TcpState.CLOSED):
        return ""
    name = state_name(told)
    return (
        f"connection {c} was asked to be taken back when a SYN arrived, and its State is {name}, not CLOSED"
    )
