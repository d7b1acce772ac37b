"""Directed scenarios for a target that puts off what it is told: it has time after each move.

A driver may queue commands, and work when it has time. What the host has just posted the wire then asks for
too early, and a scenario meets nothing of what it was written for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from ..chimney.move_kinds import Move, MoveKind
from ..chimney.moves import MOVES, give_time
from ..chimney.scenario import Scenario
from ..chimney.terminations import terminate, terminate_apart
from ..running.branching import Choice, Moves
from ..running.outcome import Outcome
from .directed import DIRECTED
from .sources import DIRECT, Sourced

AT_ONCE = {
    "sends, transmitted, not acknowledged": "Transmit",
    "data indicated and kept by the host": "NdisTcpOffloadReceiveHandler",
}
"""Directed scenarios, and what happens in each unless the target puts it off."""

UNKNOWN = ("wire.within-window",)
"""What such a target may break where it has no time: it has not read yet that the window shrank."""


def puts_off(played: Iterable[tuple[str, Outcome]]) -> bool:
    """Whether one of the directed scenarios, each with its name, came to nothing for lack of time."""
    return any(
        name in AT_ONCE and not outcome.breaches and AT_ONCE[name] not in outcome.happened
        for name, outcome in played
    )


def is_excused(name: str, scenario: Scenario, kinds: Mapping[str, MoveKind]) -> bool:
    """Whether such a target may break that there, since it had no time after some move."""
    return name in UNKNOWN and with_time(scenario, kinds) != scenario


def in_its_time(kinds: Mapping[str, MoveKind] = MOVES) -> Iterator[Sourced]:
    """The directed scenarios that are others with time after each move."""
    for name, scenario in DIRECTED.items():
        slow = with_time(scenario, kinds)
        if slow != scenario:
            yield Sourced(DIRECT, f"{name}; with time after each move", slow)


def with_time(scenario: Scenario, kinds: Mapping[str, MoveKind] = MOVES) -> Scenario:
    """The scenario with time for the target after each move, until its offload is terminated."""
    return dataclasses.replace(scenario, moves=_timed(scenario.moves, kinds))


def choices_with_time(choices: Iterable[Choice], kinds: Mapping[str, MoveKind] = MOVES) -> tuple[Choice, ...]:
    """The steps of an exploration, with time for the target after each."""

    def timed(several: tuple[Moves, ...]) -> tuple[Moves, ...]:
        return tuple(_timed(some, kinds) for some in several)

    return tuple(
        Choice(
            _timed(choice.moves, kinds),
            choice.ends,
            timed(choice.taken),
            timed(choice.meanwhile),
            timed(choice.short),
        )
        for choice in choices
    )


def _timed(given: Moves, kinds: Mapping[str, MoveKind]) -> Moves:
    moves: list[Move] = []
    for k, move in enumerate(given):
        if move.kind in (terminate.name, terminate_apart.name):
            return (*moves, *given[k:])
        following = given[k + 1 : k + 2]
        has_it = move.kind == give_time.name or any(m.kind == give_time.name for m in following)
        moves += [move] if has_it or not kinds[move.kind].alone else [move, give_time()]
    return tuple(moves)
