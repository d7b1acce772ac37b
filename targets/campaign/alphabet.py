"""The alphabet of an exploration: what host, peer, wire and hardware may do in one step, within bounds."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.shapes import SHAPES, Offload
from ..chimney import moves, whole_run
from ..chimney.amounts import LENGTH, SIZE, Amount
from ..chimney.move_kinds import Move, MoveKind
from ..chimney.moves import MOVES
from ..chimney.nonpush_mode import receive_whole
from ..chimney.peer_segments import fill, overtaken, repeat
from ..chimney.scenario import MOST_CONNECTIONS, Scenario, flat
from ..chimney.tree_shapes import plan
from ..running.branching import Choice, Moves
from .directed import DIRECTED

TREES = ("connection", "siblings")
"""What is terminated where so many connections are offloaded, unless another tree is asked for."""
ANSWERS = (0, 1)
"""Bytes of an indication that the application takes, if it does not take all."""
MEANWHILE = (moves.send, moves.receive, moves.data, moves.ack, moves.give_time)
"""What may come while data is indicated. The hand-off may come during any indication."""
DRAWS = 64
"""Draws of an amount that has few values, to see them all."""
ENDINGS: tuple[Moves, ...] = ((), (moves.rest(),))
"""With what a run ends, before the offload is terminated: at once, or when nothing changes any more."""
APART = (
    *("meanwhile", "rest", "appetite", "run short", "interrupted"),
    *("offload short", "start short", "load short", "answers late", "answers early", "offloading"),
    *("timestamps", "no sack", "clock", "grow window", "forward data", "forward list", "ack due", "same ack"),
    *("others come", "others go", "scattered"),
)
"""Kinds of moves that are no choice of their own: they come with another, or at the end."""
WHOLE = ("link", "neighbor", "run", "call", "fails", "terminate", "terminate apart", "again")
"""Kinds of moves that concern no connection by itself."""
ENDS = ("terminate", "terminate apart", "again")
"""Those with which the offload ends, or a part of it."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "streams": (
        *("send", "transmit", "peer gets", "ack", "receive", "data", "give back", "run", "terminate"),
    ),
    "closing": ("disconnect", "disconnect with", "fin", "rst"),
    "timers": ("retransmit", "lose", "ack timer"),
    "disorder": (
        *("early data", "last data", "repeat", "overlap", "fill"),
        *("ack ahead", "overtaken", "sack", "stray rst", "stray syn", "exact syn", "urgent", "stray urgent"),
        "fin again",
    ),
    "calls": ("call", "query", "forward", "receive whole"),
    "losses": ("fails", "link", "neighbor"),
    "cycles": ("again", "terminate apart"),
    "meanwhile": (),
}
"""Parts of the alphabet, with their moves; the last: what besides the hand-off comes during an indication."""
USUAL_PARTS, ALL = ("streams",), "all"
COUNTED = {
    **{"send": "sends", "receive": "requests", "receive whole": "requests"},
    **dict.fromkeys(("data", "early data", "last data", "overlap", "fill"), "segments"),
}
"""Kinds of moves of which a connection has no more than a bound says: which one."""
OFFLOADED = Offload(isn=2**32 - 1, irn=2**32 - 1)
"""Of each connection: the second byte of either stream has the sequence number 0."""
USUAL = OFFLOADED.window
SMALL = 1
"""The windows that a peer advertises, bytes."""


LIMITS = {
    **{"moves": 0, "connections": 1, "sends": 0, "requests": 0, "segments": 0},
    **{"faults": 0, "states": 0, "enough": 0},
}
"""The least that a bound may be."""


class BadBounds(ValueError):
    """These are no bounds of an exploration; the message says why."""


