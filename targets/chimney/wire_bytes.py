"""The wire of one connection, byte for byte: what was transmitted, and which bytes are the peer's.

The application's streams are fixed pseudo-random bytes, so that a byte in the wrong
place is seen, and so is how far it was moved. Positions as in :mod:`...model.tcp.numbers`.
"""

from __future__ import annotations

import functools
import random

STREAM = 2**17
"""Length of each stream, bytes; a scenario stays far below it."""


@functools.cache
def stream(conn: int, direction: str) -> bytes:
    """The bytes that an application ("out") or its peer ("in") sends on a connection."""
    return random.Random(f"{direction} {conn}").randbytes(STREAM)


class WireBytes:
    """What connection *conn* put on the wire, and what its peer sends."""

    def __init__(self, conn: int) -> None:
        self.out = stream(conn, "out")
        self.inbound = stream(conn, "in")
        self.carried = bytearray()
        self.there = bytearray()  # 1 for each position that was transmitted
        self.fin_at: int | None = None
        self.peer_sent = 0  # end of what the peer ever sent, out of order included

    def put(self, position: int, payload: bytes, fin: bool) -> None:
        """A segment goes out; a retransmission replaces what it repeats."""
        end = position + len(payload)
        missing = end - len(self.carried)
        if missing > 0:
            self.carried += bytes(missing)
            self.there += bytes(missing)
        self.carried[position:end] = payload
        self.there[position:end] = b"\1" * len(payload)
        if fin:
            self.fin_at = end

    def reach(self, got: int) -> int:
        """How far a peer that has everything below *got* could get with what was transmitted."""
        if got < len(self.there):
            gap = self.there.find(0, got)
            got = gap if gap >= 0 else len(self.there)
        return got + 1 if got == self.fin_at else got

    def shift(self, start: int, end: int) -> int:
        """0 if the bytes [start, end) are the right ones; else how many were skipped (below 0: repeated)."""
        end = min(end, len(self.carried))
        if self.carried[start:end] == self.out[start:end]:
            return 0
        for at in range(start, end):
            if self.carried[at] != self.out[at]:
                found = _nearest(self.out, bytes(self.carried[at : min(end, at + 64)]), at)
                return found - at if found not in (None, at) else 1
        return 0

    def locate(self, data: bytes, expected: int) -> int | None:
        """Where received *data* stands in the peer's stream: *expected* if it fits, else the nearest."""
        return _nearest(self.inbound[: self.peer_sent], data, expected)


def _nearest(whole: bytes, part: bytes, expected: int) -> int | None:
    if whole[expected : expected + len(part)] == part:
        return expected
    places = []
    at = whole.find(part)
    while at >= 0:
        places.append(at)
        at = whole.find(part, at + 1)
    return min(places, key=lambda p: abs(p - expected), default=None)
