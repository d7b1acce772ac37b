"""Receive requests come back: what is in them, and that one completion follows the other.

From within a completion the host may post the next request. What that holds comes back when the call has
returned. Source: ddi/nc-ndischimney-ndis_tcp_offload_receive_complete.md, Remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...model.chimney import answers
from ...model.chimney.state import PENDING
from ...model.tcp.peer import is_over
from ..judging.misbehaviour import TWICE
from .handed import HandedBuffer
from .interface import NetBufferList, Status
from .statuses import advanced

if TYPE_CHECKING:
    from .observed import Observed

EVENT = answers.NdisTcpOffloadReceiveComplete


def requests_back(ndis: Observed, name: str, returned: Sequence[tuple[NetBufferList, HandedBuffer]]) -> None:
    """All of one call to *name*; then the host posts what is kept for this moment."""
    for nbl, known in returned:
        _comes_back(ndis, f"{name}, receive request {known.index} of connection {known.conn}", nbl, known)
    conns = {known.conn for _, known in returned}
    succeeded = all(nbl.status is Status.SUCCESS for nbl, _ in returned)
    if conns and succeeded and not conns & ndis.completing:
        ndis.completing |= conns
        ndis.within()
        ndis.completing -= conns


def _comes_back(ndis: Observed, what: str, nbl: NetBufferList, known: HandedBuffer) -> None:
    conn = ndis.monitor.world.conns[known.conn]
    if conn.requests[known.index].status != PENDING:
        ndis.monitor.misbehaves(TWICE, f"{what}: it was completed before")
        return
    if known.conn in ndis.completing:
        ndis.complain(f"{what}: it is completed from within the call that completes another one")
    size = conn.requests[known.index].size
    done = ndis.length(nbl, size, what)
    ended = conn.peer.fin or is_over(conn)  # of the latter its status is asked
    if size and not done and nbl.status is Status.SUCCESS and not ended:
        ndis.complain(f"{what}: no byte is in it, as if the stream had ended")
    if done and conn.indication:
        ndis.complain(f"{what}: data comes back in it while an indication is under way")
    data, got = bytes(nbl.memory[:done]), conn.peer.app_got
    start = ndis.lines[known.conn].locate(data, got) if data else got
    ndis.monitor.happens(
        EVENT,
        conn=known.conn,
        request=known.index,
        status=ndis.status(nbl, known.conn),
        bytes=done,
        advanced=abs(advanced(nbl)),
        start=got if start is None else start,
        wrong=start is None,
    )
