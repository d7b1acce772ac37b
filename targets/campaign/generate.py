"""Random scenarios: run *k* of a seed is the same everywhere and always.

Drawn with the standard generator, and not with Hypothesis, whose draws depend on its
version and on the constants in whatever modules happen to be loaded: a seed that a user
reports would not repeat the run. The shrinker works on scenarios and needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from ...model.chimney.shapes import SHAPES, Offload
from ...model.logic import SEQUENCE_SPACE
from ..chimney import agreed_options, moves
from ..chimney.amounts import CAPACITIES, FULL, LENGTH, WINDOW
from ..chimney.move_kinds import Move, MoveKind
from ..chimney.moves import MOVES
from ..chimney.observed import RETURNS
from ..chimney.peer_segments import sack, stray_rst
from ..chimney.scenario import MOST_CONNECTIONS, Scenario
from ..chimney.stray_syns import exact_syn, stray_syn
from ..chimney.urgent_data import stray_urgent, urgent
from ..chimney.whole_run import offload_short
from ..chimney.window_updates import grow_window
from .rarely import MOST_REFUSED, RARELY, apart, rarely, short_of, within

STARTS = (1000, 0, SEQUENCE_SPACE - 1, SEQUENCE_SPACE - 100, SEQUENCE_SPACE // 2 - 50, SEQUENCE_SPACE // 2)
MUCH = 2**16
"""A send that is longer does not fit into most windows."""
STRAY, STRAYS = 0.05, (stray_rst, stray_syn, exact_syn, urgent, stray_urgent)
"""The part of what arrives with something after it that is not meant for the connection, and what that is."""
CYCLES = 0.1
"""The part of the scenarios in which the host offloads more than once."""
OWN = 4
"""So many times as likely as one of ours is a move of the user's own."""
OTHERWISE = 0.2
"""The part in which the ends of the connections agreed on other options than usual."""
FEW, PHRASES, STRANGE = 6, 4, 0.3
"""Kinds of moves, and phrases, of a short scenario at the most; the part of these with a segment that is not
meant for the connection."""
OFTENER = 1.2
"""So many times as likely as in others is in these what is rare."""
NEEDED = (moves.transmit, moves.data, moves.ack)
"""Kinds of moves without which most others come to nothing."""
Moves = tuple[Move, ...]


class Life:
    """Phrases of moves, on a connection."""

    def __init__(self, rng: Random, kinds: Mapping[str, MoveKind]) -> None:
        self.rng = rng
        alone = {name: kind for name, kind in kinds.items() if kind.alone}
        self.single = [kind for name, kind in alone.items() for _ in range(1 if name in MOVES else OWN)]
        self.late = [kind for kind in kinds.values() if kind.late]
        self.indicated = [k for k in kinds.values() if any(e.name in RETURNS for e in k.prompts)]

    def one(self, kind: MoveKind, conn: int) -> Move:
        """A move of that kind."""
        return kind(conn, kind.n.draw(self.rng), kind.m.draw(self.rng))

    def anything(self, conn: int) -> Moves:
        """A move of any kind."""
        return (self.one(self.rng.choice(self.single), conn),)

    def meanwhile(self, conn: int) -> Moves:
        """An indication, and what comes in between: the termination, some moves, another indication."""
        rng = self.rng
        inside: Moves = ()
        for _ in range(rng.randint(0, 2)):
            inside += self.anything(conn)
        if rng.random() < 0.3:
            inside += (moves.terminate(),)
        if rng.random() < 0.3:
            inside += self.meanwhile(conn)
        if rng.random() < 0.3:
            inside += (moves.give_time(),)
        return moves.meanwhile(then=inside), self.one(rng.choice(self.indicated), conn)

    def flow(self, conn: int) -> Moves:
        """Data, one way or the other."""
        return self.rng.choice((self._sent, self._received))(conn)

    def _sent(self, conn: int) -> Moves:
        """Sends, at times with a FIN; transmitted or lost, received and acknowledged to some degree."""
        rng = self.rng
        length, more = LENGTH.draw(rng), rng.randint(0, 2)
        whole = (1 + more) * length
        transmitted, acked = (rng.choice((whole, length, rng.randint(0, whole))) for _ in range(2))
        closing = (moves.disconnect(conn),) if rng.random() < 0.2 else ()
        opened = (moves.ack(conn, 0, FULL),) if length > MUCH else ()  # or most of it stays in the queue
        return (
            *opened,
            moves.send(conn, length, more),
            *closing,
            moves.transmit(conn, transmitted + len(closing)),
            *((moves.lose(conn), moves.rest()) if rng.random() < 0.1 else ()),
            moves.peer_gets(conn, whole + len(closing)),
            moves.ack(conn, acked, WINDOW.draw(rng)),
            *(self._going_back(conn, whole) if rng.random() < 0.25 else ()),
        )

    def _going_back(self, conn: int, whole: int) -> Moves:
        """The retransmit timer, some of it again, and an acknowledgement that may be ahead of that."""
        rng = self.rng
        again = (moves.retransmit(conn), moves.transmit(conn, rng.randint(1, whole)))
        ahead = rng.random() < 0.5
        return (*again, moves.ack(conn, rng.randint(0, whole), WINDOW.draw(rng))) if ahead else again

    def _received(self, conn: int) -> Moves:
        """Data, of which the application takes some; at times what is not meant for it."""
        rng = self.rng
        arrives = tuple(self.one(moves.data, conn) for _ in range(rng.randint(1, 2)))
        arrives += (self.one(rng.choice(STRAYS), conn),) if rng.random() < STRAY else ()
        return (self.one(moves.appetite, conn), *arrives) if rng.random() < 0.7 else arrives

    def pause(self, conn: int) -> Moves:
        """At times everybody takes all the time there is."""
        return (moves.rest(),) if self.rng.random() < 0.3 else ()

    def after(self, conn: int) -> Moves:
        """Something during the termination, or after it on a connection that stays."""
        rng = self.rng
        return (self.one(rng.choice(self.late), conn),) if rng.random() < 0.7 else self.anything(conn)

    def again(self, conn: int) -> Moves:
        """Another cycle: everything is taken back, offloaded again, and something happens to it."""
        rng = self.rng
        sent = (self.one(moves.send, conn), self.one(moves.transmit, conn), moves.retransmit(conn))
        before = sent if rng.random() < 0.3 else ()  # SND.NXT is not SND.MAX then
        played: Moves = (*before, self.one(moves.again, conn if rng.random() < 0.2 else 0))
        for phrase in (self.flow, self.anything, self.meanwhile, self.flow):
            played += phrase(conn) if rng.random() < 0.5 else ()
        return played

    def terminate(self, conn: int) -> Moves:
        """The hand-off, at times at once."""
        return (moves.terminate(), moves.give_time()) if self.rng.random() < 0.3 else (moves.terminate(),)


