"""A target that lives in another process, as the checker's side calls it, and hears of its calls.

What comes from there is data, and is looked at before anything is made of it. How long a call may take is
counted here, on the checker's own clock, and so is what it takes of memory.
"""

from __future__ import annotations

import dataclasses
import functools
import pickle
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NoReturn, TypeVar

from ....counterexamples.trace import Layout
from ...chimney.interface import ENTRY_POINTS, Ndis, Target
from ...chimney.scenario import Scenario
from ...judging.misbehaviour import CLOSED, NONSENSE, RAISED, RULES, Misbehaved
from ..branching import Expand, Expanded
from ..outcome import Death, Outcome
from ..sweep import Sweep, Swept, Ways
from ..sweep import unpacked as unpacked_sweep
from ..symbols import where_named
from .channel import Garbage
from .child import Child
from .explorer import unpacked, unpacked_outcome
from .performer import CALLS, OTHER
from .plain import CheckersObjects

Found = TypeVar("Found")
POLL = 0.05
"""Seconds after which a silent target is looked at."""
READ_IN_A_SECOND = 100_000
"""Bytes: a program whose reader of JSON is slow takes that long for a line of 2 MB; such lines there are."""


class Packs:
    """What is the same of many requests, such as their choices, as it is sent."""

    MOST = 256

    def __init__(self) -> None:
        # with the parts themselves: that keeps them alive, and so their ids apart
        self._known: dict[tuple[int, ...], tuple[object, bytes]] = {}

    def pack(self, *parts: object) -> bytes:
        """These parts; what is read is a tuple of them, or the only one."""
        ids = tuple(map(id, parts))
        if ids not in self._known:
            if len(self._known) >= self.MOST:
                self._known.clear()
            self._known[ids] = parts, pickle.dumps(parts if len(parts) > 1 else parts[0])
        return self._known[ids][1]


