"""What is linked by Next."""

from __future__ import annotations

from collections.abc import Iterator

from ..interface import BlockList, NetBufferList


def copied(nbl: NetBufferList | None) -> bytes:
    """The data of a linked list."""
    return nbl.data + copied(nbl.next) if nbl else b""


def walk(block: BlockList | None) -> Iterator[BlockList]:
    """Every block of a tree: depth first, then along NextBlock (pages/traversing-a-state-tree.md)."""
    while block:
        yield block
        yield from walk(block.dependent_block_list)
        block = block.next_block


def unlink(first: NetBufferList | None) -> list[NetBufferList]:
    """The buffers of a linked list, unlinked from each other."""
    found = []
    while first:
        found.append(first)
        following, first.next = first.next, None
        first = following
    return found
