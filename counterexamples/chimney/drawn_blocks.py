"""The block tree as it was handed back: Status, chain and links, as an indented tree."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.bounds import Bounds
from ...model.chimney.state import BLOCK_STATUS, KIND, LAYER, STATE, TCP, World, block_name, buffer_name
from ...model.tcp.numbers import NULL


def lines(world: World, bounds: Bounds) -> list[str]:
    """The tree, a line a block: a dependent block is indented, a next block is not; then the chains."""
    return [("  " * depth) + label(world, index) for depth, index in tree(world)] + chains(world, bounds)


def tree(world: World) -> list[tuple[int, int]]:
    """How deep each block lies, and its index, in the order of the links."""
    return list(_below(world, 0, 0, set()))


def chains(world: World, bounds: Bounds) -> list[str]:
    """The NetBufferListChain of each block that has one, or may."""
    return [chain(world, bounds, b) for b in range(len(world.blocks)) if _carries(world, b)]


def _below(world: World, here: int, depth: int, drawn: set[int]) -> Iterator[tuple[int, int]]:
    while 0 <= here < len(world.blocks) and here not in drawn:
        drawn.add(here)
        block = world.blocks[here]
        yield depth, here
        yield from _below(world, block.dependent, depth + 1, drawn)
        here = block.next


def label(world: World, index: int) -> str:
    """One block: what it is, its Status, and links that came back as others."""
    block = world.blocks[index]
    parts = [f"block {index}", LAYER.show(block.layer), KIND.show(block.kind)]
    if block.layer == TCP and block.kind == STATE:
        parts.append(f"of connection {block.conn}")
    parts.append(f" Status {BLOCK_STATUS.show(block.status)}")
    if block.lost:
        parts.append(" (the hardware lost it)")
    for name, was, back in (
        ("NextBlock", block.next, block.next_back),
        ("DependentBlockList", block.dependent, block.dependent_back),
    ):
        if was != back:
            parts.append(f" {name} came back as {block_name(back)}, was {block_name(was)}")
    return " ".join(parts)


def _carries(world: World, index: int) -> bool:
    block = world.blocks[index]
    return bool(block.in_tree and (block.chain != NULL or (block.layer == TCP and block.kind == STATE)))


def chain(world: World, bounds: Bounds, index: int) -> str:
    """A block's NetBufferListChain, followed: ``block 2 -> B1 -> B2 -> NULL``."""
    block = world.blocks[index]
    conn = block.conn if block.conn != NULL else None
    places, seen, here = [f"chain: block {index}"], set(), block.chain
    while here != NULL:
        places.append(buffer_name(here, bounds, conn))
        owner, k = divmod(here, bounds.buffers)
        if here in seen:
            return " -> ".join(places) + " (a circle)"
        if not 0 <= owner < len(world.conns):
            return " -> ".join(places)
        seen.add(here)
        buf = world.conns[owner].bufs[k]
        places[-1] += f" [{buf.start},{buf.end})"
        here = buf.next
    return " -> ".join([*places, "NULL"])
