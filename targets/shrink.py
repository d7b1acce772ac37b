"""Making a scenario small: fewer moves, simpler trees, smaller numbers, while it still breaks the same.

Works on the data of the scenario, so that directed and random ones shrink alike and every
property that one run broke gets a scenario of its own.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from .scenario import PLAIN_WINDOW, Move, Offload, Scenario, size
from .trees import SHAPES

T = TypeVar("T")


def shrink(scenario: Scenario, breaks: Callable[[Scenario], bool], tries: int, seconds: float) -> Scenario:
    """The smallest scenario found for which *breaks* still holds."""
    until = time.monotonic() + seconds
    progress = True
    while progress:
        progress = False
        for smaller in _candidates(scenario):
            if size(smaller) >= size(scenario):
                continue
            tries -= 1
            if tries < 0 or time.monotonic() > until:
                return scenario
            if breaks(smaller):
                scenario, progress = smaller, True
                break
    return scenario


def _candidates(scenario: Scenario) -> Iterator[Scenario]:
    """Simpler scenarios, the boldest first."""
    yield from _fewer_moves(scenario)
    for count in range(1, len(scenario.offloads)):
        kept = tuple(m for m in scenario.moves if m.conn < count)
        yield dataclasses.replace(scenario, offloads=scenario.offloads[:count], moves=kept)
    for name in SHAPES:
        yield dataclasses.replace(scenario, shape=name)
    for c, offload in enumerate(scenario.offloads):
        for simpler in _simpler_offloads(offload):
            yield dataclasses.replace(scenario, offloads=_with(scenario.offloads, c, simpler))
    for k, move in enumerate(scenario.moves):
        for smaller in _smaller_moves(move):
            yield dataclasses.replace(scenario, moves=_with(scenario.moves, k, smaller))


def _with(items: tuple[T, ...], k: int, item: T) -> tuple[T, ...]:
    return (*items[:k], item, *items[k + 1 :])


def _fewer_moves(scenario: Scenario) -> Iterator[Scenario]:
    moves = scenario.moves
    chunk = len(moves)
    while chunk:
        for start in range(len(moves) - chunk, -1, -1):
            yield dataclasses.replace(scenario, moves=moves[:start] + moves[start + chunk :])
        chunk //= 2


def _simpler_offloads(offload: Offload) -> Iterator[Offload]:
    plain = Offload()
    yield plain
    for field in dataclasses.fields(Offload):
        yield dataclasses.replace(offload, **{field.name: getattr(plain, field.name)})


def _smaller_moves(move: Move) -> Iterator[Move]:
    for k in range(len(move.then)):
        yield dataclasses.replace(move, then=move.then[:k] + move.then[k + 1 :])
    if move.kind == "ack":
        yield dataclasses.replace(move, m=PLAIN_WINDOW)
    for name in ("conn", "n") if move.kind == "ack" else ("conn", "m", "n"):
        value = getattr(move, name)
        for less in dict.fromkeys((0, 1, 2, 3, value // 10, value // 2, value - value // 4)):
            if 0 <= less < abs(value):
                yield dataclasses.replace(move, **{name: less})
