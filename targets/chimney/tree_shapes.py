"""The trees that the host offloads and terminates: named shapes, as blocks of the model and as objects.

Sources: pages/offload-state-tree.md; pages/placeholders--linkers--and-new-offloads.md.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence

from ...model.chimney.state import NEIGHBOR, PATH, PLACEHOLDER, STATE, TCP, Block
from ...model.tcp.numbers import NULL
from .api import BlockList, StateType, TcpDelegatedState

TYPES = {NEIGHBOR: StateType.NEIGHBOR, PATH: StateType.PATH, TCP: StateType.TCP}


@dataclasses.dataclass(frozen=True)
class Node:
    """One block: its layer, its kind, its connection (NULL for none) and what depends on it."""

    layer: int
    kind: int = STATE
    conn: int = NULL
    dependents: tuple[Node, ...] = ()


Tree = tuple[Node, ...]
"""Blocks of one layer, linked through NextBlock."""


def _conns(*numbers: int) -> Tree:
    return tuple(Node(TCP, conn=c) if c != NULL else Node(TCP, PLACEHOLDER) for c in numbers)


def _path(*numbers: int, kind: int = STATE) -> Node:
    return Node(PATH, kind, dependents=_conns(*numbers))


def _neighbor(*paths: Node, kind: int = STATE) -> Node:
    return Node(NEIGHBOR, kind, dependents=paths)


SHAPES: dict[str, Tree] = {
    "connection": _conns(0),
    "siblings": _conns(0, 1),
    "second connection": _conns(1),
    "placeholder sibling": _conns(NULL, 0),
    "path": (_path(0, 1),),
    "stack": (_neighbor(_path(0, 1)),),
    "placeholders": (_neighbor(_path(0, 1, kind=PLACEHOLDER), kind=PLACEHOLDER),),
    "two paths": (_neighbor(_path(0), _path(1)),),
    "two neighbors": (_neighbor(_path(0)), _neighbor(_path(1, kind=PLACEHOLDER), kind=PLACEHOLDER)),
    "no connection": (_neighbor(_path()),),
}
"""The shapes by name; connections that a scenario does not have are left out."""


def shape(name: str, conns: int) -> Tree:
    """The tree called *name* for a scenario of *conns* connections."""
    kept = _prune(SHAPES[name], conns)
    return kept or _conns(0)


def _prune(tree: Tree, conns: int) -> Tree:
    return tuple(
        dataclasses.replace(node, dependents=_prune(node.dependents, conns))
        for node in tree
        if node.conn < conns
    )


def _numbered(tree: Tree, first: int = 0) -> Iterator[tuple[Node, int, int]]:
    """Each node depth first, with the numbers of its next and its first dependent block."""
    for k, node in enumerate(tree):
        below = list(_numbered(node.dependents, first + 1))
        after = first + 1 + len(below)
        yield node, after if k + 1 < len(tree) else NULL, first + 1 if below else NULL
        yield from below
        first = after


def model_blocks(tree: Tree) -> tuple[Block, ...]:
    """The tree as the model has it, block 0 the root."""
    return tuple(
        Block(
            in_tree=True,
            layer=node.layer,
            kind=node.kind,
            next=following,
            dependent=below,
            conn=node.conn,
            next_back=following,
            dependent_back=below,
        )
        for node, following, below in _numbered(tree)
    )


Row = tuple[Node, int, int]
"""A node with the numbers of its next and its first dependent block."""


def objects(tree: Tree) -> list[BlockList]:
    """The tree as linked objects, in the model's numbering; contexts and handles are still empty."""
    return linked(tuple(_numbered(tree)))


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
        return (_neighbor(Node(PATH, dependents=states)),)
    return (_neighbor(*states),) if tree[0].layer == PATH else states


def _states(tree: Tree) -> Tree:
    kept = (node for node in tree if node.layer != TCP or node.kind != PLACEHOLDER)
    return tuple(dataclasses.replace(n, kind=STATE, dependents=_states(n.dependents)) for n in kept)


def alone(conn: int) -> Tree:
    """A connection on a path and a neighbor of its own."""
    return (_neighbor(_path(conn)),)


def nodes(tree: Tree) -> list[Node]:
    """The nodes in the order of the blocks' numbers."""
    return [node for node, _, _ in _numbered(tree)]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run needs to know of its trees: the one that is terminated, and those that are offloaded."""

    terminated: tuple[Row, ...]
    offloaded: tuple[tuple[Row, ...], ...]
    nodes: tuple[Node, ...]  # all that is offloaded


@functools.cache
def plan(name: str, conns: int) -> Plan:
    """The trees of a scenario of *conns* connections that has the shape *name*."""
    tree = shape(name, conns)
    rest = (alone(c) for c in range(conns) if c not in connections(tree))
    offloaded = tuple(tuple(_numbered(t)) for t in (whole(tree), *rest))
    return Plan(tuple(_numbered(tree)), offloaded, tuple(row[0] for rows in offloaded for row in rows))


def connections(tree: Tree) -> list[int]:
    """The connections in a tree."""
    return [node.conn for node in nodes(tree) if node.conn != NULL]
