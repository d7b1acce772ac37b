"""Segments that arrive while an offload is being completed: before NdisMInitiateOffloadComplete has returned.

A target may take them, or drop them; it indicates nothing before the call has returned.
Source: pages/processing-events-that-occur-during-an-offload.md.

Known limitation: they arrive where the last tree of a cycle is completed, and all of it was taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...model.tcp.numbers import NULL
from .interface import Status
from .move_kinds import Move, MoveKind
from .moves import ack, data, early_data, fin, rst
from .stage import NdisStage
from .whole_run import offloading

ARRIVE: dict[str, MoveKind] = {kind.name: kind for kind in (ack, data, early_data, fin, rst)}
"""The kinds of moves that can come so early: the host makes no request before."""


def arriving(stage: NdisStage, moves: Iterable[Move]) -> Callable[[], None]:
    """What happens inside of NdisMInitiateOffloadComplete, once a cycle."""
    left = [inner for move in moves if move.kind == offloading.name for inner in move.then]

    def arrive() -> None:
        handed = stage.handed
        taken = all(
            block.status is Status.SUCCESS and block.miniport_offload_context is not None
            for _, block in handed.fresh
        )
        new = {node.conn for node, _ in handed.fresh} - {NULL}
        last = len(stage.ndis.initiated) == len(handed.offloads) - 1
        while taken and last and left:
            inner = left.pop(0)
            if inner.kind in ARRIVE and inner.conn in new:
                ARRIVE[inner.kind].play(stage, inner)

    return arrive
