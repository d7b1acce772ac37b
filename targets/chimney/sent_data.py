"""Data and FINs that a target sends: what they may be, and what becomes of them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.chimney import answers
from ...model.tcp.numbers import NULL, decode
from .interface import Segment
from .uploads import sends

if TYPE_CHECKING:
    from .observed import Observed


def sends_data(ndis: Observed, c: int, segment: Segment) -> None:
    """A sound segment with data or a FIN is sent on connection *c*."""
    conn = ndis.monitor.world.conns[c]
    start = decode(conn.peer.sent, segment.seq, conn.isn)
    end = start + len(segment.payload)
    if start < 0 or end > conn.total:
        what = f"positions [{start}, {end}) of connection {c}; the host posted [0, {conn.total})"
        ndis.complain(f"the target transmits {what}")
        return
    sends(ndis, c)
    if start > max(ndis.resend.pop(c, start), conn.peer.acked):
        ndis.complain(f"connection {c}: what was sent before the offload and not again is to be sent first")
    if start < conn.peer.sent:
        ndis.recovering.add(c)
    line = ndis.lines[c]
    line.put(start, segment.payload, segment.fin)
    seen = {"fin": end if segment.fin else NULL, **line.seen(start, end, conn.total)}
    ndis.monitor.happens(answers.Transmit, conn=c, start=start, upto=end + int(segment.fin), **seen)
