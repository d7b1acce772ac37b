"""Scenarios next to one: a move more, two moves in the other order, a move during an indication."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ..chimney.move_kinds import Move
from ..chimney.moves import MOVES, meanwhile
from ..chimney.scenario import Scenario


def variations(scenario: Scenario) -> Iterator[Scenario]:
    """Every scenario one change away, at the top level and inside a "meanwhile"."""
    for moves in _changed(scenario.moves, len(scenario.offloads)):
        yield dataclasses.replace(scenario, moves=moves)


def _changed(moves: tuple[Move, ...], conns: int) -> Iterator[tuple[Move, ...]]:
    for k, move in enumerate(moves):
        before, after = moves[:k], moves[k + 1 :]
        for then in _changed(move.then, conns) if move.kind == meanwhile.name else ():
            yield (*before, dataclasses.replace(move, then=then), *after)
        if after:
            yield (*before, after[0], move, *after[1:])
            yield (*before, meanwhile(then=(move,)), *after)
        if after and after[0].kind == meanwhile.name:
            yield (*before, dataclasses.replace(after[0], then=(move, *after[0].then)), *after[1:])
    for k in range(len(moves) + 1):
        for move in _more(conns):
            yield (*moves[:k], move, *moves[k:])


def _more(conns: int) -> Iterator[Move]:
    for kind in MOVES.values():
        for conn in range(conns):
            if kind is not meanwhile:
                yield kind(conn, kind.n.usual, kind.m.usual)
