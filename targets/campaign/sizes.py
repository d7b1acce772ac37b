"""Scenarios of size: lengths, counts and windows past what a program may have set as its limit.

One scenario for each boundary and each way in which data can stand when it is handed back. What breaks
is made small as ever, and so is told where the limit lies.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.shapes import Offload
from ..chimney.amounts import BOUNDARIES, COUNTS, FULL
from ..chimney.moves import ack, appetite, data, disconnect, peer_gets, receive, retransmit, send, transmit
from ..chimney.scenario import Scenario

PACKET = 1100
"""Bytes of each of many sends or segments: more than 64 KiB in all."""


def sizes() -> Iterator[tuple[str, Scenario]]:
    """Name and scenario, the smaller boundaries first."""
    for boundary in BOUNDARIES:
        yield from _lengths(boundary + 1)
    for count in COUNTS:
        yield from _counts(count + 1)
    yield f"{COUNTS[0] + 1} sends, acknowledged at once", _acknowledged(COUNTS[0] + 1)
    for window in (*BOUNDARIES, FULL):
        yield f"windows of {window} bytes", _windows(window)


def _lengths(n: int) -> Iterator[tuple[str, Scenario]]:
    """One send, one request, one queue of *n* bytes, in all that can become of it."""
    roomy = (Offload(window=3 * n, capacity=3 * n),)
    out = (send(n=n), transmit(n=n), peer_gets(n=n))
    yield f"sends of {n} bytes, unsent", Scenario((send(n=n, m=1),), offloads=roomy)
    yield (
        f"sends of {n} bytes, one acknowledged, one in part",
        Scenario((*out, ack(n=n, m=3 * n), *out, ack(n=n - 3, m=3 * n)), offloads=roomy),
    )
    yield (
        f"two sends of {n} bytes, sent in pieces, and again",
        Scenario(
            (send(n=n, m=1), transmit(n=n + 5), transmit(n=n), retransmit(), transmit(n=7)), offloads=roomy
        ),
    )
    yield (
        f"receive requests of {n} bytes, filled",
        Scenario((receive(n=n), data(n=n), receive(n=n + 1), data(n=n)), offloads=roomy),
    )
    yield (
        f"{n} bytes taken, taken in part, and refused",
        Scenario((data(n=n), appetite(n=n - 3), data(n=n), appetite(n=0), data(n=n)), offloads=roomy),
    )


def _counts(n: int) -> Iterator[tuple[str, Scenario]]:
    """A queue of *n* sends, requests or segments."""
    size = n * PACKET
    roomy = (Offload(window=2 * size, capacity=2 * size),)
    yield f"{n} sends, unsent", Scenario((send(n=PACKET, m=n - 1),), offloads=roomy)
    yield (
        f"{n} receive requests, of which one is filled",
        Scenario((*(receive(n=k + 1) for k in range(n)), data(n=1)), offloads=roomy),
    )
    yield (
        f"{n} segments refused",
        Scenario((appetite(n=0), *(data(n=PACKET) for _ in range(n))), offloads=roomy),
    )


def _acknowledged(n: int) -> Scenario:
    """*n* sends, and the disconnect behind them. A monitor takes the square of *n* for this."""
    size = n * PACKET
    whole = (send(n=PACKET, m=n - 1), transmit(n=size), peer_gets(n=size))
    moves = (*whole, disconnect(), ack(n=size, m=size), transmit(n=1))
    return Scenario(moves, offloads=(Offload(window=2 * size, capacity=size),))


def _windows(size: int) -> Scenario:
    """Windows of *size*, and of a little more or less: the peer's, and the room in the receive buffer."""
    moves = (send(n=9), transmit(n=9), peer_gets(n=9), ack(n=5, m=size), appetite(n=0), data(n=3))
    return Scenario(moves, offloads=(Offload(window=size - 1, capacity=size),))
