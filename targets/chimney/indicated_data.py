"""Whether the host can take what a target indicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..judging.misbehaviour import kind_of
from .interface import NetBufferList

if TYPE_CHECKING:
    from .observed import Observed


def indicates_data(ndis: Observed, name: str, conn: int, nbl: Any) -> bool:
    """Whether data can be taken on connection *conn*; complains where it cannot."""
    if not isinstance(nbl, NetBufferList):
        ndis.complain(f"{name} is passed {kind_of(nbl)} instead of a NET_BUFFER_LIST")
    elif not nbl.data:
        ndis.complain(f"{name} indicates no data")
    elif _being_offloaded(ndis, conn):
        ndis.complain(f"{name} is called before the offload of connection {conn} is complete")
    elif ndis.monitor.world.conns[conn].indication:
        ndis.complain(f"{name} is called while an indication on connection {conn} is under way")
    elif _should_wait(ndis, conn):
        ndis.complain(
            f"{name}: what connection {conn} had received before it was offloaded waits for a request"
        )
    else:
        if conn in ndis.completing:
            ndis.complain(
                f"{name} is called from within a completion of receive requests on connection {conn}"
            )
        return True
    return False


def _should_wait(ndis: Observed, c: int) -> bool:
    """Source: pages/handling-buffered-receive-data-during-and-after-an-offload-operation.md."""
    conn, (end, posted) = ndis.monitor.world.conns[c], ndis.waits.get(c, (0, 0))
    return conn.peer.app_got < end and conn.requested == posted


def _being_offloaded(ndis: Observed, conn: int) -> bool:
    """Source: pages/processing-events-that-occur-during-an-offload.md."""
    handle = ndis.handed.handles[conn]
    trees = (t for t in ndis.handed.offloads if any(b.ndis_offload_handle is handle for b in t))
    return any(not any(tree[0] is root for root in ndis.initiated) for tree in trees)
