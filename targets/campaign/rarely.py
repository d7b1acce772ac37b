"""What a random scenario has now and then: what concerns a run as a whole, or the call that comes next.

Segments arrive while the offload is being completed, or come again; a driver is refused something, or
answered late or at once; another processor interrupts a call. It is drawn when all else is, so that the
others stay as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from random import Random

from ..chimney import moves, whole_run
from ..chimney.agreed_options import no_sack
from ..chimney.amounts import BOUNDARIES, CAPACITIES, FULL
from ..chimney.forwarded_data import forward_data, forward_list
from ..chimney.held_back import ack_due
from ..chimney.more_offloads import others_come, others_go
from ..chimney.move_kinds import Move
from ..chimney.nonpush_mode import receive_whole
from ..chimney.offload_arrivals import ARRIVE
from ..chimney.old_segments import fin_again, same_ack
from ..chimney.peer_segments import repeat
from ..chimney.peer_segments import sack as peer_sacks
from ..chimney.terminations import terminate_apart

RARELY = 0.025
"""The part of the scenarios that have each of these: it does not become less as there are more of them."""
MOST_REFUSED, SOON = 24, 7
"""What is given, at most, before something is refused; more often it is refused soon."""
WITHIN = 0.15
"""The part with something from within a call of the target's: a receive request, or the connection's end."""
ENDS = ((moves.rst, 0), (moves.disconnect, 1), (moves.fails, 2), (moves.fin, 0))
"""What ends a connection, or one half, while data is indicated."""
TRIES = 8
"""Draws of two calls that may be made at once."""
SHORT_OF = 0.12
"""The part of what is short or bred in which the driver is refused something at the end, or as it starts."""
STARTS_SHORT = ((whole_run.load_short, 4), (whole_run.start_short, SOON))
"""How much a driver is given at most before that; as it is offloaded to again: OFFLOADING."""
OFFLOADING = 11
REFUSED = ("offload short", "run short", "start short", "load short")
"""Kinds of moves by which a driver is refused something, after so much that it was given."""
APART = 0.25
"""The part of the scenarios of two connections in which the host terminates them in several calls."""
BETWEEN, STRADDLES = 0.7, 0.4
"""The part of these in which something happens between two of the calls, and of them that in which a flow of
bytes began before."""
MOST_LISTED = 3
"""Receive requests behind the first one in a call, at most."""
Moves = tuple[Move, ...]


def rarely(rng: Random, played: Moves, conns: int, part: float = RARELY) -> Moves:
    """The moves, now and then with some of these among them."""
    for way in WAYS:
        played = way(rng, played, conns) if rng.random() < part else played
    return played


def apart(rng: Random, played: Moves, conns: int) -> Moves:
    """The moves; at times the host terminates the tree in several calls, at the latest at the end."""
    if conns < 2 or rng.random() >= APART:
        return played
    for k, move in enumerate(played):
        inside = [then.kind for then in move.then]
        if move.kind == moves.meanwhile.name and moves.terminate.name in inside:
            at = inside.index(moves.terminate.name)
            then = (*_parted(rng, move.then[:at], conns), *move.then[at + 1 :])
            return (*played[:k], dataclasses.replace(move, then=then), *played[k + 1 :])
        if move.kind == moves.terminate.name:
            return (*_parted(rng, played[:k], conns), *played[k + 1 :])
    return _parted(rng, played, conns)


def _parted(rng: Random, before: Moves, conns: int) -> Moves:
    """The moves *before*, and the calls; at times a flow of bytes comes to its end between two of them."""
    kind, between = terminate_apart, tuple[Move, ...]()
    if rng.random() < BETWEEN:
        between = _between(rng, conns)
        if rng.random() < STRADDLES:
            flow = _flow(rng, rng.randrange(conns))
            begun = rng.randrange(1, len(flow))
            before, between = (*before, *flow[:begun]), (*flow[begun:], *between[1:])
    return (*before, kind(n=kind.n.draw(rng), m=kind.m.draw(rng), then=between))


def _flow(rng: Random, c: int) -> Moves:
    """Bytes that go out and are acknowledged, or that come in and are taken."""
    n = moves.send.n.draw(rng)
    came = moves.peer_gets(c, n), moves.ack(c, n, moves.ack.m.draw(rng))
    out = moves.send(c, n), moves.transmit(c, n), *came
    return rng.choice((out, (moves.appetite(c, 0), moves.data(c, n), moves.receive(c, n), moves.give_time())))


def _between(rng: Random, conns: int) -> Moves:
    """What happens between two of the calls."""
    anything = [kind for kind in moves.MOVES.values() if kind.alone]
    usual = (
        moves.send,
        moves.receive,
        moves.data,
        moves.ack,
        moves.disconnect,
        moves.query,
        moves.state_call,
    )
    kinds = [rng.choice(rng.choice((usual, anything))) for _ in range(rng.randint(1, 4))]
    return tuple(kind(rng.randrange(conns), kind.n.draw(rng), kind.m.draw(rng)) for kind in kinds)


def short_of(rng: Random, played: Moves, conns: int) -> Moves:
    """The moves, now and then with what a driver needs for the last of them, or to start, and is refused."""
    if rng.random() >= SHORT_OF:
        return played
    c, way = rng.randrange(conns), rng.randrange(4)
    if way < len(STARTS_SHORT):
        kind, most = STARTS_SHORT[way]
        return (kind(n=rng.randint(0, most)), *played)
    end = next((k for k, move in enumerate(played) if move.kind == moves.terminate.name), len(played))
    return (*played[:end], *(_owing if way == len(STARTS_SHORT) else _held)(rng, c))


def _held(rng: Random, c: int) -> Moves:
    """Sends and data are outstanding, the host offloads again, and something is refused then."""
    sent = moves.send(c, moves.send.n.draw(rng))
    unread = (moves.appetite(c, 0), moves.data(c, moves.data.n.draw(rng))) if rng.random() < 0.5 else ()
    again = moves.again(0, 0, rng.choice((0, 2, 2)))
    return sent, *unread, moves.run_short(n=rng.randint(0, OFFLOADING)), again


def within(rng: Random, played: Moves, conns: int) -> Moves:
    """The moves, now and then with something that comes from within a call of the target's."""
    if rng.random() >= WITHIN:
        return played
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    return (*played[:at], *rng.choice((_posted, _ended))(rng, c), *played[at:])


