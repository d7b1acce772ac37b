"""Segments that a target sends: what they may be, and what becomes of them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.chimney import answers
from ...model.tcp.numbers import NULL, decode
from ...model.tcp.peer import SendReset
from ..judging.misbehaviour import OPTIONS, kind_of
from .interface import Segment
from .stray_answers import for_reset
from .tcp_options import wrong_options
from .uploads import sends
from .wire_bytes import is_sound

if TYPE_CHECKING:
    from .observed import Observed


def transmits(ndis: Observed, handle: Any, segment: Segment) -> None:
    """A segment is passed to the NIC for the connection of *handle*."""
    conn = ndis.conn("transmit", handle)
    if conn is None:
        return
    if not is_sound(segment):
        ndis.complain(f"transmit is passed {kind_of(segment)} that is no sound TCP segment")
        return
    for what in wrong_options(ndis.lines[conn].options, segment):
        ndis.monitor.misbehaves(OPTIONS, f"a segment of connection {conn} {what}")
    ndis.answered(conn, segment)
    if segment.rst:
        _resets(ndis, conn, segment)
        return
    ndis.answers(conn)
    if segment.payload or segment.fin:
        _sends_data(ndis, conn, segment)
    known = ndis.monitor.world.conns[conn]
    upto = decode(known.peer.acked_to, segment.ack, known.irn)
    ndis.monitor.if_possible(answers.SendAck, conn=conn, upto=upto, window=segment.window)


def _resets(ndis: Observed, c: int, segment: Segment) -> None:
    """An RST is sent on connection *c*."""
    for_reset(ndis, c)
    known = ndis.monitor.world.conns[c]
    if not known.peer.acked <= decode(known.peer.sent, segment.seq, known.isn) <= known.peer.sent:
        ndis.complain(f"the RST of connection {c} is numbered outside of what was sent")
    ndis.monitor.if_possible(SendReset, conn=c)


def _sends_data(ndis: Observed, c: int, segment: Segment) -> None:
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
