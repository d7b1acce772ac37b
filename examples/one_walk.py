"""A hand-off algorithm for the TCP chimney: the send queue is walked once, at the end.

The reference design completes the sends that are acknowledged when it drains its calls, and walks the queue
again for the chain when it fills the tree. This design saves a walk: it does both while it fills the tree.

    chimneysweep check --design examples/one_walk.py

There is a mistake in it: docs/own-design.md finds it, mends it, and proves the rest.
"""

from __future__ import annotations

from typing import Any

from chimneysweep.chimney import NULL, REFERENCE


def complete_acknowledged(design: Any, s: Any, c: int, when: Any) -> list[Any]:
    """While draining: nothing yet."""
    return []


def given_up(design: Any, s: Any, c: int, when: Any) -> list[Any]:
    """While filling the tree: what the reference does for a lost connection, and the sends that are done."""
    acknowledged = design.complete_acknowledged(s, c, s.conns[c].block != NULL)
    return [*acknowledged, *design.given_up(s, c, when)]


ONE_WALK = REFERENCE.but(
    "one-walk",
    "Completes acknowledged sends while it fills the tree.",
    complete_acknowledged=complete_acknowledged,
    given_up=given_up,
)