@dataclasses.dataclass(frozen=True)
class Within:
    """The bounds of an exploration.

    ``moves`` of a run; ``connections``, and ``sends``, receive ``requests`` and ``segments`` with bytes of
    the peer's of each; ``amounts``: bytes of a send, a segment, an acknowledgement. ``tree``: what is
    terminated, by its name ("": the usual one). ``alphabet``: parts of it, see PARTS, or ``kinds`` of moves
    alone. ``faults``: in a step, one of so many things that a driver in C asks for (memory, a pool, a
    buffer, an MDL) is refused. ``states``: visited at most, 0 for all there are. No longer runs are made
    where they would go on from states that are ``enough``; 0: from any number.
    """

    moves: int = 8
    connections: int = 1
    sends: int = 2
    requests: int = 1
    segments: int = 2
    amounts: tuple[int, ...] = (1, 2)
    tree: str = ""
    alphabet: tuple[str, ...] = USUAL_PARTS
    kinds: tuple[str, ...] = ()
    faults: int = 0
    states: int = 0
    enough: int = 10_000

    @staticmethod
    def of(given: Mapping[str, Any]) -> Within:
        """The bounds that somebody asks for; the others are the usual ones. Raises BadBounds."""
        known = {field.name for field in dataclasses.fields(Within)}
        for name, value in given.items():
            if name not in known:
                raise BadBounds(f"there is no bound {name!r}; there are: {', '.join(sorted(known))}")
            if name in LIMITS and (type(value) is not int or value < LIMITS[name]):
                raise BadBounds(f"{name} is {value!r}; it must be a number of {LIMITS[name]} or more")
        lists = {
            "amounts": tuple(sorted(given.get("amounts", Within.amounts))),
            "kinds": tuple(given.get("kinds", ())),
            "alphabet": _parts(given),
        }
        whole = {"enough": 0} if "moves" in given else {}  # who says how long, means it
        within = Within(**{**whole, **given, **lists})
        if within.connections > MOST_CONNECTIONS:
            raise BadBounds(
                f"connections is {within.connections}; the trees have places for {MOST_CONNECTIONS}"
            )
        if unknown := [kind for kind in within.kinds if kind not in MOVES or kind in APART]:
            choices = ", ".join(kind for kind in MOVES if kind not in APART)
            raise BadBounds(f"there is no move {unknown[0]!r} to choose; there are: {choices}")
        if within.tree and within.tree not in SHAPES:
            raise BadBounds(f"there is no tree {within.tree!r}; there are: {', '.join(SHAPES)}")
        if not within.amounts or not all(type(n) is int and n > 0 for n in within.amounts):
            raise BadBounds(f"amounts are {within.amounts!r}; they must be numbers of 1 or more")
        return within

    def others(self) -> tuple[Within, ...]:
        """Every move, and short runs with every other tree, if nobody said what is to be explored."""
        if not self.enough or self.tree or self.alphabet != USUAL_PARTS or self.connections > 1:
            return ()
        names = (name for name in SHAPES if name != self.empty().shape)
        enough = (self.enough + 1) // 2  # each state leads to more
        every = dataclasses.replace(self, alphabet=tuple(PARTS), enough=enough)
        short = dataclasses.replace(every, connections=MOST_CONNECTIONS, moves=1, enough=0)
        return (every, *(dataclasses.replace(short, tree=name) for name in names))

    def says(self) -> str:
        """The bounds in words."""
        each = " each" if self.connections > 1 else ""
        counts = (
            f"{n} {what}{'' if n == 1 else 's'}{more}"
            for n, what, more in (
                (self.connections, "connection", ""),
                (self.sends, "send", each),
                (self.requests, "receive request", each),
                (self.segments, "segment", f" with data{each}"),
            )
        )
        short = f"; one of {self.faults} allocations of a step refused" if self.faults else ""
        return f"{', '.join(counts)}; amounts of {' or '.join(map(str, self.amounts))} bytes{short}"

    def moves_say(self) -> str:
        """The alphabet in words: its parts with their moves, and what is left out of it."""
        if self.kinds:
            return f"of all moves only {', '.join(self.kinds)}"
        parts = (f"{part} ({', '.join(PARTS[part])})" if PARTS[part] else part for part in self.alphabet)
        without = ", ".join(part for part in PARTS if part not in self.alphabet)
        return f"{'; '.join(parts)}{f'; without {without}' if without else ''}"

    def has(self, kind: MoveKind) -> bool:
        """Whether a kind of move is a choice: those of parts that a user adds always are."""
        if kind.name in APART:
            return False
        if self.kinds:
            return kind.name in self.kinds
        return kind.name not in MOVES or any(kind.name in PARTS[part] for part in self.alphabet)

    def empty(self) -> Scenario:
        """The run in which nothing has happened yet."""
        return Scenario((), self.tree or TREES[self.connections - 1], (OFFLOADED,) * self.connections)

    def bounds(self) -> Bounds:
        """The world that has room for every run."""
        full: Moves = ()
        for c in range(self.connections):
            full += (*[moves.send(c)] * self.sends, *[moves.receive(c)] * self.requests, moves.appetite(c))
        return dataclasses.replace(self.empty(), moves=full).bounds()

    def spent(self, before: Moves) -> Counter[tuple[str, int]]:
        """How many sends, receive requests and segments a run has on each connection."""
        return Counter((COUNTED[move.kind], move.conn) for move in flat(before) if move.kind in COUNTED)

    def allows(self, spent: Counter[tuple[str, int]], more: Moves) -> bool:
        """Whether a run that has *spent* so many may go on with *more*."""
        adds = self.spent(more)
        return all(spent[of] + n <= getattr(self, of[0]) for of, n in adds.items())


