"""One state of an exploration: a run is played to it again and again, and goes on in each way that there is.

A choice that is not possible there is skipped as ever and leaves no trace, so that the next one is tried in
the same run.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.answers import NdisTcpOffloadReceiveHandler
from ..chimney.handed import Handed
from ..chimney.interface import NetBufferList, Segment
from ..chimney.move_kinds import Move
from ..chimney.native.buffers import linked
from ..chimney.native.native_target import NativeTarget
from ..chimney.observed import RETURNS, Observed
from ..chimney.play import Play
from ..chimney.protocol.session import Session
from ..chimney.scenario import Scenario
from ..chimney.stage import Over
from ..judging.compiled.fast_monitor import FastMonitor
from .driver_memory import remembered
from .fingerprint import Opaque, OwnCode, Walk, Way
from .stage_image import NEXT, STATE, Keeper

Moves = tuple[Move, ...]
LOOKED_INTO, TOLD = b"m", b"t"
"""How a key begins: of a state whose memory was looked into, and of one that is told by what was said."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """Moves that are one step of an exploration, or with which a run *ends*.

    ``taken`` may come instead if the target indicates data, ``meanwhile`` if it indicates anything; of
    ``short`` as many as it asked for memory.
    """

    moves: Moves
    ends: bool = False
    taken: tuple[Moves, ...] = ()
    meanwhile: tuple[Moves, ...] = ()
    short: tuple[Moves, ...] = ()

    def besides(self, indicated: frozenset[str], asked: int) -> list[Choice]:
        """What else may come, where the target indicates so and asks so often."""
        data = NdisTcpOffloadReceiveHandler.name in indicated
        found = (*(self.taken if data else ()), *(self.meanwhile if indicated else ()), *self.short[:asked])
        return [Choice(moves) for moves in found]


@dataclasses.dataclass(frozen=True)
class Expand:
    """To a worker: play *scenario*, and go on with each of the *choices* that is possible there.

    Where that leads, a run may end with each of the *endings*: they are made at once where that is cheap. The
    world has room for *bounds*. ``by_calls``: the target cannot be looked into, and is told by what was said
    to it; ``apart``: each run is to be in a process of its own. *timeout*: seconds for an entry point.
    ``quick``: at the speed of C (:mod:`.quick.quick`), if the target and all the choices are of that kind.
    """

    scenario: Scenario
    bounds: Bounds
    choices: tuple[Choice, ...]
    by_calls: bool
    apart: bool
    timeout: float
    endings: tuple[Choice, ...] = ()
    quick: bool = False


@dataclasses.dataclass(frozen=True)
class Edge:
    """A choice that was possible: the key of the state to which it led, and what it broke.

    One that ends the run leads to no state; it tells what was ``reached`` and what ``happened`` in it.
    ``endings`` are the runs that end in the state, if they were made. ``calls`` counts calls of entry points.
    """

    choice: Choice
    key: bytes
    breaches: tuple[str, ...]
    calls: int = 0
    reached: frozenset[str] = frozenset()
    happened: tuple[str, ...] = ()
    endings: tuple[Edge, ...] = ()


@dataclasses.dataclass(frozen=True)
class Expanded:
    """From a worker: what came of it.

    ``key`` is that of the state to which the scenario leads, empty if the run did not get there. ``left``
    has the choices that are left to another process, since this one is ``spoiled``: something broke in it.
    ``opaque``: what of the target could not be looked into. ``slow``: this is not done at the speed of C.
    """

    key: bytes
    edges: tuple[Edge, ...]
    left: tuple[Choice, ...] = ()
    opaque: str = ""
    spoiled: bool = False
    slow: bool = False


class Branch(Play):
    """A run that goes on with each choice that is ``left`` and possible, or with the first of them.

    ``edges`` are those that it went. If it can go back, it goes them all, and ends in each of *endings* where
    one leads, unless that is one of the states that have ``ended``. ``spoiled``: something broke.
    """

    endings: Sequence[Choice] = ()
    by_calls = apart = spoiled = False
    looks = True
    start = b""
    opaque = ""
    said = b""
    counted = 0
    edges: list[Edge]
    left: deque[Choice]

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.ended: set[bytes] = set()

    def _play(self) -> None:
        self._begin()
        for move in self.scenario.moves:
            self.moves[move.kind].play(self, move)
        if self.judge.breaches:
            return
        self.start = self._key() if self.looks else b""
        keeper = self._keeper()
        image = keeper.keep(STATE) if keeper else None
        while self.left and not self.opaque:
            choice = self.left.popleft()
            edge = self._goes(choice, keeper if image else None)
            if self.judge.beyond:
                self.left.appendleft(choice)
            elif edge:
                self.edges.append(edge)
            if keeper and image and edge and not (self.spoiled or self.judge.beyond):
                keeper.put_back(image)
                self.counted = self.calls
            elif edge:
                return

    def _keeper(self) -> Keeper | None:
        """What can put this run back to where it was, if anything can."""
        target, judge = self.target, self.judge
        if self.by_calls or self.apart or not isinstance(target, NativeTarget) or not target.library.keeps:
            return None
        if not isinstance(judge, FastMonitor) or target.library.remembered() is None:
            return None
        return Keeper(self, target, judge)

    def _goes(self, choice: Choice, keeper: Keeper | None) -> Edge | None:
        """The run goes on so, if that is possible."""
        judge, before, names, asked = self.judge, self._traces_left(), len(self.judge.names), self._asked()
        try:
            for move in choice.moves:
                self.moves[move.kind].play(self, move)
            if choice.ends:
                self._finish()
        except Over:
            pass
        if self._traces_left() == before and not choice.ends:
            return None
        self.spoiled = bool(judge.breaches)
        if choice.ends:
            so_far = frozenset(judge.reached), tuple(judge.names)
            return Edge(choice, b"", tuple(judge.breaches), self.calls - self.counted, *so_far)
        indicated = frozenset(judge.names[names:]) & RETURNS.keys()
        besides = choice.besides(indicated, self._asked() - asked)
        self.left.extendleft(reversed(besides if not judge.beyond else []))
        key = b"" if self.spoiled or judge.beyond else self._key()
        edge = Edge(choice, key, tuple(judge.breaches), self.calls - self.counted)
        return self._ends(edge, keeper) if keeper and key and key not in self.ended else edge

    def _ends(self, edge: Edge, keeper: Keeper) -> Edge:
        """The run ends in every way where the edge leads. If one breaks something, none is told."""
        here, endings = keeper.keep(NEXT), list[Edge]()
        self.counted = self.calls
        if here is None:
            return edge
        for number, choice in enumerate(self.endings):
            if number:  # after the last one the run is put back to where the edge came from
                keeper.put_back(here)
            ending = self._goes(choice, None)
            if ending is None or self.spoiled or self.judge.beyond:
                self.spoiled = True
                return edge
            endings.append(ending)
        if endings:
            self.ended.add(edge.key)
        return dataclasses.replace(edge, endings=tuple(endings))

    def _asked(self) -> int:
        return self.target.asked() if hasattr(self.target, "asked") else 0

    def _traces_left(self) -> tuple[int, ...]:
        """A move that is not possible leaves these as they are."""
        appetite = (-1 if most is None else most for most in self.ndis.appetite)
        return self.calls, len(self.judge.names), len(self.interludes), *appetite

    def guarded(self, name: str, function: Any, *args: Any) -> Any:
        """Note what is said to the target, if that is all that can be known of it."""
        if self.by_calls:
            said = [_plain(arg, self.handed) for arg in args]
            call = (self.said, len(self.inside), name, list(self.ndis.appetite), said)
            walk = Walk()
            walk.found.append(call)
            self.said = walk.digest()
        return super().guarded(name, function, *args)

    def _key(self) -> bytes:
        """The state of now, as a few bytes."""
        try:
            in_c = isinstance(self.target, NativeTarget)
            walk = Walk(CUTS, None if self.by_calls or in_c else OwnCode.of(self.target.__class__))
            wire = [(line.carried, line.there, line.fin_at, line.peer_sent) for line in self.lines]
            walk.found += [self.judge.state(), wire, repr(self.interludes), self.ndis.appetite]
            if self.by_calls:
                walk.found.append(self.said)
                return TOLD + walk.digest()
            if in_c:
                walk.found.append(remembered(self.target, self.ndis))
            else:
                walk.follow(self.handed, self.ndis, self.target, *walk.own.kept())
        except Opaque as opaque:
            self.opaque = str(opaque)
            return b""
        return LOOKED_INTO + walk.digest()


def expand(request: Expand, made: Callable[[bool], Branch]) -> Expanded:
    """Play what is asked for. *made* makes a run, judged by the plain monitor if asked to."""
    left, edges, key = request.choices, list[Edge](), b""
    while left:
        for plain in (False, True):
            branch = _run(made(plain), request, left, not key)
            key, left = key or branch.start, tuple(branch.left)
            edges += branch.edges
            if not branch.judge.beyond:
                break
        if branch.opaque or not branch.edges:
            return Expanded(key, tuple(edges), opaque=branch.opaque)
        if branch.spoiled or request.apart:
            return Expanded(key, tuple(edges), left, spoiled=True)
    return Expanded(key, tuple(edges))


def _run(branch: Branch, request: Expand, choices: Sequence[Choice], looks: bool) -> Branch:
    branch.by_calls, branch.apart, branch.looks = request.by_calls, request.apart, looks
    branch.endings, branch.edges, branch.left = request.endings, [], deque(choices)
    branch.run()
    if hasattr(branch.target, "abandon"):
        branch.target.abandon()
    return branch


def _plain(arg: Any, handed: Handed) -> Any:
    """What an entry point is passed, as the target can tell it from other things that it was passed there."""
    if isinstance(arg, NetBufferList):
        return [(bytes(nbl.memory), nbl.data_start, repr(nbl.segment)) for nbl in linked(arg)]
    if isinstance(arg, Segment):
        return repr(arg)
    if isinstance(arg, int):
        return arg
    contexts = [handed.context(c) for c in range(handed.conns)]
    return next((c for c, context in enumerate(contexts) if context is arg), type(arg).__qualname__)


def _handed(walk: Walk, handed: Handed) -> None:
    """What passed to the target, whichever came first."""
    known = sorted(handed.passed(), key=lambda pair: dataclasses.astuple(pair[1]))
    walk.found.append(len(known))
    several = (handed.states, handed.calls, handed.queries)
    parts = [(one.blocks, one.written is not None) for one in handed.terminations]
    walk.then([handed.blocks, handed.refused, handed.tree, *several, handed.forwards, parts])
    walk.then([sorted(left) for left in handed.forwarding])
    walk.then([part for nbl, buffer in known for part in (*dataclasses.astuple(buffer), nbl)])


def _observed(walk: Walk, ndis: Observed) -> None:
    """What the host holds and remembers of the target's calls."""
    walk.then(
        [
            ndis.initiated,
            ndis.kept,
            ndis.freed,
            ndis.freed_before,
            ndis.doubtful,
            ndis.refused,
            ndis.wrong_bytes,
            ndis.recovering,
            ndis.other_way,
            ndis.unanswered(),
            ndis.seals is None,
        ]
    )


def _nothing(walk: Walk, thing: Any) -> None:
    """The checker's own, of which all that matters is written elsewhere."""


def _elsewhere(walk: Walk, thing: Any) -> None:
    raise Opaque("the memory of another process")


CUTS: Mapping[type, Way] = {Handed: _handed, Observed: _observed, Branch: _nothing, Session: _elsewhere}
