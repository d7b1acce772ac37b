"""Two processors in a driver at once: pairs of calls, and the points at which one interrupts the other.

A schedule is a scenario: a situation, an interruption (:data:`..chimney.moves.interrupted`), and the call
that is interrupted. All with one interruption come first, those at the first points before the others; then
those in which the second call is interrupted itself.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping

from ..chimney import moves
from ..chimney.move_kinds import Move
from ..chimney.peer_segments import last_data
from ..chimney.scenario import Scenario
from ..chimney.window_updates import grow_window
from ..running.outcome import Outcome

Moves = tuple[Move, ...]
BATCH = 25
FEW = 12
"""Points at the beginning of a call, and at its end, at which those of USUAL are interrupted."""

_IDLE = (moves.send(n=4), moves.transmit(n=4), moves.peer_gets(n=4))
_BUSY = (
    *(moves.send(n=9), moves.transmit(n=9), moves.peer_gets(n=9), moves.receive(n=3), moves.send(n=4)),
    *(moves.appetite(n=2), moves.data(n=6), moves.appetite(n=-1), moves.data(n=5)),
    *(moves.forward(), moves.state_call(n=1)),
)
SITUATIONS: Mapping[str, Moves] = {
    "idle": _IDLE,
    "busy": _BUSY,
    "terminating": (*_IDLE, moves.data(n=3), moves.forward(), moves.terminate()),
}
CALLS = (
    *(moves.send(n=3), moves.receive(n=4), moves.disconnect(), moves.forward(), moves.state_call(n=1)),
    *(moves.give_back(), moves.ack(n=9, m=100), moves.data(n=3), moves.fin(), moves.rst()),
    *(moves.transmit(n=4), moves.retransmit(), moves.ack_timer(), moves.give_time(), moves.terminate()),
    *(moves.link(), moves.fails(), moves.query(), grow_window(n=1), last_data(n=3, m=1)),
)
"""Each of these interrupts each other one, as far as both may be made at once."""
USUAL = (
    ("idle", "ack", "send"),
    ("idle", "send", "transmit"),
    ("idle", "data", "receive"),
    ("idle", "receive", "data"),
    ("busy", "ack", "run"),
    ("terminating", "run", "give back"),
    ("terminating", "give back", "run"),
    ("terminating", "run", "fails"),
)
"""Situation, the call, and what interrupts it: where a driver that locks too little most often shows it."""


@dataclasses.dataclass
class CallPair:
    """Two calls at once; ``points`` of each as far as they are known, None before the first run."""

    situation: str
    call: Move
    other: Move
    points: tuple[int, int] | None = None

    def schedule(self, n: int, m: int = 0) -> Scenario:
        """The run in which the call is interrupted at its point *n*, and the other at its point *m*."""
        interruption = moves.interrupted(n=n, m=m, then=(self.other,))
        return Scenario((*SITUATIONS[self.situation], interruption, self.call))

    @property
    def says(self) -> str:
        """The pair in words."""
        return f"{self.call.kind} interrupted by {self.other.kind}, {self.situation}"


Schedule = tuple[CallPair, Scenario]


def pairs() -> Iterator[CallPair]:
    """Every two calls that may be made at once, in each situation."""
    for situation, (call, other) in itertools.product(SITUATIONS, itertools.permutations(CALLS, 2)):
        if moves.at_once(other, [call]):
            yield CallPair(situation, call, other)


def schedules(processors: int, twice: int) -> Iterator[list[Schedule]]:
    """What a campaign plays: the few of every one, or all for 2 *processors* (:func:`thorough`)."""
    return thorough(twice) if processors > 1 else _few()


def _few() -> Iterator[list[Schedule]]:
    calls = {move.kind: move for move in CALLS}
    chosen = [CallPair(situation, calls[call], calls[other]) for situation, call, other in USUAL]
    yield [(pair, pair.schedule(0)) for pair in chosen]
    for pair in chosen:
        first = pair.points[0] if pair.points else 0
        numbers = sorted({*range(1, min(FEW, first)), *range(max(1, first - FEW), first)})
        yield from _batches([(pair, pair.schedule(n)) for n in numbers])


def thorough(twice: int) -> Iterator[list[Schedule]]:
    """Every pair, interrupted at each of its points; then *twice* many that are interrupted twice.

    Between one batch and the next the points of its pairs become known (:func:`learn`).
    """
    known = left = list(pairs())
    for n in itertools.count():
        left = [pair for pair in left if pair.points is None or n < pair.points[0]]
        if not left:
            break
        yield from _batches([(pair, pair.schedule(n)) for pair in left])
    found = ((n + m, k, n, m) for k, pair in enumerate(known) for n, m in _both(pair))
    second = itertools.islice(sorted(found), twice)
    yield from _batches([(known[k], known[k].schedule(n, m)) for _, k, n, m in second])


def _batches(schedules: list[Schedule]) -> Iterator[list[Schedule]]:
    return (schedules[k : k + BATCH] for k in range(0, len(schedules), BATCH))


def _both(pair: CallPair) -> Iterator[tuple[int, int]]:
    first, second = pair.points or (0, 0)
    return itertools.product(range(first), range(1, second + 1))


def learn(pair: CallPair, outcome: Outcome) -> None:
    """Take note of how many points the two calls have; none where the second was not made."""
    if outcome.points:
        first, second = outcome.points
        pair.points = first, max(second, (pair.points or (0, 0))[1])
    elif pair.points is None:
        pair.points = 0, 0