class Conversation:
    """What passes between the checker and the target of one run.

    ``death`` is what ended the process, if something did; ``stack`` who made the call that is being heard,
    as a report has it; ``entered``, by the number of each step from 0, which function of the target's it
    called. *steps* tells how many steps the run has.
    """

    def __init__(self, child: Child, timeout: float, traced: bool, added: Sequence[str]) -> None:
        """*added*: functions that an Ndis has here besides its own."""
        self.child = child
        self.timeout = timeout
        self.traced = traced
        self.hears = frozenset((*CALLS, *added))
        self.objects = CheckersObjects()
        self.names: list[str] = []  # of the calls that have not returned
        self.death: Death | None = None
        self.stack: Sequence[str] = ()
        self.entered: dict[int, Sequence[str]] = {}
        self.other = False  # another processor makes the call that is being heard, or was called last
        self.steps: Callable[[], int] = lambda: 0
        self.spent = 0.0  # seconds that the outermost call has taken so far
        self.before = child.sent  # bytes that were sent before it
        self.layouts: list[Layout] = []  # of each buffer that was passed, in their order
        self.asked = 0  # calls that were asked for before they are made

    def make(self, ndis: Ndis, optional: Sequence[str]) -> Target:
        """Have the target made. What it does wrong is raised as Misbehaved."""
        self.ndis = ndis
        self.names.append("the constructor")
        self.child.send(["new", list(optional), self.traced])
        (listens,) = self._converse("made", 1)
        known = frozenset(name for name in optional if name in listens)
        return _kind(known)(ndis, self)

    def call(self, name: str, args: Sequence[Any]) -> Any:
        """Call an entry point, and hear what it calls meanwhile; what it returns. Raises Misbehaved."""
        if not self.names:
            self.spent, self.before = 0.0, self.child.sent
        inner = bool(self.names)  # made while the target waits for an answer: none of those asked for before
        self.names.append(name)
        if self.asked and not inner:
            self.asked -= 1
        else:
            self.child.send(["call", self.steps(), name, *map(self.objects.pack, args)])
        result, changes = self._converse("returns", 2)
        with _Sound(self):
            for row in changes:
                self.objects.set_block(row)
            return self.objects.unpack(result)

    def ahead(self, name: str, times: int) -> None:
        """The next calls are so many of one without arguments: processes take turns once, not each time."""
        if not self.traced:
            self.asked = times
            self.child.send(["calls", times, name])

    @property
    def is_over(self) -> bool:
        """Whether the target is in the middle of nothing."""
        return not self.names and not self.asked and self.death is None

    def end(self) -> tuple[int, ...]:
        """The run is over; features of the target's code that ran, none if it is in the middle of a call."""
        if not self.is_over:
            return ()
        self.spent = 0.0
        self.child.send(["end"])
        try:
            (ran,) = self._converse("ran", 1)
        except Misbehaved:
            return ()
        return tuple(place for place in ran if type(place) is int) if isinstance(ran, list) else ()

    def expand(self, request: Expand, packs: Packs) -> Expanded:
        """Have the target's process explore. Raises Misbehaved where it dies of it."""
        alone = dataclasses.replace(request, choices=(), endings=())
        self.child.send(["expand", pickle.dumps(alone), packs.pack(request.choices, request.endings)])
        return self._explored("expanded", unpacked)

    def sweep(self, ways: Ways, sweep: Sweep, packs: Packs) -> Swept:
        """The same of many states at once."""
        self.child.send(["sweep", pickle.dumps(sweep), packs.pack(ways)])
        return self._explored("swept", unpacked_sweep)

    def scout(self, scenario: Scenario) -> Outcome | None:
        """Have the target's process play; None unless all is in order."""
        self.child.send(["scout", pickle.dumps(scenario), self.timeout])
        return self._explored("scouted", unpacked_outcome)

    def _explored(self, last: str, unpack: Callable[[Any], Found]) -> Found:
        """Hear where the target is until what was found is said, the *last* thing."""
        while True:
            message = self._hear()
            with _Sound(self):
                tag, data = message
                if tag == "inside":
                    self.names, self.spent, self.before = list(map(str, data)), 0.0, self.child.sent
                elif tag == last:
                    return unpack(data)
                elif tag == "broken":
                    self._broken(str(data))

    # -- hearing ---------------------------------------------------------------------

    def _converse(self, last: str, length: int) -> list[Any]:
        """Hear the target until it says the *last* thing."""
        while True:
            message = self._hear()
            if not isinstance(message, list) or not message:
                self._garbage()
            tag, *rest = message
            if tag == "ndis" and len(rest) == 5:
                self._called(*rest)
            elif tag == "laid" and len(rest) == 1:
                with _Sound(self):
                    self.layouts += map(_layout, rest[0])
            elif tag == "enters" and len(rest) == 1:
                self.entered[self.steps() - 1] = self._words(rest[0])
            elif tag == last and len(rest) == length:
                self.stack = ()
                if self.names:
                    self.names.pop()
                self.other = self.other and bool(self.names)
                return rest
            elif tag in ("raises", "misbehaves") and all(isinstance(word, str) for word in rest[:-1]):
                self.stack = self._words(rest[-1])
                rule, what = (
                    rest[:2] if tag == "misbehaves" else (RAISED, f"{self.names[-1]} raises {rest[0]}")
                )
                raise Misbehaved(rule if rule in RULES else NONSENSE, what)
            elif tag == "broken":
                self._broken(str(rest))
            else:
                self._garbage()

    def _called(self, name: Any, packed: Any, written: Any, waits: Any, stack: Any) -> None:
        """The target calls a function of NDIS."""
        with _Sound(self):
            if name not in self.hears:
                raise ValueError(f"there is no function {name!r}")
            if written is not None:
                for row in written[0]:
                    self.objects.set_list(row)
                for row in written[1]:
                    self.objects.set_block(row)
            args = [self.objects.unpack(one) for one in packed]
            if name == "misbehaves":
                args = [where_named(str(arg)) for arg in args]
        self.stack = self._words(stack)
        self.other = name == "interrupted" or self.stack[-1:] == (OTHER,)
        answer = getattr(self.ndis, name)(*args)
        if waits:
            self.child.send(["answer", self.steps(), self.objects.pack(answer)])

    def _words(self, stack: Any) -> Sequence[str]:
        return tuple(map(str, stack)) if isinstance(stack, list) else ()

    def _hear(self) -> Any:
        """The next message. Raises Misbehaved where the target is no more, or has to be ended."""
        start, patience = monotonic(), None
        while True:
            try:
                message = self.child.listen(POLL)
            except Garbage:
                self._garbage()
            if message is not None:
                self.spent += monotonic() - start
                return message
            patience = patience or self.child.patience(self._allowed() - self.spent)
            if self.child.ended is not None or self.child.greedy():
                self._dies(self.child.death(self.names, self.traced))
            if patience.left(start) < 0:
                self._dies(self.child.death(self.names, self.traced, hung=self._allowed()))

    def _allowed(self) -> float:
        """Seconds that the outermost call may take: more where much was passed, which has to be read."""
        return self.timeout + (self.child.sent - self.before) // READ_IN_A_SECOND

    def _garbage(self) -> NoReturn:
        """What came was not written by us."""
        self._dies(self.child.death(self.names, self.traced, lost=True))

    def _broken(self, traceback: str) -> NoReturn:
        """Our own code in the target's process no longer works, and there it works for every other target."""
        where = self.names[-1] if self.names else "the target"
        what = f"{where} changes Python's own functions, or the checker's, in its process"
        self.child.worker = 0
        self._dies(Death(CLOSED, what, tuple(traceback.splitlines())))

    def _dies(self, death: Death) -> NoReturn:
        self.death = death
        self.stack = self.child.last_frames
        raise Misbehaved(death.rule, death.what)


def _layout(parts: Sequence[Sequence[Any]]) -> Layout:
    """How the data of a buffer lies in memory. Raises ValueError or TypeError for anything else."""
    if any(type(size) is not int or size < 0 for part in parts for size in part):
        raise ValueError("a number of bytes is none")
    return [list(part) for part in parts]


class _Sound:
    """What cannot be made of what the target sent was not sent by us."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, (ValueError, TypeError, LookupError, AttributeError, RecursionError)):
            self.conversation._garbage()


class RemoteTarget(Target):
    """Each call goes to the other process."""

    def __init__(self, ndis: Ndis, conversation: Conversation) -> None:
        super().__init__(ndis)
        self.conversation = conversation
        self.ahead = conversation.ahead


def _calling(name: str) -> Callable[..., Any]:
    return lambda self, *args: self.conversation.call(name, args)


@functools.cache
def _kind(listens: frozenset[str]) -> type[RemoteTarget]:
    """A target with these entry points besides those that every one has."""
    names = {*ENTRY_POINTS, *listens}
    return type("Target", (RemoteTarget,), {name: _calling(name) for name in names})
