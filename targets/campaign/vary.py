"""Scenarios next to one: a move more, two moves in the other order, a move during an indication."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ..chimney.scenario import MOVES, Move, Scenario

AMOUNTS = {"send": (2, 0), "transmit": (2, 0), "peer gets": (2, 0), "ack": (2, 100), "data": (2, 0)}
AMOUNTS |= {"early data": (1, 1), "receive": (1, 0)}
"""What a move that is put in is about; the others need no amount."""


def variations(scenario: Scenario) -> Iterator[Scenario]:
    """Every scenario one change away, at the top level and inside a "meanwhile"."""
    for moves in _changed(scenario.moves, len(scenario.offloads)):
        yield dataclasses.replace(scenario, moves=moves)


def _changed(moves: tuple[Move, ...], conns: int) -> Iterator[tuple[Move, ...]]:
    for k, move in enumerate(moves):
        before, after = moves[:k], moves[k + 1 :]
        for then in _changed(move.then, conns) if move.kind == "meanwhile" else ():
            yield (*before, dataclasses.replace(move, then=then), *after)
        if after:
            yield (*before, after[0], move, *after[1:])
            yield (*before, Move("meanwhile", then=(move,)), *after)
        if after and after[0].kind == "meanwhile":
            yield (*before, dataclasses.replace(after[0], then=(move, *after[0].then)), *after[1:])
    for k in range(len(moves) + 1):
        for move in _more(conns):
            yield (*moves[:k], move, *moves[k:])


def _more(conns: int) -> Iterator[Move]:
    for kind in MOVES:
        for conn in range(conns):
            if kind != "meanwhile":
                yield Move(kind, conn, *AMOUNTS.get(kind, (0, 0)))
