"""A tree in the parts that the host terminates, each in a call of its own.

The world that is judged knows one terminate request. Several are one there: it begins with the first call,
and comes back with the last of the trees; what the host gets of a tree is what stands in it when that comes
back.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence

from ...model.chimney.state import PLACEHOLDER
from ...model.chimney.tree import ROOT
from ...model.tcp.numbers import NULL
from ..judging.hand_back import HandBack
from .tree_shapes import Row

Links = dict[int, tuple[int, int]]
"""By the number of a block: the numbers of the next one and of its first dependent one."""


@dataclasses.dataclass(eq=False)
class Termination:
    """One call of MiniportTerminateOffload: the numbers of its blocks, its root's first; what came back.

    ``made``: it is no longer to come.
    """

    blocks: tuple[int, ...]
    written: HandBack | None = None
    made: bool = False


def whole(rows: Sequence[Row]) -> list[list[int]]:
    """All blocks in one request."""
    return [list(range(len(rows)))]


def roots_apart(rows: Sequence[Row]) -> list[list[int]]:
    """Each block of the root's list with what is below it."""
    starts = [0]
    while (following := rows[starts[-1]][1]) != NULL:
        starts.append(following)
    ends = (*starts[1:], len(rows))
    return [list(range(*pair)) for pair in zip(starts, ends, strict=True)]


def connections_first(rows: Sequence[Row]) -> list[list[int]]:
    """Each connection alone, then what is left."""
    alone = [[b] for b, (node, _, _) in enumerate(rows) if node.conn != NULL]
    return [*alone, [b for b, (node, _, _) in enumerate(rows) if node.conn == NULL]]


def branch_first(rows: Sequence[Row]) -> list[list[int]]:
    """The first of the lowest blocks that have others beside them, with what is below it; then the rest."""
    several = [b for b, (_, following, _) in enumerate(rows) if following != NULL]
    if not several:
        return whole(rows)
    first = max(several, key=lambda b: (rows[b][0].layer, -b))
    branch = range(first, rows[first][1])
    return [list(branch), [b for b in range(len(rows)) if b not in branch]]


Way = Callable[[Sequence[Row]], list[list[int]]]
WAYS: tuple[Way, ...] = (roots_apart, connections_first, branch_first)
"""How a tree is terminated in parts."""


def with_state(rows: Sequence[Row], parts: Iterable[list[int]]) -> list[list[int]]:
    """The *parts*; those that are placeholders alone, which nobody terminates, are others' too."""
    found: list[list[int]] = []
    empty: list[int] = []
    for part in parts:
        if all(rows[b][0].kind == PLACEHOLDER for b in part):
            empty += part
        else:
            found.append(part)
    if found:
        found[-1] = sorted((*found[-1], *empty))
    return found or [empty]


def links(rows: Sequence[Row], parts: Iterable[Sequence[int]]) -> Links:
    """How the blocks of each part are linked: a link that leads to another one leads to what comes after."""

    def within(part: Sequence[int], b: int) -> int:
        while b != NULL and b not in part:
            b = rows[b][1]
        return b

    return {b: (within(part, rows[b][1]), within(part, rows[b][2])) for part in parts for b in part}


def joined(requests: Sequence[Termination]) -> HandBack | None:
    """What all requests brought back; None while one is outstanding."""
    parts = [request.written for request in requests]
    back = [part for part in parts if part is not None]
    if len(back) < len(parts):
        return None
    sends, given = (
        {k: v for part in back for k, v in getattr(part, name).items()} for name in ("sends", "given")
    )
    numbers = itertools.chain.from_iterable(request.blocks for request in requests)
    blocks = itertools.chain.from_iterable(part.blocks for part in back)
    inorder = [block for _, block in sorted(zip(numbers, blocks, strict=True), key=lambda pair: pair[0])]
    wrong = (part.root for part in back if part.root != ROOT)
    return HandBack(next(wrong, ROOT), inorder, sends, given)
