"""Which premises a query begins with: few that are likely to be enough, and all others in the end.

Those that speak of the query's own variables come first, then those that read one or two others besides,
then the rest of the same place, and of other places last. The queries of one step are much alike: what the
proof of one needed is what the next one with targets of the same kinds begins with, at its own spots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .pieces import Piece

CLOSE = 2
"""So many variables besides the query's own may be read by a premise that is still close to it."""

Kinds = frozenset[tuple[str, ...]]
Needed = tuple[tuple[object, ...], int]
"""What is alike in pieces of different spots, and how far from its query such a piece was."""


class Premises:
    """The order of premises for the queries of one step, which are asked one after the other."""

    def __init__(self, every: Sequence[Piece]) -> None:
        self._every = every
        self._needed: dict[Kinds, set[Needed]] = {}

    def ordered(
        self, cone: frozenset[int], targets: Iterable[int], numbers: Sequence[int]
    ) -> list[list[int]]:
        """The premises *numbers*, in the order in which they are added until there are enough.

        *cone*: the variables that the query for *targets* reads. The first list may be empty.
        """
        around = _Around([self._every[t] for t in targets])
        needed = self._needed.get(around.kinds, set())
        found: list[list[int]] = [[] for _ in range(CLOSE + 5)]
        for n in numbers:
            piece = self._every[n]
            known = needed and (piece.alike, around.distance(piece)) in needed
            found[0 if known else 1 + around.rank(piece, cone)].append(n)
        first, *rest = found if needed else found[1:]
        return [first, *filter(None, rest)]

    def learn(self, targets: Iterable[int], used: Iterable[int]) -> None:
        """A proof of *targets* needed the premises *used*."""
        around = _Around([self._every[t] for t in targets])
        pieces = [self._every[n] for n in used]
        needed = self._needed.setdefault(around.kinds, set())
        needed.update((piece.alike, around.distance(piece)) for piece in pieces)


class _Around:
    """Where the targets of a query are."""

    def __init__(self, targets: Sequence[Piece]) -> None:
        self.kinds: Kinds = frozenset(t.kind for t in targets)
        self._spots, self._places = {t.spot for t in targets}, {t.place for t in targets}
        self._larger = {kind[0] for kind in self.kinds}

    def distance(self, piece: Piece) -> int:
        """0: at a spot of the targets; 1: in their place; 2: elsewhere."""
        return 0 if piece.spot in self._spots else 1 if piece.place in self._places else 2

    def rank(self, piece: Piece, cone: frozenset[int]) -> int:
        """Lower is nearer: what reads nothing but the cone; what is close to it; what is at the same spots,
        and of other kinds; of the same kinds in the same place (other buffers, say); in places like it
        (other connections)."""
        besides = len(piece.reads - cone)
        if not besides:
            return 0
        elsewhere = piece.place not in self._places
        if elsewhere and piece.kind[0] in self._larger:
            return CLOSE + 3
        if besides <= CLOSE and besides < len(piece.reads):
            return besides
        alike = not elsewhere and piece.spot not in self._spots and piece.kind in self.kinds
        return CLOSE + 2 if alike else CLOSE + 1
