"""Clauses on the target's resources: that they are freed, and when."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import World
from ...model.logic import And, Not
from ..property import Case, Conjunct, Property, Source
from .cases import connections


def _freed(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        free = Conjunct("its resources are freed", conn.freed, {"freed": conn.freed})
        yield Case(f"connection {c}", And(world.quiet, world.handed_back(conn)), (free,))


def _after_complete(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        over = Conjunct("it is back with the host", world.handed_back(conn), {"phase": world.phase})
        yield Case(f"connection {c}", conn.freed, (over,))


def _after_begun(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        begun = Conjunct("its termination has begun", Not(world.live(conn)), {"phase": world.phase})
        yield Case(f"connection {c}", conn.freed, (begun,))


PROPERTIES = (
    Property(
        "resources.freed",
        "clause",
        "After the termination the target frees what it held for each state object.",
        Source("seed.txt", "Remarks, last paragraph"),
        _freed,
    ),
    Property(
        "resources.after-complete",
        "clause",
        "It frees them only after it has called NdisMTerminateOffloadComplete.",
        Source("pages/terminate-offload-sequence.md", "Part 2, steps 4 and 5"),
        _after_complete,
    ),
    Property(
        "resources.after-complete",
        "clause",
        "By the disconnect page: it may free them as soon as the host terminates the connection.",
        Source("ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md", "Freeing Connection Resources"),
        _after_begun,
        reading="begun",
    ),
)
