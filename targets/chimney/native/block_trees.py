"""State trees on both sides: the blocks that the driver gets, and what it wrote into them.

The host fills Status and the delegated structure with a pattern, 0xCC in every byte, so that
a field which the driver never wrote is told from one in which it wrote 0. Known limitation:
a driver that means 0xCCCCCCCC by a number is taken not to have written it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..delegated import NUMBERS, WINDOWS, TcpConstState, TcpDelegatedState
from ..interface import BlockList, StateType, Status
from .buffers import UNKNOWN, Buffers

ROW = 33
"""CHS_BLOCK_ROW: the words that tell one block."""
LAYERS = {StateType.NEIGHBOR: 0, StateType.PATH: 1, StateType.TCP: 2}
FLAGS = (("timestamps", 1), ("sack", 2))
"""Of TcpConstState, and what they are in TCP_OFFLOAD_STATE_CONST; 4, for scaled windows, is always set."""
POINTERS = ("send_data_head", "send_data_tail", "buffered_data")


class OffloadContext:
    """What stands for a MiniportOffloadContext: the PVOID in the location at *handle*."""

    def __init__(self, handle: int) -> None:
        self.handle = handle


class Rewritten:
    """Stands where a block has no state, once the block was written after it was handed back."""


class Trees:
    """Every block and state object of one scenario."""

    def __init__(self, unwritten: int, statuses: Mapping[int, Status | str | None], buffers: Buffers) -> None:
        self._unwritten = unwritten
        self._statuses = statuses
        self._buffers = buffers
        self._blocks: dict[int, BlockList] = {}
        self._handles: dict[int, object] = {}
        self._objects: dict[int, OffloadContext] = {}
        self._sums: dict[int, int] = {}

    def block(self, address: int) -> Any:
        """The block at an address; None for NULL."""
        if address <= 0:
            return UNKNOWN if address else None
        return self._blocks[address]

    def handle(self, address: int) -> Any:
        """The NdisOffloadHandle at an address; None for NULL."""
        if address <= 0:
            return UNKNOWN if address else None
        return self._handles[address]

    def state_object(self, handle: int) -> OffloadContext:
        """What the driver stored for the state object with that handle, always the same object."""
        return self._objects.setdefault(handle, OffloadContext(handle))

    def placed(self) -> dict[int, Any]:
        """Every block, handle and state object, by its address."""
        return {**self._blocks, **self._handles}

    def register(self, blocks: Sequence[BlockList], made: Sequence[int]) -> None:
        """The blocks were built: *made* has the address of each, and its handle's."""
        for n, block in enumerate(blocks):
            self._blocks[made[2 * n]] = block
            handle = made[2 * n + 1]
            if handle and block.miniport_offload_context is None:  # a new offload
                self._handles[handle] = block.ndis_offload_handle
                self._objects.pop(handle, None)

    def former(self, handle: object) -> int:
        """Where a handle is that was passed before; 0 if it was not."""
        return next((address for address, known in self._handles.items() if known is handle), 0)

    def initiated(self, words: Sequence[int]) -> None:
        """Read what NdisMInitiateOffloadComplete returns in every block: Status and context."""
        for k in range(1, len(words), 4):
            address, status, handle, context = words[k : k + 4]
            block = self._blocks[address]
            block.status = self._statuses[status]  # type: ignore[assignment]  # a driver may write anything
            if context and not block.placeholder:
                block.miniport_offload_context = self.state_object(handle)

    def answered(self, words: Sequence[int]) -> Any:
        """The block with which a call on state objects came back, read if the driver passed one.

        What it did not write is garbage to the host.
        """
        if len(words) == 1:
            return self.block(words[0])
        block = self._blocks[words[1]]
        block.status = self._statuses[words[2]] or UNKNOWN  # type: ignore[assignment]  # it may write anything
        if isinstance(block.state, TcpDelegatedState):
            vars(block.state).update(zip(NUMBERS, words[7:30], strict=True))
            block.state.send_backlog, block.state.receive_backlog = words[-2:]
        return block

    def terminated(self, words: Sequence[int], data: bytes) -> None:
        """Read the tree as it was handed back, and the buffers it leads to."""
        after = 2 + ROW * words[1]
        self._buffers.read(words, after, data)
        for k in range(2, after, ROW):
            self._read(words[k : k + ROW])

    def rewritten(self, words: Sequence[int], data: bytes) -> None:
        """Read the tree once more: it was written after it was handed back."""
        for k in range(2, len(words), ROW):
            row = words[k : k + ROW]
            changed = self._sums[row[0]] != row[-1]
            block = self._read(row)
            if changed and block.state is None:
                block.state = Rewritten()  # type: ignore[assignment]  # not the None that it was

    def _read(self, row: Sequence[int]) -> BlockList:
        block = self._blocks[row[0]]
        self._sums[row[0]] = row[-1]
        block.status = self._statuses[row[1]]  # type: ignore[assignment]  # a driver may write anything
        block.next_block, block.dependent_block_list = self.block(row[2]), self.block(row[3])
        block.net_buffer_list_chain = self._buffers.find(row[4])
        if row[5] and isinstance(block.state, TcpDelegatedState):
            fields = vars(block.state)
            for name, number in zip(WINDOWS, row[6:12], strict=True):
                fields[name] = None if number == self._unwritten else number
            # what is not written is garbage to the host
            fields.update(zip(NUMBERS[len(WINDOWS) :], row[12:29], strict=True))
            for name, address in zip(POINTERS, row[29:32], strict=True):
                fields[name] = self._buffers.find(address)
            fields["every_byte"] = row[32]  # so that a seal sees a write to a field that has no name here
        return block


def members(root: BlockList) -> list[BlockList]:
    """Every block of a tree that the host made: depth first."""
    found: list[BlockList] = []
    todo = [root]
    while todo:
        block = todo.pop()
        found.append(block)
        todo += [b for b in (block.next_block, block.dependent_block_list) if b is not None]
    return found


def nodes(blocks: Sequence[BlockList], former: Callable[[object], int]) -> list[int]:
    """The blocks as chs_build takes them; *former* knows the handles that were passed before."""
    number: dict[int | None, int] = {id(block): n for n, block in enumerate(blocks)}
    words: list[int] = []
    for block in blocks:
        context, state = block.miniport_offload_context, block.state or block.cached
        words += (
            LAYERS[block.type],
            int(block.placeholder),
            context.handle if isinstance(context, OffloadContext) else former(block.ndis_offload_handle),
            number.get(id(block.next_block), -1),
            number.get(id(block.dependent_block_list), -1),
        )
        words += [getattr(state, name, None) or 0 for name in NUMBERS]
        words += _agreed(block.constant)
    return words


def _agreed(constant: TcpConstState | None) -> tuple[int, int, int]:
    if constant is None:
        return 0, 0, 0
    flags = sum(flag for name, flag in FLAGS if getattr(constant, name))
    return constant.snd_wind_scale, constant.rcv_wind_scale, flags + 4
