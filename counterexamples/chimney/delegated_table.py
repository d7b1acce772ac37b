"""The delegated state as handed back: sequence numbers, and the positions that they stand for."""

from __future__ import annotations

from ...model.bounds import Bounds
from ...model.chimney.state import World, buffer_name
from ...model.logic import SEQUENCE_SPACE
from ...model.tcp.numbers import NULL, decode
from .grouped_changes import MEMBERS


def lines(world: World, c: int, bounds: Bounds) -> list[str]:
    """A small table for connection *c*; empty if nothing was written for it."""
    conn = world.conns[c]
    given, own = conn.given, conn.own
    if not given.written or conn.block == NULL:
        return []
    rows = [
        _row("snd_una", given.snd_una, conn.isn, own.una, "SND.UNA"),
        _row("snd_nxt", given.snd_nxt, conn.isn, own.nxt, "SND.NXT"),
        _row("snd_max", given.snd_max, conn.isn, own.max, "SND.MAX"),
        _row("rcv_nxt", given.rcv_nxt, conn.irn, own.rcv_nxt, "RCV.NXT"),
    ]
    head, tail = (buffer_name(pointer, bounds, c) for pointer in (given.head, given.tail))
    data = "NULL"
    if given.buffered_from < given.buffered_to:
        data = f"positions [{given.buffered_from},{given.buffered_to})"
    return [
        f"connection {c}, delegated state as handed back (sequence number, its position):",
        *rows,
        f"  SndWnd {given.snd_wnd} bytes, RcvWnd {given.rcv_wnd} bytes, BufferedData {data}",
        f"  SendDataHead {head}, SendDataTail {tail}",
    ]


def _row(field: str, number: int, origin: int, own: int, rfc_name: str) -> str:
    member = MEMBERS[field]
    if not 0 <= number < SEQUENCE_SPACE:
        return f"  {member} {number:>10}  is no sequence number (0 to {SEQUENCE_SPACE - 1})"
    position = decode(own, number, origin)
    stands = "" if position == own else f"  (the target's own {rfc_name} stands at {own})"
    return f"  {member} {number:>10}  position {position}{stands}"