def _posted(rng: Random, c: int) -> Moves:
    """A receive request comes back, and the next one is posted from within the completion."""
    first, second = (moves.receive(c, moves.receive.n.draw(rng)) for _ in range(2))
    return moves.meanwhile(then=(second,)), first, moves.data(c, moves.data.n.draw(rng))


def _ended(rng: Random, c: int) -> Moves:
    """Data is indicated, and meanwhile the connection ends, with a send that is outstanding."""
    kind, n = rng.choice(ENDS)
    sent, came = moves.send(c, moves.send.n.draw(rng)), moves.data(c, moves.data.n.draw(rng))
    return sent, moves.meanwhile(then=(kind(c, n),)), came


def _arriving(rng: Random, played: Moves, conns: int) -> Moves:
    """Segments come while the offload is being completed."""
    kinds = [rng.choice(tuple(ARRIVE.values())) for _ in range(rng.randint(1, 3))]
    then = tuple(kind(rng.randrange(conns), kind.n.draw(rng), kind.m.draw(rng)) for kind in kinds)
    return (whole_run.offloading(then=then), *played)


def _refused(rng: Random, played: Moves, conns: int) -> Moves:
    """Something is refused while the driver is offloaded to, in a run, or when it starts again."""
    kinds = (whole_run.offload_short, moves.run_short, whole_run.start_short, whole_run.load_short)
    kind = rng.choice(kinds)
    n, at = rng.randint(0, rng.choice((SOON, SOON, MOST_REFUSED))), rng.randint(0, len(played))
    if kind.begins:
        return (kind(n=n), *played)
    way, c = rng.random(), rng.randrange(conns)
    refused = (kind(n=n),) if way < 0.3 else _half_copied(rng, c) if way < 0.4 else _owing(rng, c)
    return (*played[:at], *refused, *played[at:])