def offload(rng: Random) -> Offload:
    """Where a connection stands when it is offloaded."""
    isn, irn = (rng.choice((*STARTS, rng.randrange(SEQUENCE_SPACE))) for _ in range(2))
    return Offload(isn, irn, WINDOW.draw(rng), rng.choice(CAPACITIES))


def scenario(rng: Random, kinds: Mapping[str, MoveKind] = MOVES) -> Scenario:
    """Some life of one or two connections, and the hand-off somewhere in it."""
    offloads = tuple(offload(rng) for _ in range(rng.randint(1, MOST_CONNECTIONS)))
    played: Moves = ()
    life = Life(rng, kinds)
    phrases = ((life.anything, 3), (life.flow, 4), (life.meanwhile, 2), (life.anything, 6))
    for phrase, most in (*phrases, (life.pause, 1), (life.terminate, 1), (life.after, 4)):
        for _ in range(rng.randint(0, most)):
            played += phrase(rng.randrange(len(offloads)))
    shape = rng.choice(tuple(SHAPES))
    if rng.random() >= 1 - CYCLES:
        played += life.again(rng.randrange(len(offloads)))
    played = rarely(rng, _agreed(rng, played, len(offloads)), len(offloads))
    played = apart(rng, within(rng, played, len(offloads)), len(offloads))
    return Scenario(played, shape, offloads)


def few(rng: Random, kinds: Mapping[str, MoveKind] = MOVES) -> Scenario:
    """A short one, of few kinds of moves: in a long one, what comes later hides that nothing came of one."""
    alone = [name for name, kind in kinds.items() if kind.alone]
    chosen = {*rng.sample(alone, min(FEW, len(alone))), *(kind.name for kind in NEEDED)}
    life = Life(rng, {name: kind for name, kind in kinds.items() if name in chosen or not kind.alone})
    offloads = tuple(offload(rng) for _ in range(rng.choice((1, 1, MOST_CONNECTIONS))))
    conns, played = len(offloads), tuple[Move, ...]()
    for _ in range(rng.randint(1, PHRASES)):
        phrase = rng.choice(
            (life.anything, life.anything, life.anything, life.flow, life.meanwhile, life.pause)
        )
        played += phrase(rng.randrange(conns))
    if rng.random() < STRANGE:
        at = rng.randint(0, len(played))
        played = (*played[:at], life.one(rng.choice(STRAYS), rng.randrange(conns)), *played[at:])
    played += life.terminate(0) if rng.random() < 0.5 else ()
    if rng.random() < 2 * CYCLES:
        played = _offloaded_with(rng, played, rng.randrange(conns), life)
    played = short_of(rng, rarely(rng, _agreed(rng, played, conns), conns, OFTENER * RARELY), conns)
    return Scenario(apart(rng, within(rng, played, conns), conns), rng.choice(tuple(SHAPES)), offloads)


def _offloaded_with(rng: Random, played: Moves, c: int, life: Life) -> Moves:
    """Another cycle; at times with data that nobody took, or something is refused when it is offloaded."""
    unread = (moves.appetite(c, 0), life.one(moves.data, c), life.one(moves.send, c))
    played += (unread if rng.random() < 0.5 else ()) + life.again(c)
    return (offload_short(n=rng.randint(0, MOST_REFUSED)), *played) if rng.random() < 0.5 else played


def _agreed(rng: Random, played: Moves, conns: int) -> Moves:
    """The moves; at times with other options than usual, a clock that ticks, and SACK blocks of the peer."""
    if rng.random() >= OTHERWISE:
        return played
    for kind in (agreed_options.clock, sack, sack, grow_window):
        for _ in range(rng.randint(0, 2)):
            more, at = (
                kind(rng.randrange(conns), LENGTH.draw(rng), LENGTH.draw(rng)),
                rng.randint(0, len(played)),
            )
            played = (*played[:at], more, *played[at:])
    options = (agreed_options.timestamps(), agreed_options.no_sack())
    return (*(option for option in options if rng.random() < 0.6), *played)


def visit(
    runs: int, seed: int, each: Callable[[Scenario], None], kinds: Mapping[str, MoveKind] = MOVES
) -> None:
    """Call *each* with *runs* random scenarios; asking for more runs adds to the same ones."""
    for k in range(runs):
        each(scenario(Random(f"{seed} {k}"), kinds))
