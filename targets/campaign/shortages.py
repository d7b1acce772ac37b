"""Scenarios in which a driver is refused one thing that it asks for: each time another one, in every phase.

Memory, pools, buffers and MDLs may be refused to a driver, and its registration as it starts; what it
does then must lose nothing, leak nothing and use nothing that it has not got. `--explore --faults` tries it
in every run within bounds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ...model.chimney.shapes import Offload
from ..chimney import moves, whole_run
from ..chimney.move_kinds import Move
from ..chimney.peer_segments import fill, last_data
from ..chimney.scenario import Scenario

Moves = tuple[Move, ...]
TWO = (Offload(), Offload(isn=2_000_000, irn=3_000_000))

LOADING, STARTING, OFFLOADING, GOING_ON, IN_A_MOVE = 4, 7, 12, 24, 4
"""How much it is given before it is refused one thing: while it loads, starts, is offloaded to, works, in a
move."""

_SENDING = (
    *(moves.send(n=9, m=1), moves.transmit(n=9), moves.peer_gets(n=9), moves.ack(n=5, m=100)),
    *(moves.retransmit(), moves.transmit(n=3)),
)
_RECEIVING = (
    *(moves.early_data(n=4, m=3), fill(m=1), moves.data(n=6)),
    *(moves.appetite(n=2), moves.data(n=5), moves.receive(n=4), moves.appetite(n=-1), moves.data(n=3)),
)
_ENDING = (moves.appetite(n=0), moves.data(n=7), moves.terminate(), moves.data(n=2), moves.give_time())
_HELD = (*_SENDING, moves.appetite(n=0), moves.data(n=9))
_AGAIN = (moves.again(m=2), *_RECEIVING)
SINGLE = (moves.transmit(n=9), moves.data(n=6), moves.early_data(n=4, m=3), moves.terminate())
"""Moves after which nothing else comes that would let a driver try again by itself."""
CLOSING = (
    ((moves.disconnect(),), moves.transmit(n=9)),
    ((moves.data(n=6),), moves.transmit(n=9)),
    ((), last_data(n=6)),
)
"""The same with a FIN, or with an acknowledgement that is due: what comes before, and the move."""
COURSE = (*_SENDING, *_RECEIVING, moves.state_call(n=1), moves.forward(), moves.rest(), *_ENDING)
"""A run in which a driver asks for whatever it may need."""


def shortages() -> Iterator[tuple[str, Scenario]]:
    """Name and scenario."""
    for n in range(LOADING):
        yield f"refused when it is loaded, after {n}", Scenario((whole_run.load_short(n=n),))
    for n in range(STARTING):
        yield f"refused when it starts, after {n}", Scenario((whole_run.start_short(n=n),))
    for n in range(OFFLOADING):
        short = whole_run.offload_short(n=n)
        yield f"refused when it is offloaded to, after {n}", Scenario((short, *COURSE), "stack", TWO)
    for n in range(GOING_ON):
        yield f"refused while it works, after {n}", Scenario((moves.run_short(n=n), *COURSE))
    for n, move in itertools.product(range(IN_A_MOVE), SINGLE):
        scenario = Scenario((moves.send(n=9), moves.run_short(n=n), move, moves.ack_timer(), moves.rest()))
        yield f"refused in {move.kind}, after {n}", scenario
    for n, (before, move) in itertools.product(range(IN_A_MOVE), CLOSING):
        scenario = Scenario((moves.send(n=9), *before, moves.run_short(n=n), move))
        names = " and ".join(m.kind for m in (*before, move))
        yield f"refused in {names}, after {n}", scenario
    for kind in (whole_run.answers_late, whole_run.answers_early):
        yield kind.name, Scenario((kind(), *COURSE))
    for n in range(OFFLOADING):
        yield (
            f"refused when it is offloaded to again, after {n}",
            Scenario((*_HELD, moves.run_short(n=n), *_AGAIN)),
        )
