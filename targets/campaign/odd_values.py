"""What the steps of a run do not tell: why it has other numbers than plain ones, and what nobody sees."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from ...model.chimney.shapes import Offload
from ...model.logic import SEQUENCE_SPACE
from ..chimney import more_offloads, moves, whole_run
from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario, amount

NAMES = {"isn": "initial send sequence number", "irn": "initial receive sequence number"}
EDGES = {SEQUENCE_SPACE // 2: "2^31", SEQUENCE_SPACE: "2^32"}
PLAIN = 2
"""An amount that nobody asks the reason of."""
SILENT = frozenset(
    kind.name
    for kind in (
        *(moves.run_short, moves.interrupted, whole_run.offload_short, whole_run.start_short),
        *(more_offloads.others_come, more_offloads.others_go),
        *(whole_run.load_short, whole_run.answers_late, whole_run.answers_early, whole_run.offloading),
    )
)
"""Moves that are in no step."""
REACH = 2**16
"""A connection that begins so far before an edge is taken to cross it."""


def why_odd(scenario: Scenario, breaks: Callable[[Scenario], bool]) -> list[str]:
    """A line for each number that is not plain and that is needed; *breaks* tells of another scenario."""
    found = []
    for conn, offload in enumerate(scenario.offloads):
        for field in dataclasses.fields(Offload):
            value, plain = getattr(offload, field.name), getattr(Offload(), field.name)
            if value != plain and not breaks(_with(scenario, conn, field.name, plain)):
                why = f"with {plain} it does not break"
                if field.name in NAMES and _crosses(scenario, conn, field.name, breaks):
                    why = f"wrap-around at {EDGES[_edge(value)]} is needed; " + why
                what = NAMES.get(field.name, field.name)
                found.append(f"connection {conn}, {what} {value}: {why}")
    return [*found, *_why_large(scenario, breaks)]


def told_by_no_step(scenario: Scenario) -> list[str]:
    """A line for each move that is in no step: what was refused, or interrupted, and what came next."""
    found = []
    for k, move in enumerate(scenario.moves):
        if move.kind in SILENT and (move.then or move.kind != moves.interrupted.name):
            whole = moves.MOVES[move.kind].begins
            following = () if whole else scenario.moves[k + 1 : k + 2]
            found.append(_words(move) + "".join(f'; next: "{after.kind}"' for after in following))
    return found


def _words(move: Move) -> str:
    """A move in words, with what it holds."""
    if move.kind not in moves.MOVES:
        return move.kind
    inner = "; ".join(map(_words, move.then))
    if move.kind == moves.interrupted.name:
        return f"another processor comes in between, at point {move.n} of the next call: {inner}"
    says = moves.MOVES[move.kind].says.format(n=move.n, m=move.m)
    return f"{says}: {inner}" if inner else says


def _why_large(scenario: Scenario, breaks: Callable[[Scenario], bool]) -> Iterator[str]:
    """Of each amount that is no plain one, that it breaks with it, and not with the next plainer one."""
    for k, move in enumerate(scenario.moves):
        for name in ("n", "m"):
            value, known = getattr(move, name), amount(move.kind, name)
            plainer = known.simplest or value - 1
            if (value != plainer) if known.simplest else value > max(PLAIN, known.usual):
                other: Any = {name: plainer}
                moves = (*scenario.moves[:k], dataclasses.replace(move, **other), *scenario.moves[k + 1 :])
                if not breaks(dataclasses.replace(scenario, moves=moves)):
                    yield f"{move.kind} {value}: with {plainer} it does not break"


def _crosses(scenario: Scenario, conn: int, name: str, breaks: Callable[[Scenario], bool]) -> bool:
    """Whether it breaks on the way over an edge, and neither well before it nor well behind it."""
    value = getattr(scenario.offloads[conn], name)
    edge = _edge(value)
    if not edge - REACH <= value < edge:
        return False
    return not any(breaks(_with(scenario, conn, name, neighbour)) for neighbour in _beside(edge))


def _edge(value: int) -> int:
    return next((edge for edge in EDGES if value < edge), SEQUENCE_SPACE)


def _beside(edge: int) -> Iterator[int]:
    yield edge - 2**24
    yield (edge + 2**24) % SEQUENCE_SPACE


def _with(scenario: Scenario, conn: int, name: str, value: int) -> Scenario:
    offloads = list(scenario.offloads)
    offloads[conn] = dataclasses.replace(offloads[conn], **{name: value})
    return dataclasses.replace(scenario, offloads=tuple(offloads))
