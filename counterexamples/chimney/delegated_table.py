"""The delegated state as handed back: sequence numbers, and the positions that they stand for."""

from __future__ import annotations

from ...model.bounds import Bounds
from ...model.chimney.state import World, buffer_name
from ...model.logic import SEQUENCE_SPACE
from ...model.tcp.numbers import NULL, decode
from ..words import Words
from .grouped_changes import MEMBERS

NUMBERS = {"snd_una": "una", "snd_nxt": "nxt", "snd_max": "max", "rcv_nxt": "rcv_nxt"}
"""The members that are sequence numbers, and the target's own position that each should stand for."""


def lines(world: World, c: int, bounds: Bounds) -> list[str]:
    """A small table for connection *c*; empty if nothing was written for it."""
    if not is_written(world, c):
        return []
    given = world.conns[c].given
    numbers = [f"  {MEMBERS[f]} {getattr(given, f):>10}  {position(world, c, f)}" for f in NUMBERS]
    head, tail = (buffer_name(pointer, bounds, c) for pointer in (given.head, given.tail))
    return [
        f"connection {c}, delegated state as handed back (sequence number, its position):",
        *numbers,
        f"  SndWnd {given.snd_wnd} bytes, RcvWnd {given.rcv_wnd} bytes, BufferedData {buffered(world, c)}",
        f"  SendDataHead {head}, SendDataTail {tail}",
    ]


def members(world: World, c: int, words: Words) -> list[tuple[str, str, str]]:
    """Each member for connection *c*: its name, its value, and what that stands for; empty as above."""
    if not is_written(world, c):
        return []
    given = world.conns[c].given
    rows = [
        (name, words.value(f"conns[{c}].given.{field}", getattr(given, field)), position(world, c, field))
        for field, name in MEMBERS.items()
        if field not in ("buffered_from", "buffered_to")
    ]
    return [*rows, ("BufferedData", buffered(world, c), "")]


def is_written(world: World, c: int) -> bool:
    """Whether there is a delegated state for connection *c* to show."""
    return bool(world.conns[c].given.written and world.conns[c].block != NULL)


def buffered(world: World, c: int) -> str:
    """Where the BufferedData of connection *c* lies."""
    given = world.conns[c].given
    if given.buffered_from >= given.buffered_to:
        return "NULL"
    return f"positions [{given.buffered_from},{given.buffered_to})"


def position(world: World, c: int, field: str) -> str:
    """What a sequence number stands for, and where the target itself stood if that is elsewhere."""
    if field not in NUMBERS:
        return ""
    conn, number = world.conns[c], getattr(world.conns[c].given, field)
    if not 0 <= number < SEQUENCE_SPACE:
        return f"is no sequence number (0 to {SEQUENCE_SPACE - 1})"
    own = getattr(conn.own, NUMBERS[field])
    found = decode(own, number, conn.irn if field == "rcv_nxt" else conn.isn)
    rfc_name = "RCV.NXT" if field == "rcv_nxt" else f"SND.{NUMBERS[field].upper()}"
    return f"position {found}" + ("" if found == own else f"  (the target's own {rfc_name} stands at {own})")
