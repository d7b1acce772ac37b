"""Directed scenarios in which the host terminates a tree in several calls, and what others are made of."""

from __future__ import annotations

from ...model.chimney.shapes import Offload
from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario

OTHER = Offload(isn=2_000_000, irn=3_000_000)


def two(*moves: Move, shape: str) -> Scenario:
    """Two connections."""
    return Scenario(moves, shape, (Offload(), OTHER))


def sent(length: int = 100, conn: int = 0) -> tuple[Move, ...]:
    """So many bytes are posted, and transmitted."""
    return Move("send", conn, length), Move("transmit", conn, length)


def acked(length: int, conn: int = 0, window: int = 8000) -> tuple[Move, ...]:
    """So many reach the peer, and are acknowledged."""
    return Move("peer gets", conn, length), Move("ack", conn, length, window)


_BOTH = (*sent(), *sent(70, 1), *acked(30, 1), Move("data", 1, 9), Move("receive", 0, 9))
_POSTED = (
    *sent(40, 1), *acked(50, 1), Move("receive", 1, 5), Move("data", 1, 9),
    Move("disconnect", 1), Move("data", 0, 3), Move("ack", 0, 60), Move("call", n=1),
)  # fmt: skip


def _apart(n: int, *then: Move, m: int = 0) -> Move:
    return Move("terminate apart", n=n, m=m, then=then)


def _during(*then: Move) -> Move:
    return Move("meanwhile", then=(*then, Move("run")))


ANSWERED: dict[str, Scenario] = {
    "segments are forwarded in one list": Scenario(
        (Move("forward list", n=4, m=1), Move("rest"), Move("receive", n=9), Move("forward list", n=3),
         Move("forward", m=2), Move("terminate"), Move("run"))
    ),
    "a call and the end of the offload while a forwarded segment is indicated": two(
        Move("meanwhile", then=(Move("call", n=1), Move("terminate"))),
        Move("forward data", 1, 1), Move("run"), shape="connection",
    ),
    "acknowledgements that say nothing new": Scenario(
        (*sent(), *acked(100), Move("data", n=9), Move("rest"), Move("same ack"), Move("disconnect"),
         Move("rest"), Move("same ack"))
    ),
    "data arrives in islands": Scenario((Move("scattered", n=40, m=1), Move("rest"), Move("data", n=3))),
    "data arrives in islands while a request waits": Scenario(
        (Move("receive whole", n=60), Move("scattered", n=50, m=7), Move("data", n=30), Move("rest"))
    ),
    "refused data is asked for by an empty request": Scenario(
        (Move("appetite"), Move("data", n=7), Move("appetite", n=-1), Move("receive"), Move("rest"))
    ),
}  # fmt: skip
"""Name -> scenario: what asks for an answer, what for none; what comes in pieces; what is offered again."""

SHORT: dict[str, Scenario] = {
    f"memory is short for the rest of a long send, after {n}": Scenario(
        (Move("ack", m=70_000), Move("run short", n=n), Move("send", n=16_000), Move("run short"),
         Move("transmit", n=2000), *acked(100, window=70_000), Move("transmit", n=9000), Move("rest"))
    )
    for n in (1, 2)
}  # fmt: skip
"""Name -> scenario: a send is acknowledged in part, while a driver has no memory for all of it."""

CROWDED: dict[str, Scenario] = {
    "other connections are offloaded beside, and one goes": Scenario(
        (Move("others come", n=4), Move("data", n=5), *sent(9), Move("others go", n=1), *acked(9),
         Move("data", n=4), Move("rest"))
    ),
    "other connections before and after each other": two(
        *sent(9), Move("others come"), Move("others come", n=3), Move("data", 1, 3),
        Move("others go", n=2, m=1), Move("terminate"), Move("run"), Move("data", 1, 3), shape="connection",
    ),
    "other connections stay while this is offloaded again": Scenario(
        (Move("others come", n=1), *sent(9), Move("again"), Move("others come", n=2), Move("data", n=3),
         Move("others go"), *sent(5), Move("again", m=1), Move("data", n=3))
    ),
}  # fmt: skip
"""Name -> scenario: the host has more connections than those of the run."""

TERMINATED_APART: dict[str, Scenario] = {
    "connections beside each other, terminated in two calls": two(
        *_BOTH, _apart(0), Move("run"), Move("data", 1, 3), shape="siblings"
    ),
    "connections, then their path and neighbor, terminated in three calls": two(
        *_BOTH, Move("disconnect", 1), _apart(1), Move("data", n=3), shape="stack"
    ),
    "a path, then the other one with their neighbor, with time between": two(
        *_BOTH, _apart(2, m=1), Move("data", 1, 3), Move("ack", n=100), shape="two paths"
    ),
    "neighbors, terminated in two calls while data is indicated": two(
        *_BOTH, Move("data", n=9), _during(_apart(0)), Move("data", n=5), shape="two neighbors"
    ),
    "neighbors, terminated in two calls while data of the second is indicated": two(
        *_BOTH, Move("rest"), _during(_apart(0)), Move("data", 1, 5), shape="two neighbors"
    ),
    "paths, terminated in two calls during a status indication": two(
        *_BOTH, _during(_apart(2)), Move("link"), Move("run"), shape="two paths"
    ),
    "neighbors, terminated in two calls, and the second is used until then": two(
        *_BOTH, _apart(0, *_POSTED), Move("run"), shape="two neighbors"
    ),
    "a path, then the other one, which is used until then, with time between": two(
        *_BOTH, _apart(2, Move("query", 1), *_POSTED, m=1), Move("run"), shape="two paths"
    ),
    "connections, then what they stand on, which is called on until then": two(
        *_BOTH, _apart(1, *(Move("call", n=n) for n in range(3)), Move("fin", 1)), Move("run"), shape="stack"
    ),
}
"""Name -> scenario."""
