"""Which premises a query begins with: the near ones, and what one like it needed; none is ever left out."""

from __future__ import annotations

from chimneysweep.engines.pieces import Piece
from chimneysweep.engines.premises import Premises


def _piece(number: int, claim: str, where: str, *reads: int) -> Piece:
    return Piece(number, claim, where, None, frozenset(reads), None, None)


BUFFERS = [f"connection {c}, send buffer {b}" for c in (0, 1) for b in (0, 1)]
EVERY = [
    *(_piece(n, "status", where, 10 + n) for n, where in enumerate(BUFFERS)),
    *(_piece(4 + n, "order", where, 10 + n, 20 + n) for n, where in enumerate(BUFFERS)),
    _piece(8, "far", "connection 0", 30),
    _piece(9, "wide", "connection 0", 10, 31, 32, 33),
]
ALL = list(range(len(EVERY)))
CONE = frozenset((10,))


def test_what_speaks_of_the_query_alone_comes_first_and_other_connections_last() -> None:
    assert Premises(EVERY).ordered(CONE, [0], ALL) == [[0], [4], [8, 9], [1, 5], [2, 3, 6, 7]]


def test_what_one_like_it_needed_comes_first_at_the_spots_of_the_next() -> None:
    premises = Premises(EVERY)
    premises.learn([0], [4])
    first, *rest = premises.ordered(frozenset((11,)), [1], ALL)
    assert first == [5]
    assert sorted(n for some in (first, *rest) for n in some) == ALL


def test_what_another_kind_of_query_needed_says_nothing() -> None:
    premises = Premises(EVERY)
    premises.learn([8], [4])
    assert premises.ordered(CONE, [0], ALL) == Premises(EVERY).ordered(CONE, [0], ALL)


def test_where_nothing_was_learned_of_use_the_first_may_be_empty() -> None:
    first, *rest = Premises(EVERY).ordered(frozenset((99,)), [8], ALL)
    assert first == []
    assert sorted(n for some in rest for n in some) == ALL
