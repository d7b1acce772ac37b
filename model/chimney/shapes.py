"""What the host offloads: named shapes of trees, and the first world in which one stands.

Sources: pages/offload-state-tree.md; pages/placeholders--linkers--and-new-offloads.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from ..records import update
from ..tcp.numbers import NULL
from .state import NEIGHBOR, PATH, PLACEHOLDER, STATE, TCP, Block, World


@dataclasses.dataclass(frozen=True)
class Node:
    """One block: its layer, its kind, its connection (NULL for none) and what depends on it."""

    layer: int
    kind: int = STATE
    conn: int = NULL
    dependents: tuple[Node, ...] = ()


Tree = tuple[Node, ...]
"""Blocks of one layer, linked through NextBlock."""


def leaves(*numbers: int) -> Tree:
    """Connections by number, linked to one another; NULL: a placeholder."""
    return tuple(Node(TCP, conn=c) if c != NULL else Node(TCP, PLACEHOLDER) for c in numbers)


def path(*numbers: int, kind: int = STATE) -> Node:
    """A path on which :func:`leaves` depend."""
    return Node(PATH, kind, dependents=leaves(*numbers))


def neighbor(*paths: Node, kind: int = STATE) -> Node:
    """A neighbor on which paths depend."""
    return Node(NEIGHBOR, kind, dependents=paths)


SHAPES: dict[str, Tree] = {
    "connection": leaves(0),
    "siblings": leaves(0, 1),
    "second connection": leaves(1),
    "placeholder sibling": leaves(NULL, 0),
    "path": (path(0, 1),),
    "stack": (neighbor(path(0, 1)),),
    "placeholders": (neighbor(path(0, 1, kind=PLACEHOLDER), kind=PLACEHOLDER),),
    "two paths": (neighbor(path(0), path(1)),),
    "two neighbors": (neighbor(path(0)), neighbor(path(1, kind=PLACEHOLDER), kind=PLACEHOLDER)),
    "no connection": (neighbor(path()),),
    "every level": (neighbor(path(0, 1), path()), neighbor(path())),
}
"""The shapes by name; connections that a scenario does not have are left out.

In *every level* a block waits on each of the three, while the first leaf is visited.
"""


def shape(name: str, conns: int) -> Tree:
    """The tree called *name* for a scenario of *conns* connections."""
    kept = _prune(SHAPES[name], conns)
    return kept or leaves(0)


def _prune(tree: Tree, conns: int) -> Tree:
    return tuple(
        dataclasses.replace(node, dependents=_prune(node.dependents, conns))
        for node in tree
        if node.conn < conns
    )


def numbered(tree: Tree, first: int = 0) -> Iterator[tuple[Node, int, int]]:
    """Each node depth first, with the numbers of its next and its first dependent block."""
    for k, node in enumerate(tree):
        below = list(numbered(node.dependents, first + 1))
        after = first + 1 + len(below)
        yield node, after if k + 1 < len(tree) else NULL, first + 1 if below else NULL
        yield from below
        first = after


def model_blocks(tree: Tree, blank: Sequence[Block] = ()) -> tuple[Block, ...]:
    """The tree as the model has it, block 0 the root; it stands in the first of the *blank* blocks, if given.

    Raises ValueError if there are fewer of them than the tree has.
    """
    rows = tuple(numbered(tree))
    places = blank[: len(rows)] or (Block(),) * len(rows)
    return tuple(
        update(
            place,
            in_tree=True,
            layer=node.layer,
            kind=node.kind,
            next=following,
            dependent=below,
            conn=node.conn,
            next_back=following,
            dependent_back=below,
        )
        for place, (node, following, below) in zip(places, rows, strict=True)
    )


@dataclasses.dataclass(frozen=True)
class Offload:
    """A connection as offloaded: sequence numbers of position 0; window and receive buffer in bytes."""

    isn: int = 1000
    irn: int = 5000
    window: int = 10_000
    capacity: int = 10_000


def offloaded(blank: World, tree: Tree, offloads: Iterable[Offload]) -> World:
    """The first world of a run: *tree* and the connections stand in *blank*; its other places stay blank."""
    blocks = model_blocks(tree, blank.blocks)
    carried = {block.conn: b for b, block in enumerate(blocks)}
    conns = []
    for c, (conn, given) in enumerate(zip(blank.conns, offloads, strict=False)):
        peer = update(conn.peer, wnd=given.window)
        rigid = {"isn": given.isn, "irn": given.irn, "capacity": given.capacity}
        conns.append(update(conn, block=carried.get(c, NULL), peer=peer, **rigid))
    whole = (*conns, *blank.conns[len(conns) :])
    return update(blank, blocks=(*blocks, *blank.blocks[len(blocks) :]), conns=whole)