def _parts(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of the alphabet that somebody asks for; none beside kinds of moves. Raises BadBounds."""
    asked = tuple(given.get("alphabet", ()))
    if given.get("kinds"):
        if asked:
            raise BadBounds("an alphabet has parts, or it has kinds of moves alone; both are asked for")
        return ()
    if unknown := [part for part in asked if part not in (*PARTS, ALL)]:
        raise BadBounds(
            f"there is no part {unknown[0]!r} of the alphabet; there are: {', '.join((*PARTS, ALL))}"
        )
    return tuple(PARTS) if ALL in asked else tuple(part for part in PARTS if part in (asked or USUAL_PARTS))


def beginnings(within: Within) -> Iterator[Scenario]:
    """Runs in which the driver is refused something while it starts, or while it is offloaded to.

    And the directed ones, with what NDIS completes for it late, or inside the call that asked for it.
    """
    most = max(within.amounts)
    course = (moves.send(n=most), moves.transmit(n=most), moves.peer_gets(n=most), moves.ack(n=most))
    rest = (moves.rest(),)
    for n in range(within.faults):
        for kind in (whole_run.start_short, whole_run.load_short):
            yield dataclasses.replace(within.empty(), moves=(kind(n=n),))
        for more in ((), (*course, moves.data(n=most), *rest), (moves.fails(), *rest)):
            yield dataclasses.replace(within.empty(), moves=(whole_run.offload_short(n=n), *more))
    for kind in (whole_run.answers_late, whole_run.answers_early) if within.faults else ():
        for scenario in DIRECTED.values():
            yield dataclasses.replace(scenario, moves=(kind(), *scenario.moves))


def alphabet(within: Within, kinds: Mapping[str, MoveKind] = MOVES) -> tuple[Choice, ...]:
    """Every step that a run may go on with, those of which it may end with after the others."""
    blocks = len(plan(within.empty().shape, within.connections).terminated)
    found = []
    for kind in filter(within.has, kinds.values()):
        for c in range(1 if kind.name in WHOLE else within.connections):
            found += [_choice(kind(c, n, m), within) for n, m in _amounts(kind, within.amounts, blocks)]
    return (*found, *(Choice(ending, ends=True) for ending in ENDINGS))


def _choice(move: Move, within: Within) -> Choice:
    conns = range(within.connections) if move.kind in WHOLE else (move.conn,)
    everything = tuple(moves.appetite(c, -1) for c in conns)
    parts = ((*(moves.appetite(c, n) for c in conns), move, *everything) for n in ANSWERS)
    most = max(within.amounts)
    others = MEANWHILE if within.kinds or "meanwhile" in within.alphabet else ()
    inside = ((moves.meanwhile(then=(kind(move.conn, most),)), move) for kind in others)
    handed_back = (moves.meanwhile(then=(moves.terminate(),)), move)
    short = tuple((moves.run_short(n=n), move) for n in range(within.faults))
    whole = move.kind in ENDS
    return Choice((move,), False, (*parts, *inside), () if whole else (handed_back,), short)


def _amounts(kind: MoveKind, amounts: tuple[int, ...], blocks: int) -> Iterable[tuple[int, int]]:
    """The amounts of a kind of move that are tried."""
    least, most = amounts[0], amounts[-1]
    if kind is moves.ack:
        return ((0, SMALL), *((n, USUAL) for n in amounts), (most, SMALL))
    if kind in (moves.send, moves.receive, receive_whole, moves.peer_gets, moves.data):
        return ((most, 0),)  # what is posted or arrives is as long as can be, to be sent and taken in parts
    if kind is moves.again:
        return ((0, 0),)
    if kind is moves.early_data:
        return ((least, least),)
    if kind is repeat:
        return (*((n, 0) for n in amounts), (least, 1))
    if kind is overtaken:
        return ((least, SMALL),)
    if kind is fill:
        return ((0, 0), (0, 1))
    if kind is moves.fails:
        return ((n, 0) for n in range(blocks))
    return itertools.product(_of(kind.n, amounts), _of(kind.m, amounts))


def _of(amount: Amount, amounts: tuple[int, ...]) -> Iterable[int]:
    if amount in (LENGTH, SIZE):
        return amounts
    return sorted({amount.draw(Random(k)) for k in range(DRAWS)})
