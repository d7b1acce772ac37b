"""What a driver in C remembers, and what the host holds of its objects, written down for :mod:`.branching`.

Addresses are told as the objects that lie there, and objects by the order in which they are found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..chimney.delegated import TcpDelegatedState
from ..chimney.interface import BlockList, NetBufferList
from ..chimney.native.block_trees import OffloadContext
from ..chimney.native.native_target import NativeTarget
from ..chimney.observed import Observed
from .fingerprint import PLAIN, Opaque

Number = Callable[[int], int]
"""The number of the object at an address of the driver's world, -1 where the driver leads to none."""
ADDRESS = "every_byte"
"""A member of what was handed back that changes with the addresses in it."""


def remembered(target: NativeTarget, ndis: Observed) -> list[object]:
    """All of it, as plain data: equal where the driver cannot tell the difference. Raises Opaque."""
    library = target.library
    known = library.remembered()
    if known is None:
        raise Opaque("a driver that is a library, or remembers things elsewhere than in memory of NDIS")
    spelled = _Spelled(library.lib.chs_numbered)
    of = spelled.number_of
    handed = ndis.handed
    first = sorted((b.kind, b.conn, b.index, at) for at, (_, b) in enumerate(handed.passed()))
    buffers = [nbl for nbl, _ in handed.passed()]
    passed = [(kind, conn, index, of(buffers[at])) for kind, conn, index, at in first]
    blocks = [of(block) for _, block in handed.blocks]
    held = [list(map(of, several)) for several in (handed.tree, ndis.initiated, ndis.freed, *ndis.kept)]
    several_of = (handed.states, handed.calls, handed.queries)
    named = [(key, of(thing)) for several in several_of for key, thing in several.items()]
    several = (handed.refused, ndis.doubtful, ndis.refused, ndis.wrong_bytes, ndis.recovering, ndis.other_way)
    sets = [*map(sorted, several), ndis.unanswered()]
    parts = [(one.blocks, one.written is not None) for one in handed.terminations]
    forwards = [list(handed.forwards), [sorted(left) for left in handed.forwarding]]
    host = [*sets, forwards, parts, list(ndis.freed_before)]
    placed = [spelled.placed(p) for p in (target.buffers.placed(), target.trees.placed())]
    return [known, passed, blocks, held, named, host, ndis.seals is None, placed, spelled.all()]


class _Spelled:
    """Gives objects numbers, and writes down what is in each."""

    def __init__(self, number: Number) -> None:
        self.number = number
        self.numbers: dict[int, int] = {}
        self.found: list[Any] = []

    def number_of(self, thing: Any) -> int:
        """The number of an object, -1 for None."""
        if thing is None:
            return -1
        found = self.numbers.setdefault(id(thing), len(self.found))
        if found == len(self.found):
            self.found.append(thing)
        return found

    def placed(self, places: dict[int, Any]) -> Sequence[tuple[int, int]]:
        """Where objects lie in the driver's world."""
        known = self.numbers.get
        there = sorted((self.number(at), known(id(thing), -1), at) for at, thing in places.items())
        return [(number, self.number_of(places[at])) for number, _, at in there]

    def all(self) -> list[object]:
        """What is in each object, in the order of their numbers; more may be found on the way."""
        rows = list[object]()
        for thing in self.found:  # grows meanwhile
            rows.append(self._row(thing))
        return rows

    def _row(self, thing: Any) -> object:
        kind: Any = type(thing)
        if kind is OffloadContext:
            return self.number(thing.handle)
        if kind is NetBufferList:
            place = thing.miniport_reserved
            at = self.number(place) if isinstance(place, int) else -1
            segment = repr(thing.segment) if thing.segment else ""
            values = (thing.data_start, thing.status, thing.bytes_transferred, thing.next)
            return at, bytes(thing.memory), segment, [self._value(v) for v in values]
        if kind is BlockList or kind is TcpDelegatedState:
            return [self._value(value) for name, value in vars(thing).items() if name != ADDRESS]
        return kind.__qualname__

    def _value(self, value: Any) -> object:
        if type(value) in PLAIN:
            return value
        name = getattr(value, "name", None)  # of a status
        return name if type(name) is str else (self.number_of(value),)
