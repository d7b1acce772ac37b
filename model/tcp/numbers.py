"""Positions and sequence numbers.

*Positions* are byte offsets in a stream (unbounded ints; the first byte an application sends
after the offload has position 0). *Sequence numbers* are ``(isn + position) mod 2^32`` and
appear only where the interface speaks of one. A FIN occupies the position after the last byte
but is no byte of data. Source: RFC 9293 section 3.4.
"""

from __future__ import annotations

from typing import Any

from ..logic import SEQUENCE_SPACE, If, Value, is_symbolic, serial, serial_difference
from ..records import between

NULL = -1
MAX_WINDOW = 2**30
"""Largest TCP window, in bytes (RFC 7323, section 2.3)."""

SEQUENCE = between(0, SEQUENCE_SPACE - 1)
WINDOW = between(0, MAX_WINDOW)
FROM_0, FROM_1 = between(0), between(1)


def decode(position: Value, number: Value, origin: Value) -> Value:
    """The position that sequence number *number* means to a stack that stands at *position*."""
    return position + serial_difference(number, serial(origin + position))


def first_fault(seen: Value, now: Value) -> Value:
    """What sticks: the first value that is not 0."""
    return If(seen != 0, seen, now) if is_symbolic(now) or now != 0 else seen


def place(position: Any, *_: Any) -> str:
    """A position of which NULL means none, as a person reads it."""
    return "none" if position == NULL else str(position)
