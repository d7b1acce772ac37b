"""Objects of the interface as plain data, each way between the checker and the process of a target.

Each side has the objects of the other under numbers: the checker's count up from 1, those of the target's
process down from -1. What the target's process sends is what the target did: a value that is none of the
interface's stands there as an opaque object, with the words for it, and nothing of it is ever run.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from ...chimney.delegated import TcpCachedState, TcpConstState, TcpDelegatedState
from ...chimney.interface import BlockList, NetBufferList, Segment, StateType, Status, TcpEvent, Timer
from ...chimney.snapshot import LONGEST_CHAIN
from ...judging.misbehaviour import Foreign, kind_of

ENUMS: tuple[enum.Enum, ...] = (*Status, *TcpEvent, *StateType, *Timer)
_NUMBER_OF = {member: number for number, member in enumerate(ENUMS)}
_ENUM_TYPES = (Status, TcpEvent, StateType, Timer)
AS_IT_IS = (bool, type(None), str, bytes, float)
LARGE = 2**63
_MEMBERS = tuple(vars(TcpDelegatedState()))
SEGMENT = tuple(field.name for field in dataclasses.fields(Segment))


class Objects:
    """The objects of one run that have a number, on one side."""

    step = 1
    """Which way this side counts."""

    def __init__(self) -> None:
        self.things: dict[int, Any] = {}
        self.states: dict[int, TcpDelegatedState] = {}  # by the number of the block behind which it lies
        self.written: set[int] = set()  # objects of the other side's of which we have the members
        self._numbers: dict[int, int] = {}

    def know(self, thing: Any, number: int) -> Any:
        """The object has this number from now on."""
        self.things[number] = thing  # alive as long as its id stands for it
        self._numbers[id(thing)] = number
        return thing

    def number(self, thing: Any) -> int:
        """The number of an object, a new one of this side's if it has none."""
        known = self._numbers.get(id(thing))
        if known is None:
            known = self.step * (len(self.things) + 1)
            self.know(thing, known)
        return known

    def owns(self, number: int) -> bool:
        """Whether the object is one of this side's."""
        return number * self.step > 0

    # -- packing ---------------------------------------------------------------------

    def pack(self, value: Any) -> Any:
        """A value as plain data: numbers, text, bytes and None as they are, all else as a list with a tag."""
        kind = type(value)
        if kind in AS_IT_IS:
            return value
        if isinstance(value, int):
            return int(value) if -LARGE < value < LARGE else ["i", hex(value)]
        if kind in _ENUM_TYPES:
            return ["e", _NUMBER_OF[value]]
        if isinstance(value, NetBufferList):
            return ["n", self.number(value), [self._list_row(nbl) for nbl in _chain(value)]]
        if isinstance(value, BlockList):
            return self.pack_block(value)
        if isinstance(value, Segment):
            return ["s", [self.pack(getattr(value, name)) for name in SEGMENT]]
        if kind in (list, tuple):
            return ["l" if kind is list else "t", [self.pack(item) for item in value]]
        return self.pack_opaque(value)

    def pack_opaque(self, value: Any) -> Any:
        """A value of which the other side sees no more than which one it is."""
        return None if value is None else ["o", self.number(value), kind_of(value)]

    def pack_block(self, block: Any) -> Any:
        """A block list: only which one."""
        return self._pointer(block, BlockList, "b")

    def _pointer(self, value: Any, kind: type, tag: str) -> Any:
        if value is None:
            return None
        return [tag, self.number(value)] if isinstance(value, kind) else self.pack_opaque(value)

    def _list_row(self, nbl: NetBufferList, memory: bool = True) -> list[Any]:
        """Members of a buffer; its memory, unless the other side need not know of it."""
        held = nbl.memory if memory else None
        return [
            self.number(nbl),
            bytes(held) if isinstance(held, bytearray) else self.pack(held),
            self.pack(nbl.data_start),
            self.pack(nbl.status),
            self.pack(nbl.bytes_transferred),
            self._pointer(nbl.next, NetBufferList, "N"),
            self.pack(nbl.segment) if self.owns(self.number(nbl)) else None,
            nbl.no_push,
        ]

    def block_row(self, block: BlockList) -> list[Any]:
        """Members of a block, and of the structure behind it."""
        number = self.number(block)
        state = self.states.get(number) or block.state
        return [
            number,
            [self.pack(block.type), self.pack(block.placeholder), *map(self._told, _told_of(block))],
            self.pack_opaque(block.miniport_offload_context),
            self.pack_opaque(block.ndis_offload_handle),
            self._pointer(block.next_block, BlockList, "b"),
            self._pointer(block.dependent_block_list, BlockList, "b"),
            self._pointer(block.net_buffer_list_chain, NetBufferList, "N"),
            self.pack(block.status),
            [self._member(getattr(state, name)) for name in _MEMBERS] if state is not None else None,
            block.state is state,
        ]

    def _told(self, value: Any) -> Any:
        return list(dataclasses.astuple(value)) if self.step > 0 and value else None

    def _member(self, value: Any) -> Any:
        return ["N", self.number(value)] if isinstance(value, NetBufferList) else self.pack(value)

    # -- unpacking -------------------------------------------------------------------

    def unpack(self, packed: Any) -> Any:
        """The value. Raises ValueError, TypeError or LookupError for what nobody packed."""
        if not isinstance(packed, list):
            return packed
        tag, *rest = packed
        if tag == "e":
            return ENUMS[_whole(rest[0])]
        if tag == "o":
            return self._opaque(*rest)
        if tag == "N":
            return self._known(rest[0], NetBufferList)
        if tag == "n":
            for row in rest[1]:
                self.set_list(row)
            return self._known(rest[0], NetBufferList)
        if tag == "b":
            return self._known(rest[0], BlockList)
        if tag == "B":
            for row in rest[2]:
                self.set_list(row)
            for row in rest[1]:
                self.set_block(row)
            return self._known(rest[0], BlockList)
        if tag == "s":
            return Segment(*map(self.unpack, rest[0]))
        if tag in ("l", "t"):
            return (list if tag == "l" else tuple)(map(self.unpack, rest[0]))
        if tag == "i":
            return int(rest[0], 16)
        raise ValueError(f"no tag {tag!r}")

    def _opaque(self, number: int, text: str) -> Any:
        if number not in self.things:
            self.know(self.foreign(text), self._theirs(number))
        return self.things[number]

    def _theirs(self, number: Any) -> int:
        """A number that only the other side gives."""
        if self.owns(_whole(number)) or not number:
            raise ValueError(f"number {number} was never given")
        return int(number)

    def foreign(self, text: str) -> object:
        """What stands for an opaque object of the other side."""
        return object()

    def _known(self, number: Any, kind: type) -> Any:
        """The object of a number, a blank one if it is new."""
        if number not in self.things:
            blank = NetBufferList() if kind is NetBufferList else BlockList(StateType.TCP)
            self.know(blank, self._theirs(number))
        found = self.things[number]
        if not isinstance(found, kind):
            raise ValueError(f"number {number} is another kind of object")
        return found

    def set_list(self, row: Any) -> None:
        """Write a buffer's members as they are on the other side."""
        number, memory, start, status, transferred, following, segment, no_push = row
        nbl = self._known(number, NetBufferList)
        nbl.no_push = no_push
        if memory is not None:
            nbl.memory = bytearray(memory) if isinstance(memory, bytes) else self.unpack(memory)
        nbl.data_start, nbl.status = self.unpack(start), self.unpack(status)
        nbl.bytes_transferred, nbl.next = self.unpack(transferred), self.unpack(following)
        if segment is not None:
            nbl.segment = self.unpack(segment)

    def set_block(self, row: Any) -> None:
        """Write a block's members as they are on the other side."""
        (
            number,
            (kind, placeholder, constant, cached),
            context,
            handle,
            below,
            dependent,
            chain,
            status,
            state,
            same,
        ) = row
        block = self._known(number, BlockList)
        if number not in self.written and not self.owns(number):
            self.written.add(number)
            block.type, block.placeholder = self.unpack(kind), bool(placeholder)
            block.ndis_offload_handle = self.unpack(handle)
            block.constant = TcpConstState(*constant) if constant else None
            block.cached = TcpCachedState(*cached) if cached else None
            block.state = None if state is None else TcpDelegatedState()
        self._remember(block, number)
        block.miniport_offload_context, block.status = self.unpack(context), self.unpack(status)
        block.next_block, block.dependent_block_list = self.unpack(below), self.unpack(dependent)
        block.net_buffer_list_chain = self.unpack(chain)
        kept = self.states.get(number)
        for name, value in zip(_MEMBERS, state or (), strict=bool(state)):
            setattr(kept, name, self.unpack(value))
        if not same:
            block.state = TcpDelegatedState()

    def _remember(self, block: BlockList, number: int) -> None:
        if block.state is not None:
            self.states.setdefault(number, block.state)