def _owing(rng: Random, c: int) -> Moves:
    """An acknowledgement is due and data is to be sent, when something is refused; then both may be sent."""
    few, much = rng.randint(1, 3), moves.send.n.draw(rng)
    came, sent = moves.data(c, few), moves.send(c, rng.choice((few, much)))
    return came, sent, moves.run_short(n=rng.choice((0, 0, 1, 2))), moves.transmit(c, sent.n)


def _half_copied(rng: Random, c: int) -> Moves:
    """There is no memory for all of a long send, nor later for the rest; then some of it is acknowledged."""
    posted = moves.run_short(n=rng.randint(0, 3)), moves.send(c, rng.choice(BOUNDARIES[:2]))
    some = moves.transmit.n.draw(rng)
    gone = moves.run_short(), moves.transmit(c, some), moves.peer_gets(c, some)
    acked = moves.ack(c, rng.randint(1, max(1, some)), FULL)
    return moves.ack(c, 0, FULL), *posted, *gone, acked, moves.transmit(c, BOUNDARIES[0])


def _answered(rng: Random, played: Moves, conns: int) -> Moves:
    """What NDIS completes for the driver comes later, or at once."""
    return (rng.choice((whole_run.answers_late, whole_run.answers_early))(), *played)


def _interrupted(rng: Random, played: Moves, conns: int) -> Moves:
    """A call is interrupted by another one, as far as two are found that may be made at once."""
    lanes = [kind for kind in moves.MOVES.values() if kind.lanes]
    for _ in range(TRIES if played else 0):
        at, kind = rng.randrange(len(played)), rng.choice(lanes)
        other = kind(rng.randrange(conns), kind.n.draw(rng), kind.m.draw(rng))
        if moves.at_once(other, [played[at]]):
            n, m = moves.interrupted.n.draw(rng), rng.choice((0, 0, moves.interrupted.m.draw(rng)))
            return (*played[:at], moves.interrupted(n=n, m=m, then=(other,)), *played[at:])
    return played


def _forwarded(rng: Random, played: Moves, conns: int) -> Moves:
    """Segments with data come another way, and the host forwards them."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    kind = forward_data
    some = tuple(kind(c, kind.n.draw(rng), kind.m.draw(rng)) for _ in range(rng.randint(1, 3)))
    if rng.random() < 0.3:
        some += (moves.forward(c, 0, rng.randint(1, 3)),)
    elif rng.random() < 0.4:
        some += (forward_list(c, forward_list.n.draw(rng), forward_list.m.draw(rng)),)
    rest = (moves.rest(),) if rng.random() < 0.5 else ()
    return (*played[:at], *some, *rest, *played[at:])


def _repeated(rng: Random, played: Moves, conns: int) -> Moves:
    """The acknowledgement of data or of a FIN is lost, and it comes again, when all else is quiet."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    came = rng.choice((moves.data(c, moves.data.n.draw(rng)), moves.fin(c)))
    kind = repeat if came.kind == moves.data.name else fin_again
    again = kind(c, kind.n.draw(rng), kind.m.draw(rng))
    return (*played[:at], came, moves.rest(), again, moves.rest(), *played[at:])


def _listed(rng: Random, played: Moves, conns: int) -> Moves:
    """Several receive requests are posted in one call, and data comes for some of them."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    several = moves.receive(c, moves.receive.n.draw(rng), rng.randint(1, MOST_LISTED))
    return (*played[:at], several, moves.data(c, moves.data.n.draw(rng)), *played[at:])


def _delayed(rng: Random, played: Moves, conns: int) -> Moves:
    """Data comes, and nothing more until the timer for its acknowledgement expires."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    return (*played[:at], moves.data(c, moves.data.n.draw(rng)), ack_due(c), *played[at:])


