"""Runs of the reference, step by step: the ends that they share, and the world in which they begin."""

from __future__ import annotations

from collections.abc import Mapping

from ...model.chimney.shapes import Offload, neighbor, offloaded, path
from ...model.chimney.state import LINKER, World, world_size
from ...model.tcp.numbers import NULL

Steps = tuple[tuple[str, Mapping[str, int | bool]], ...]

ENOUGH = world_size(buffers=3, blocks=5, connections=2, requests=2)
"""The world that the runs need; a run in it is a run in any larger one."""


def first_world(blank: World) -> World:
    """A tree with a neighbor, a path, two connections and a placeholder."""
    tree = (neighbor(path(0, 1, NULL, kind=LINKER)),)
    return offloaded(blank, tree, [Offload(1000 * n, 5000, window=100, capacity=100) for n in (1, 2)])


def on(conn: int, *steps: tuple[str, Mapping[str, int]]) -> Steps:
    """Steps on one connection, by name and with their other parameters."""
    return tuple((name, {"conn": conn, **parameters}) for name, parameters in steps)


TERMINATE: Steps = (("MiniportTerminateOffload", {}),)
END: Steps = (("Drain", {}), ("FillTree", {}), ("NdisMTerminateOffloadComplete", {}))
"""What the target does then."""
SETTLE: Steps = (
    *on(0, ("HostResumes", {}), ("MiniportTcpOffloadReceiveReturn", {})),
    *on(1, ("HostResumes", {}), ("MiniportTcpOffloadReceiveReturn", {})),
    *on(0, ("Free", {})),
    *on(1, ("Free", {})),
    ("Quiet", {}),
)
"""What is left for everybody after that; data was buffered on both connections."""
