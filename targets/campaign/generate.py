"""Random scenarios: run *k* of a seed is the same everywhere and always.

Drawn with the standard generator, and not with Hypothesis, whose draws depend on its
version and on the constants in whatever modules happen to be loaded: a seed that a user
reports would not repeat the run. The shrinker works on scenarios and needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ...model.chimney.shapes import SHAPES, Offload
from ...model.logic import SEQUENCE_SPACE
from ..chimney.scenario import MOST_CONNECTIONS, Move, Scenario

Draw = Callable[[Random], int]

STARTS = (1000, 0, SEQUENCE_SPACE - 1, SEQUENCE_SPACE - 100, SEQUENCE_SPACE // 2 - 50, SEQUENCE_SPACE // 2)
WINDOWS = (10_000, 10_000, 10_000, 5000, 500, 1, 0)
CAPACITIES = (10_000, 10_000, 10_000, 3000, 100, 0)
APPETITES = (-1, 0, 1, 50)


def _none(rng: Random) -> int:
    return 0


def _length(rng: Random) -> int:
    return rng.choice((1, 2, 9, 100, 1000, rng.randint(1, 3000)))


def _size(rng: Random) -> int:
    return rng.choice((0, 1, 40, 100, rng.randint(0, 3000)))


def _up_to(most: int) -> Draw:
    return lambda rng: rng.randint(0, most)


def _window(rng: Random) -> int:
    return rng.choice(WINDOWS)


SENDING: dict[str, tuple[Draw, Draw]] = {
    "send": (_length, _up_to(2)),
    "transmit": (_length, _none),
    "peer gets": (_length, _none),
    "ack": (_length, _window),
    "retransmit": (_none, _none),
    "disconnect": (_none, _none),
}
RECEIVING: dict[str, tuple[Draw, Draw]] = {
    "data": (_length, _none),
    "early data": (_length, _length),
    "fin": (_none, _none),
    "receive": (_size, _none),
    "appetite": (lambda rng: rng.choice(APPETITES), _none),
    "give back": (_none, _none),
    "ack timer": (_none, _none),
}
REST: dict[str, tuple[Draw, Draw]] = {
    "forward": (_none, _none),
    "call": (_up_to(2), _none),
    "link": (_none, _none),
    "neighbor": (_none, _none),
    "run": (_none, _none),
    "rst": (_none, _none),
    "fails": (_up_to(4), _none),
}
SINGLE = {**SENDING, **RECEIVING, **REST}
LATE = ("transmit", "peer gets", "ack", "data", "fin", "rst", "ack timer", "give back")
"""Moves that can come while the offload is being terminated."""

INDICATED = ("data", "fin", "rst", "link", "neighbor", "fails")
"""Moves that make a target indicate something."""


def _single(rng: Random, kind: str, conn: int) -> Move:
    n, m = SINGLE[kind]
    return Move(kind, conn, n(rng), m(rng))


def _anything(rng: Random, conn: int) -> tuple[Move, ...]:
    return (_single(rng, rng.choice(tuple(SINGLE)), conn),)


def _meanwhile(rng: Random, conn: int) -> tuple[Move, ...]:
    """An indication, and what comes in between: the termination, some moves, another indication."""
    inside: tuple[Move, ...] = ()
    for _ in range(rng.randint(0, 2)):
        inside += _anything(rng, conn)
    if rng.random() < 0.3:
        inside += (Move("terminate"),)
    if rng.random() < 0.3:
        inside += _meanwhile(rng, conn)
    if rng.random() < 0.3:
        inside += (Move("run"),)
    return Move("meanwhile", then=inside), _single(rng, rng.choice(INDICATED), conn)


def _sent(rng: Random, conn: int) -> tuple[Move, ...]:
    """Sends, at times with a FIN; transmitted, received and acknowledged to some degree."""
    length, more = _length(rng), rng.randint(0, 2)
    whole = (1 + more) * length
    transmitted, acked = (rng.choice((whole, length, rng.randint(0, whole))) for _ in range(2))
    closing = (Move("disconnect", conn),) if rng.random() < 0.15 else ()
    return (
        Move("send", conn, length, more),
        *closing,
        Move("transmit", conn, transmitted + len(closing)),
        Move("peer gets", conn, whole + len(closing)),
        Move("ack", conn, acked, _window(rng)),
        *(_going_back(rng, conn, whole) if rng.random() < 0.2 else ()),
    )


def _going_back(rng: Random, conn: int, whole: int) -> tuple[Move, ...]:
    """The retransmit timer, some of it again, and an acknowledgement that may be ahead of that."""
    again = (Move("retransmit", conn), Move("transmit", conn, rng.randint(1, whole)))
    return (*again, Move("ack", conn, rng.randint(0, whole), _window(rng))) if rng.random() < 0.5 else again


def _received(rng: Random, conn: int) -> tuple[Move, ...]:
    """Data, of which the application takes some."""
    data = tuple(_single(rng, "data", conn) for _ in range(rng.randint(1, 2)))
    return (_single(rng, "appetite", conn), *data) if rng.random() < 0.7 else data


def _flow(rng: Random, conn: int) -> tuple[Move, ...]:
    return rng.choice((_sent, _received))(rng, conn)


def _late(rng: Random, conn: int) -> tuple[Move, ...]:
    """Something during the termination, or after it on a connection that stays."""
    return (_single(rng, rng.choice(LATE), conn),) if rng.random() < 0.7 else _anything(rng, conn)


def _terminate(rng: Random, conn: int) -> tuple[Move, ...]:
    return (Move("terminate"), Move("run")) if rng.random() < 0.3 else (Move("terminate"),)


def _offload(rng: Random) -> Offload:
    isn, irn = (rng.choice((*STARTS, rng.randrange(SEQUENCE_SPACE))) for _ in range(2))
    return Offload(isn, irn, _window(rng), rng.choice(CAPACITIES))


def scenario(rng: Random) -> Scenario:
    """Some life of one or two connections, and the hand-off somewhere in it."""
    offloads = tuple(_offload(rng) for _ in range(rng.randint(1, MOST_CONNECTIONS)))
    moves: tuple[Move, ...] = ()
    life = ((_anything, 3), (_flow, 4), (_meanwhile, 2), (_anything, 6), (_terminate, 1), (_late, 4))
    for phrase, most in life:
        for _ in range(rng.randint(0, most)):
            moves += phrase(rng, rng.randrange(len(offloads)))
    return Scenario(moves, rng.choice(tuple(SHAPES)), offloads)


def visit(runs: int, seed: int, each: Callable[[Scenario], None]) -> None:
    """Call *each* with *runs* random scenarios; asking for more runs adds to the same ones."""
    for k in range(runs):
        each(scenario(Random(f"{seed} {k}")))
