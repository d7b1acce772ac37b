"""The wire of one connection, byte for byte: what was transmitted, and which bytes are the peer's.

The application's streams are fixed pseudo-random bytes, so that a byte in the wrong
place is seen, and so is how far it was moved. Positions as in :mod:`...model.tcp.numbers`.
"""

from __future__ import annotations

import functools
import random
from typing import Any, NamedTuple

from ...model.tcp.numbers import NULL
from .interface import Segment
from .tcp_options import AgreedOptions

STREAM = 2**22
"""Length of each stream, bytes; a scenario stays far below it."""
SHORT = 2**17
"""As much of a stream as most scenarios need: the rest is made when it is asked for."""


@functools.cache
def _made(whose: str, length: int) -> bytes:
    return random.Random(whose).randbytes(length)


def stream(whose: str, upto: int = 0) -> bytes:
    """The bytes that an application or its peer sends on a connection, *upto* there at least.

    A long stream begins with the short one.
    """
    return _made(whose, SHORT if upto <= SHORT else STREAM)


def is_sound(segment: Any) -> bool:
    """Whether this is a segment with numbers and bytes where it should have them."""
    if not isinstance(segment, Segment):
        return False
    stamp: Any = segment.timestamp or ()
    if not isinstance(stamp, tuple) or len(stamp) not in (0, 2):
        return False
    numbers = (segment.seq, segment.ack, segment.window, *stamp)
    whole = all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**32 for n in numbers)
    return whole and isinstance(segment.payload, bytes)


class MisplacedByte(NamedTuple):
    """A byte at the wrong place: the position, that of which it is (NULL: none posted), and what it is.

    ``expected`` is what belongs there.
    """

    wrong_at: int
    whose: int
    byte: int
    expected: int

    @property
    def shift(self) -> int:
        """How many bytes were skipped (below 0: repeated); 1 where that cannot be said."""
        return 1 if self.whose in (NULL, self.wrong_at) else self.whose - self.wrong_at


class WireBytes:
    """What connection *conn* put on the wire, and what its peer sends; in each cycle other bytes."""

    def __init__(self, conn: int, cycle: int = 1) -> None:
        again = f" {cycle}" if cycle > 1 else ""
        self._out, self._in = f"out {conn}{again}", f"in {conn}{again}"
        self.carried = bytearray()
        self.there = bytearray()  # 1 for each position that was transmitted
        self.fin_at: int | None = None
        self.peer_sent = 0  # end of what the peer ever sent, out of order included
        self.sacked = (0, 0)  # what the peer has out of order, and said so
        self.options: AgreedOptions | None = None  # until it is offloaded
        self.offered = 0  # the peer's window then, bytes

    def out(self, start: int, end: int) -> bytes:
        """What the application sends at the positions [start, end)."""
        return stream(self._out, end)[start:end]

    def inbound(self, start: int, end: int) -> bytes:
        """What its peer sends there."""
        return stream(self._in, end)[start:end]

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

    def lose(self, got: int) -> None:
        """What lies behind *got*, as far as the peer is, is lost, and the FIN."""
        start, end = max(got, self.sacked[0]), self.sacked[1]
        kept = self.there[start:end]
        self.there[got:] = bytes(len(self.there[got:]))
        self.there[start:end] = kept
        self.fin_at = self.fin_at if self.fin_at is not None and self.fin_at < got else None

    def reach(self, got: int) -> int:
        """How far a peer that has everything below *got* could get with what was transmitted."""
        if got < len(self.there):
            gap = self.there.find(0, got)
            got = gap if gap >= 0 else len(self.there)
        return got + 1 if got == self.fin_at else got

    def seen(self, start: int, end: int, posted: int) -> dict[str, int]:
        """How far the bytes [start, end) are off, and of the first wrong one all that is known."""
        wrong = self.wrong(start, end, posted)
        return {"shift": 0} if wrong is None else {"shift": wrong.shift, **wrong._asdict()}

    def wrong(self, start: int, end: int, posted: int) -> MisplacedByte | None:
        """The first of the bytes [start, end) that is not the right one; *posted* bytes were posted."""
        end = min(end, len(self.carried))
        out = stream(self._out, end)
        if self.carried[start:end] == out[start:end]:
            return None
        at = next(k for k in range(start, end) if self.carried[k] != out[k])
        whose = _nearest(out[:posted], bytes(self.carried[at : min(end, at + 64)]), at)
        return MisplacedByte(at, NULL if whose is None else whose, self.carried[at], out[at])

    def locate(self, data: bytes, expected: int) -> int | None:
        """Where received *data* stands in the peer's stream: *expected* if it fits, else the nearest."""
        return _nearest(self.inbound(0, self.peer_sent), data, expected)


def _nearest(whole: bytes, part: bytes, expected: int) -> int | None:
    if whole[expected : expected + len(part)] == part:
        return expected
    places = []
    at = whole.find(part)
    while at >= 0:
        places.append(at)
        at = whole.find(part, at + 1)
    return min(places, key=lambda p: abs(p - expected), default=None)
