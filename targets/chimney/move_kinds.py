"""What a kind of move is, and how it is declared; those that there are stand in :mod:`.moves`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.state import TERMINATING
from ...model.event import Event
from ...model.kernel import Parameter
from ..machine.refusal import BadTarget
from .amounts import NOTHING, Amount, amount_of
from .stage import NdisStage
from .stray_answers import closed, left


@dataclasses.dataclass(frozen=True)
class Move:
    """One move; ``n`` and ``m`` are its amounts (see MOVES), ``then`` the moves of "meanwhile"."""

    kind: str
    conn: int = 0
    n: int = 0
    m: int = 0
    then: tuple[Move, ...] = ()


Happens = Callable[..., bool]
"""The move's event happens with these values, if it can; whether it did."""
Plays = Callable[[Any, Move, Happens], None]
Back = Callable[[Any, Any], tuple[int, ...]]
"""From a state and the parameters of what happens there to the amounts of the move."""


@dataclasses.dataclass(frozen=True)
class MoveKind:
    """A kind of move, by the name under which scenarios are stored.

    ``event`` happens, with the move's ``conn``; None: nothing does that can be seen from outside. ``n`` and
    ``m`` are the amounts; ``back`` gives them for an event (without it, they are its parameters besides
    ``conn``). ``prompts`` are events of the target that it has occasion for. ``late`` ones can come while the
    offload is being terminated; ``alone`` are those that random scenarios have anywhere; those that
    ``begins`` concern a run as a whole, wherever they stand. The scenario's world has room for what it
    ``fills``: a bound, of which a move takes ``1 + m``. No two moves are at once that have one of their
    ``lanes`` in common, on a connection; nor any that have none. Those that are ``whole`` concern none.
    """

    name: str
    says: str
    plays: Plays
    event: Event | None = None
    n: Amount = NOTHING
    m: Amount = NOTHING
    back: Back | None = None
    prompts: tuple[Event, ...] = ()
    late: bool = False
    alone: bool = True
    begins: bool = False
    fills: str = ""
    lanes: tuple[str, ...] = ()
    whole: bool = False

    def __call__(self, conn: int = 0, n: int = 0, m: int = 0, then: tuple[Move, ...] = ()) -> Move:
        """A move of this kind."""
        return Move(self.name, conn, n, m, then)

    def play(self, stage: NdisStage, move: Move) -> None:
        """Play a move of this kind, or skip it if it is not possible now."""
        of_one = self.alone or (self.event is not None and "conn" in self.event.ranges)
        own = of_one and not self.whole
        if move.conn >= stage.handed.conns or (of_one and move.conn in stage.handed.refused):
            return
        if own and stage.judge.world.phase == TERMINATING and stage.handed.came_back(move.conn):
            return  # it is the host's, though others that are terminated are not
        if own and stage.handed.context(move.conn) is None:
            return  # its tree is not offloaded yet, though another one is that came before
        asked = own or (self.event and self.event.actor == "peer")
        if asked and stage.handed.is_next(stage.conn(move.conn).block):
            return  # its target was not asked for it yet, and the offload counts as terminated
        if not self.fills or stage.has_room(self.fills, move.conn):
            event: Any = self.event
            of_peer = event and event.actor == "peer"
            asks = left(stage.ndis, move.conn) or move.conn in stage.ndis.urgent  # or is about to
            if of_peer and (asks or closed(stage.conn(move.conn))):
                return
            more = {"conn": move.conn} if event and "conn" in event.ranges else {}
            stage.playing.append(move)
            self.plays(stage, move, functools.partial(stage.judge.if_possible, event, **more))
            stage.playing.pop()

    def telling(self, s: Any, p: Any) -> Move:
        """The move for an event that happened in a state of the model: its own, or one that it prompts."""
        if self.back:
            amounts = self.back(s, p)
        else:
            names = (name for name in (self.event.ranges if self.event else ()) if name != "conn")
            amounts = tuple(getattr(p, name) for name in names if hasattr(p, name))
        n, m, *_ = (*amounts, 0, 0)
        return self(getattr(p, "conn", 0), n, m)


def move(name: str, event: Event | None = None, **declared: Any) -> Callable[[Plays], MoveKind]:
    """Declare a kind of move: the function's docstring are its words, with ``{n}`` and ``{m}``."""

    def declare(plays: Plays) -> MoveKind:
        return MoveKind(name, " ".join((plays.__doc__ or "").split()), plays, event, **declared)

    return declare


def told_of(event: Event, bounds: Bounds) -> MoveKind:
    """The move for an event that a target is told of by an entry point of its own."""
    free = [p for p in event.parameters(bounds) if p.name != "conn"]
    if len(free) > 2:
        names = ", ".join(p.name for p in free)
        raise BadTarget(
            f"event {event.name} has the parameters {names}; a move of a scenario has two at most"
        )

    def plays(stage: NdisStage, move: Move, happens: Happens) -> None:
        numbers = zip(free, (move.n, move.m), strict=False)
        values = {p.name: _value(p, number) for p, number in numbers}
        if stage.listens(event.calls) and happens(**values):
            context = [stage.handed.context(move.conn)] if "conn" in event.ranges else []
            stage.call(event.calls, *context, *values.values())

    n, m, *_ = (*map(amount_of, free), NOTHING, NOTHING)
    return MoveKind(event.name, event.says, plays, event, n, m)


def _value(parameter: Parameter, number: int) -> int:
    """The value of a parameter that an amount stands for: one of its sort."""
    sort = parameter.sort
    if sort.kind == "bool":
        return number > 0
    low = sort.low or 0
    return max(low, number) if sort.high is None else low + max(0, number) % (sort.high - low + 1)
