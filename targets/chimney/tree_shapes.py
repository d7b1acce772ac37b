"""The trees that the host offloads and terminates, as linked objects.

Sources: pages/offload-state-tree.md; pages/placeholders--linkers--and-new-offloads.md.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ...model.chimney.shapes import Node, Tree, leaves, neighbor, numbered, path, shape
from ...model.chimney.state import NEIGHBOR, PATH, PLACEHOLDER, STATE, TCP
from ...model.tcp.numbers import NULL
from .delegated import TcpDelegatedState
from .interface import BlockList, StateType

TYPES = {NEIGHBOR: StateType.NEIGHBOR, PATH: StateType.PATH, TCP: StateType.TCP}

Row = tuple[Node, int, int]
"""A node with the numbers of its next and its first dependent block."""


def objects(tree: Tree) -> list[BlockList]:
    """The tree as linked objects, in the model's numbering; contexts and handles are still empty."""
    return linked(tuple(numbered(tree)))


def linked(rows: Sequence[Row]) -> list[BlockList]:
    """The same for a tree whose rows are at hand."""
    blocks = [BlockList(TYPES[node.layer], placeholder=node.kind == PLACEHOLDER) for node, _, _ in rows]
    for block, (node, following, below) in zip(blocks, rows, strict=True):
        block.next_block = blocks[following] if following != NULL else None
        block.dependent_block_list = blocks[below] if below != NULL else None
        block.state = TcpDelegatedState() if node.conn != NULL else None
    return blocks


def whole(tree: Tree) -> Tree:
    """What was offloaded when *tree* is terminated: state everywhere, on all three layers."""
    states = _states(tree)
    if tree[0].layer == TCP:
        return (neighbor(Node(PATH, dependents=states)),)
    return (neighbor(*states),) if tree[0].layer == PATH else states


def _states(tree: Tree) -> Tree:
    kept = (node for node in tree if node.layer != TCP or node.kind != PLACEHOLDER)
    return tuple(dataclasses.replace(n, kind=STATE, dependents=_states(n.dependents)) for n in kept)


def alone(conn: int) -> Tree:
    """A connection on a path and a neighbor of its own."""
    return (neighbor(path(conn)),)


def nodes(tree: Tree) -> list[Node]:
    """The nodes in the order of the blocks' numbers."""
    return [node for node, _, _ in numbered(tree)]


@dataclasses.dataclass(frozen=True)
class TreePlan:
    """What a run needs to know of its trees: the one that is terminated, and those that are offloaded."""

    tree: Tree  # the one that is terminated
    terminated: tuple[Row, ...]
    offloaded: tuple[tuple[Row, ...], ...]
    nodes: tuple[Node, ...]  # all that is offloaded


@functools.cache
def plan(
    name: str, conns: int, absent: frozenset[int] = frozenset(), staying: frozenset[int] = frozenset()
) -> TreePlan:
    """The trees of a scenario of *conns* connections that has the shape *name*.

    Those that are *absent*, because the target refused them or the host keeps them, are in no tree. Another
    one is, then, if nothing else is left of it. Those *staying* were offloaded in an earlier cycle, each on a
    path and neighbor of its own: it is terminated alone.
    """
    tree = without(shape(name, conns), absent) or leaves(*sorted(set(range(conns)) - absent)[:1])
    stays = staying.intersection(connections(tree))
    tree = leaves(min(stays)) if stays else tree
    rest = (c for c in range(conns) if c not in connections(tree) and c not in absent | staying)
    trees = ((whole(tree),) if tree and not stays else ()) + tuple(map(alone, rest))
    offloaded = tuple(tuple(numbered(t)) for t in trees)
    return TreePlan(
        tree, tuple(numbered(tree)), offloaded, tuple(row[0] for rows in offloaded for row in rows)
    )


def gone(node: Node, absent: AbstractSet[int]) -> bool:
    """Whether a node is a connection that is absent, or stood for nothing but such connections."""
    below = connections((node,))
    return bool(below) and absent >= set(below)


def without(tree: Tree, absent: AbstractSet[int]) -> Tree:
    """The tree without what is :func:`gone`."""
    kept = (node for node in tree if not gone(node, absent))
    return tuple(dataclasses.replace(n, dependents=without(n.dependents, absent)) for n in kept)


def connections(tree: Tree) -> list[int]:
    """The connections in a tree."""
    return [node.conn for node in nodes(tree) if node.conn != NULL]
