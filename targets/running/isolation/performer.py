"""The process of a target: makes the calls that it is asked for, and sends what the target calls as it does.

Nothing is judged here, and nothing that is here says what came of a run: that is the checker's to say, from
what it was sent. So a target that changes what is in its process changes its own behaviour, and no verdict.
(Where states are explored, an :mod:`.explorer` judges beside the target; in a long search it also tells what
it saw, as it happens.)
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from ...chimney.interface import BlockList, Factory, Ndis, Target
from ...judging.misbehaviour import Misbehaved, raised
from ..code import Tracer
from .callers import entry, stack
from .channel import Channel, Closed, Garbage
from .plain import TargetsObjects, below

if TYPE_CHECKING:
    from .explorer import Explorer

OTHER = "on another processor"
"""The last line of the stack of who calls there."""
LOST = 113
"""The exit code of a process that has lost its channel."""
POLLED = ("run", "transmit_opportunity")
"""What a target is called by at every turn, whatever happened."""
COMPLETED_CALLS = (
    "m_invalidate_offload_complete",
    "m_query_offload_state_complete",
    "m_update_offload_complete",
)
ANSWERED = (
    "tcp_offload_receive_handler",
    "tcp_offload_event_handler",
    "m_indicate_status_ex",
    "m_offload_event_indicate",
    "m_initiate_offload_complete",
    "tcp_offload_receive_complete",
)
"""What a target calls that returns something, or in which it may be called again."""
CALLS = {
    name: function for name, function in vars(Ndis).items() if inspect.isfunction(function) and name[0] != "_"
}


class Performer:
    """Plays the part of one target, run after run, on the checker's word."""

    explorer: Explorer | None = None

    def __init__(self, factory: Factory, tracer: Tracer, added: Iterable[str]) -> None:
        """*added*: names of functions that an Ndis has here besides its own."""
        self.factory = factory
        self.tracer = tracer
        self.added = frozenset(added)

    def serve(self, channel: Channel) -> NoReturn:
        """Do what is asked for until nobody asks any more."""
        channel.adopt()
        self.link = Link(channel)
        try:
            while True:
                tag, *rest = self.link.receive()
                if tag == "new":
                    self._begin(*rest)
                elif tag == "call":
                    self.run.perform(*rest)
                elif tag == "calls":
                    for _ in range(rest[0]):
                        self.run.perform(0, rest[1])
                elif tag == "end":
                    self._end()
                elif tag == "expand" and self.explorer:
                    self.explorer.expand(pickle.loads(rest[0]), rest[1], self.link.send)
                elif tag == "sweep" and self.explorer:
                    self.explorer.sweep(pickle.loads(rest[0]), rest[1], self.link.send)
                elif tag == "scout" and self.explorer:
                    self.explorer.scout(pickle.loads(rest[0]), rest[1], self.tracer, self.link.send)
                    _flush()
        except BaseException:  # noqa: BLE001  an error of our own, or made one by what the target did here
            self.link.send(["broken", traceback.format_exc()])
        finally:
            os._exit(0)

    def _begin(self, optional: list[str], traced: bool) -> None:
        follow = None if traced else self.tracer.follow
        if not traced:
            self.tracer.begin()
        self.run = Run(self.link, follow, traced, self.added)
        self.run.make(self.factory, optional)

    def _end(self) -> None:
        ran = self.tracer.end()
        _flush()
        del self.run
        self.link.send(["ran", list(ran)])


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