class CheckersObjects(Objects):
    """The checker's side."""

    def foreign(self, text: str) -> object:
        """An object that is told as the target's process says."""
        return Foreign(str(text))

    def pack_block(self, block: Any) -> Any:
        """A tree goes out whole: the target has not seen it."""
        tree = list(below(block))
        for one in tree:
            self._remember(one, self.number(one))
        lists = [self._list_row(nbl) for one in tree for first in handed_over(one) for nbl in _chain(first)]
        return ["B", self.number(block), [self.block_row(one) for one in tree], lists]


class TargetsObjects(Objects):
    """The side of the target's process."""

    step = -1

    def tree_rows(self, tree: Iterable[BlockList]) -> tuple[list[Any], list[Any]]:
        """Everything that the checker reads of a tree when it is handed back: buffers, then blocks."""
        tree = list(tree)
        passed = [t for n, t in self.things.items() if n > 0 and isinstance(t, NetBufferList)]
        lists = [self._list_row(nbl, memory=False) for nbl in passed]
        for block in tree:
            state = self.states.get(self.number(block))
            if state is not None and isinstance(state.buffered_data, NetBufferList):
                lists += [self._list_row(nbl) for nbl in _chain(state.buffered_data)]
        return lists, [self.block_row(block) for block in tree]

    def pack_answered(self, block: Any) -> Any:
        """A block with which a call comes back, and what the target wrote into it."""
        known = isinstance(block, BlockList) and self.number(block) > 0
        return ["B", self.number(block), [self.block_row(block)], []] if known else self.pack(block)

    def set_list(self, row: Any) -> None:
        """The checker writes to no buffer that it passed, or was passed; those it returns it may link."""
        if self.owns(row[0]):
            self._known(row[0], NetBufferList).next = self.unpack(row[5])
        elif row[0] not in self.written:
            self.written.add(row[0])
            super().set_list(row)


def below(block: Any) -> Iterator[BlockList]:
    """The blocks of a tree, each before those below it."""
    todo, seen = [block], set[int]()
    while todo:
        one = todo.pop(0)
        if isinstance(one, BlockList) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.next_block, one.dependent_block_list]


def handed_over(block: BlockList) -> list[NetBufferList]:
    """The first of each list of buffers that is handed over with a block."""
    lists = (block.net_buffer_list_chain, block.state and block.state.buffered_data)
    return [first for first in lists if isinstance(first, NetBufferList)]


def _chain(first: NetBufferList) -> Iterator[NetBufferList]:
    """The buffers of a linked list, each once."""
    seen: set[int] = set()
    one: Any = first
    for _ in itertools.repeat(None, LONGEST_CHAIN + 1):
        if not isinstance(one, NetBufferList) or id(one) in seen:
            return
        seen.add(id(one))
        yield one
        one = one.next


def _whole(number: Any) -> int:
    if type(number) is not int:
        raise ValueError(f"{number!r} is no number")
    return number


def _told_of(block: BlockList) -> tuple[Any, Any]:
    """What the host tells in a block, and nobody writes."""
    return block.constant, block.cached
