"""The offload state tree: which shapes are well formed, and how a target walks one.

Sources: pages/offload-state-tree.md; pages/placeholders--linkers--and-new-offloads.md;
ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md, DependentBlockList.
"""

from __future__ import annotations

from ..logic import And, If, Implies, Not, Or, Value, all_of, any_of, count
from ..tcp.numbers import NULL
from .state import PLACEHOLDER, STATE, TCP, Block, World

ROOT = 0


def well_formed(world: World) -> Value:
    """Whether the tree is one that a host may pass to MiniportTerminateOffload.

    Blocks are numbered so that every link leads to a larger index, which loses no
    shape. Layers run neighbor, path, TCP; each block but the root is linked to once.
    """
    blocks = world.blocks
    parts = [blocks[ROOT].in_tree]
    for b, block in enumerate(blocks):
        parts += [_links(blocks, b), _kind(world, b)]
        if b > ROOT:
            incoming = count(_linked(before, b) for before in blocks[:b])
            parts.append(If(block.in_tree, incoming == 1, incoming == 0))
            parts.append(Implies(block.in_tree, blocks[b - 1].in_tree))
    for c, conn in enumerate(world.conns):
        carriers = [And(block.conn == c, conn.block == b) for b, block in enumerate(blocks)]
        parts.append(Or(And(conn.block == NULL, all_of(x.conn != c for x in blocks)), any_of(carriers)))
    return all_of(parts)


def _linked(block: Block, target: int) -> Value:
    return Or(block.next == target, block.dependent == target)


def _links(blocks: tuple[Block, ...], b: int) -> Value:
    block = blocks[b]
    after = range(b + 1, len(blocks))
    sideways = [And(block.next == t, blocks[t].layer == block.layer) for t in after]
    upwards = [And(block.dependent == t, blocks[t].layer == block.layer + 1) for t in after]
    return And(
        Or(block.next == NULL, And(block.in_tree, any_of(sideways))),
        Or(block.dependent == NULL, And(block.in_tree, any_of(upwards))),
        Or(block.next == NULL, block.next != block.dependent),
    )


def _kind(world: World, b: int) -> Value:
    block = world.blocks[b]
    carries = any_of(And(block.conn == c, conn.block == b) for c, conn in enumerate(world.conns))
    is_connection = And(block.in_tree, block.layer == TCP, block.kind == STATE)
    return And(
        Implies(block.layer == TCP, Or(block.kind == PLACEHOLDER, block.kind == STATE)),
        If(is_connection, carries, block.conn == NULL),
    )


def walk(blocks: tuple[Block, ...]) -> list[Value]:
    """For each block, whether a target that follows both links from the root reaches it."""
    reached: list[Value] = [True]
    for b in range(1, len(blocks)):
        steps = (And(reached[a], _linked(blocks[a], b)) for a in range(b))
        reached.append(any_of(steps))
    return reached


def walk_dependents(blocks: tuple[Block, ...]) -> list[Value]:
    """The same for a target that forgets NextBlock: it follows DependentBlockList alone."""
    reached: list[Value] = [True]
    for b in range(1, len(blocks)):
        reached.append(any_of(And(reached[a], blocks[a].dependent == b) for a in range(b)))
    return reached


def walk_siblings(blocks: tuple[Block, ...]) -> list[Value]:
    """The blocks linked to the root through NextBlock alone."""
    reached: list[Value] = [True]
    for b in range(1, len(blocks)):
        reached.append(any_of(And(reached[a], blocks[a].next == b) for a in range(b)))
    return reached


def untouched(block: Block) -> Value:
    """Whether the block's links came back as they were passed."""
    return And(block.next_back == block.next, block.dependent_back == block.dependent)


def fresh(block: Block) -> Value:
    """Whether nothing has been done to the block yet."""
    return And(Not(block.lost), block.status == 0, block.chain == NULL, untouched(block))