class Link:
    """The channel to the checker. A process that has lost it ends, with an exit code that says so.

    No exception: it would be raised below code of the target, which may swallow it.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, message: Any) -> None:
        """Send a message, or end."""
        try:
            self.channel.send(message)
        except Closed:
            os._exit(LOST)

    def receive(self) -> Any:
        """The next message, or end."""
        try:
            return self.channel.receive()
        except (Closed, Garbage):
            os._exit(LOST)


class Run:
    """One target in one run, with the objects that it and the checker passed each other.

    *follow*: what the interpreter is to call for the target's frames. *traced*: every call of the target's
    waits until the checker has taken note of it, and says where it was made.
    """

    def __init__(self, link: Link, follow: Any, traced: bool, added: frozenset[str]) -> None:
        self.link = link
        self.follow = follow
        self.traced = traced
        self.added = added
        self.objects = TargetsObjects()
        self.target: Any = None
        self.threads = [threading.get_ident()]  # one for each processor; one of them runs at a time
        self.steps = 0  # of the run, as the checker counts them
        self.trees: list[list[BlockList]] = []  # that are being terminated
        self.watched = NONE  # blocks that the checker reads whenever a call returns
        self.handed_back = False
        self.offloading = False  # inside of NdisMInitiateOffloadComplete

    # -- the target is called --------------------------------------------------------

    def make(self, factory: Factory, optional: list[str]) -> None:
        """Make the target; tell which of the *optional* entry points it has."""
        self.target = self._guarded(lambda: factory(FarNdis(self)))
        kind = type(self.target)
        own = ((name, getattr(kind, name, None)) for name in optional)
        self.link.send(["made", [n for n, f in own if f is not None and f is not getattr(Target, n, None)]])

    def perform(self, steps: int, name: str, *packed: Any) -> None:
        """An entry point is called."""
        self.steps = steps
        args = [self.objects.unpack(one) for one in packed]
        if name == "miniport_initiate_offload":
            kept = () if self.handed_back else self.watched.blocks
            self.watched, self.handed_back = WatchedBlocks((*kept, *below(args[0]))), False
        elif name != "run" and not (self.handed_back or self.offloading):
            self.watched = NONE
        if name == "miniport_terminate_offload":
            self.trees.append(list(below(args[0])))
        if self.traced and name not in POLLED:
            self.link.send(["enters", entry(self.target, name)])
        result = self._guarded(lambda: getattr(self.target, name)(*args))
        self.link.send(["returns", self.objects.pack(result), self._changes()])

    def _guarded(self, call: Callable[[], Any]) -> Any:
        """What the target's function returns. What it raises ends the run: the checker asks no more of it."""
        try:
            sys.settrace(self.follow)
            try:
                return call()
            finally:
                sys.settrace(None)
        except Misbehaved as found:
            self.link.send(["misbehaves", found.rule, str(found), stack()])
        except BaseException as error:  # noqa: BLE001  a target may raise anything, and that is the finding
            self.link.send(["raises", raised(error), stack()])
        while True:  # until this process is ended
            self.link.receive()

    # -- the target calls ------------------------------------------------------------

    def calls(self, name: str, args: tuple[Any, ...]) -> Any:
        """The target calls a function of NDIS."""
        before = sys.gettrace()
        sys.settrace(None)
        try:
            return self._called(name, args)
        finally:
            sys.settrace(before)

    def _called(self, name: str, args: tuple[Any, ...]) -> Any:
        if threading.get_ident() not in self.threads:
            raise RuntimeError(f"{name} was called from another thread; the checker plays with one")
        objects = self.objects
        special = {
            "free_resources": objects.pack_opaque,
            **dict.fromkeys(COMPLETED_CALLS, objects.pack_answered),
        }
        pack = special.get(name, objects.pack)
        packed = [pack(arg) for arg in args]
        written = self._written(args[0]) if name == "m_terminate_offload_complete" else None
        if name == "m_initiate_offload_complete":
            self.offloading, written = True, ([], self._changes())  # segments may arrive meanwhile
        waits = self.traced or name in ANSWERED
        self.link.send(["ndis", name, packed, written, waits, self._stack()])
        answer = self._answer() if waits else None
        self.offloading = self.offloading and name != "m_initiate_offload_complete"
        return answer

    def _changes(self) -> list[Any]:
        """What the target has written into the blocks that the checker reads."""
        return [self.objects.block_row(block) for block in self.watched.changed()]

    def _stack(self) -> tuple[str, ...]:
        """Who calls, in a run that is told."""
        if not self.traced:
            return ()
        return (*stack(), *([OTHER] if threading.get_ident() != self.threads[0] else []))

    def interrupted(self, start: Callable[[Callable[[], None]], None]) -> None:
        """Another processor's turn, on a thread of its own."""
        self.link.send(["ndis", "interrupted", [], None, True, self._stack()])
        start(self._other)

    def _other(self) -> None:
        self.threads.append(threading.get_ident())
        self._answer()

    def _written(self, root: Any) -> Any:
        """The tree as it is handed back, and those of before, with all buffers that they could point to."""
        if not self.trees:
            return None
        own = (tree for tree in self.trees if any(block is root for block in tree))
        tree = next(own, self.trees[0])
        self.trees = [other for other in self.trees if other is not tree]
        before, self.handed_back = self.watched.blocks if self.handed_back else (), True
        written = self.objects.tree_rows((*before, *tree))
        self.watched = WatchedBlocks((*before, *tree))
        self.watched.changed()
        return written

    def _answer(self) -> Any:
        """What the checker answers; meanwhile the target may be called again."""
        while True:
            tag, *rest = self.link.receive()
            if tag == "answer":
                self.steps = rest[0]
                return self.objects.unpack(rest[1])
            self.perform(*rest)


class FarNdis(Ndis):
    """NDIS in the process of the target: every call goes to the checker."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @property
    def steps(self) -> int:
        """How many steps the run has so far."""
        return self._run.steps

    def interrupted(self, start: Callable[[Callable[[], None]], None]) -> None:
        """Another processor's turn."""
        self._run.interrupted(start)

    def __getattr__(self, name: str) -> Any:
        run = self.__dict__.get("_run")
        if run is not None and run.traced and name == "laid_out":
            return lambda layouts: run.link.send(["laid", layouts])
        if run is None or name not in run.added:
            raise AttributeError(f"NDIS has no function {name}")
        return lambda *args: run.calls(name, args)


def _calling(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)
    positions = [p for p in signature.parameters.values() if p.name != "self"]
    least = sum(p.default is p.empty for p in positions)

    @functools.wraps(function)
    def called(self: FarNdis, *args: Any, **named: Any) -> Any:
        if named or not least <= len(args) <= len(positions):
            args = signature.bind(self, *args, **named).args[1:]
        return self._run.calls(name, args)

    return called


for _name, _function in CALLS.items():
    if _name not in vars(FarNdis):
        setattr(FarNdis, _name, _calling(_name, _function))


class WatchedBlocks:
    """Blocks whose members are looked at again and again. Most often they are the same objects as before."""

    def __init__(self, blocks: Iterable[BlockList]) -> None:
        self.blocks = tuple(blocks)
        self._held: list[list[Any]] = [[] for _ in self.blocks]
        self._seen: list[int] = []

    def changed(self) -> list[BlockList]:
        """The blocks that are not what they were when this was last asked; at first, all."""
        if not self.blocks:
            return []
        now = [self._members(block) for block in self.blocks]
        seen = list(map(id, itertools.chain.from_iterable(now)))
        if seen == self._seen:
            return []
        pairs = zip(self.blocks, self._held, now, strict=True)
        found = [block for block, old, new in pairs if list(map(id, old)) != list(map(id, new))]
        self._held, self._seen = now, seen
        return found

    def _members(self, block: BlockList) -> list[Any]:
        state = getattr(block.state, "__dict__", {})
        return [*vars(block).values(), *state.values()]


NONE = WatchedBlocks(())