def _queried(rng: Random, played: Moves, conns: int) -> Moves:
    """A connection at rest is queried, and once more when something is posted."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    more = moves.send(c, moves.send.n.draw(rng))
    return (*played[:at], moves.rest(), moves.query(c), more, moves.query(c), *played[at:])


def _lone_fin(rng: Random, played: Moves, conns: int) -> Moves:
    """All is acknowledged but the FIN; that is lost, or its acknowledgement is, so that it is sent again."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    sent = moves.send(c, moves.send.n.draw(rng))
    acked = (
        moves.transmit(c, sent.n),
        moves.peer_gets(c, sent.n),
        moves.ack(c, sent.n, moves.ack.m.draw(rng)),
    )
    arrives = rng.random() < 0.5
    gone = (moves.peer_gets(c, 1), moves.retransmit(c), moves.transmit(c, 1)) if arrives else (moves.lose(c),)
    closed = (sent, *acked, moves.rest(), moves.disconnect(c), moves.transmit(c, 1), *gone, moves.rest())
    return (*played[:at], *closed, *played[at:])


def _same_ack(rng: Random, played: Moves, conns: int) -> Moves:
    """At rest, acknowledgements arrive that say nothing new."""
    at = rng.randint(0, len(played))
    return (*played[:at], moves.rest(), same_ack(rng.randrange(conns)), *played[at:])


def _sacked(rng: Random, played: Moves, conns: int) -> Moves:
    """The peer gets some of what is under way, and SACKs the end of it; at times nobody agreed on SACK."""
    c, at, n = rng.randrange(conns), rng.randint(0, len(played)), moves.send.n.draw(rng)
    got = rng.randint(0, n)
    came = (moves.peer_gets(c, got), peer_sacks(c, rng.choice((got, rng.randint(0, n))), rng.randint(1, n)))
    some = (moves.send(c, n), moves.transmit(c, n), *came)
    begins = (no_sack(),) if rng.random() < 0.5 else ()
    return (*begins, *played[:at], *some, *played[at:])


def _unfinished(rng: Random, played: Moves, conns: int) -> Moves:
    """The connection, or one half of it, ends when a receive request is filled to some degree."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    kind, n = rng.choice((*ENDS, (moves.fin, 0), (moves.fin, 0)))
    size = moves.receive.n.draw(rng)
    asked = rng.choice((moves.receive, receive_whole))(c, size)
    ends = asked, moves.data(c, rng.randint(1, max(1, size))), kind(c, n), moves.rest()
    return (*played[:at], *ends, *played[at:])


def _filled(rng: Random, played: Moves, conns: int) -> Moves:
    """First of all the receive window is filled, to the last byte, and the application reads it."""
    c, much = rng.randrange(conns), max(0, rng.choice(CAPACITIES) - rng.choice((0, 0, 1)))
    later = rng.random() < 0.5
    unread = (moves.appetite(c, 0),) if later else ()
    read = (moves.rest(), moves.receive(c, much)) if later else ()
    return (*unread, moves.data(c, much), *read, moves.rest(), *played)


def _closing(rng: Random, played: Moves, conns: int) -> Moves:
    """A connection is offloaded again while its FIN is outstanding, at times after the peer's."""
    c, at = rng.randrange(conns), rng.randint(0, len(played))
    sent = moves.send(c, moves.send.n.draw(rng))
    fin = (moves.fin(c),) if rng.random() < 0.4 else ()
    some = (moves.peer_gets(c, sent.n), moves.ack(c, rng.randint(0, sent.n), moves.ack.m.draw(rng)))
    lost = (moves.lose(c), moves.rest()) if rng.random() < 0.5 else ()
    closed = (sent, moves.disconnect(c), moves.transmit(c, sent.n + 1), *fin, *some)
    return (*played[:at], *closed, moves.again(m=2), *lost, *played[at:])


def _crowded(rng: Random, played: Moves, conns: int) -> Moves:
    """Other connections are offloaded beside those of the run; at times some of them go before the end."""
    at, end = sorted(rng.randint(0, len(played)) for _ in range(2))
    come, go = (kind(n=kind.n.draw(rng), m=kind.m.draw(rng)) for kind in (others_come, others_go))
    leave = (go,) if rng.random() < 0.7 else ()
    return (*played[:at], come, *played[at:end], *leave, *played[end:])


WAYS: tuple[Callable[[Random, Moves, int], Moves], ...] = (
    *(_arriving, _answered, _interrupted, _forwarded, _repeated, _listed, _delayed),
    *(_closing, _queried, _lone_fin, _same_ack, _crowded, _sacked, _filled, _unfinished),
    *(_refused, _refused),  # there is much that may be refused
)
