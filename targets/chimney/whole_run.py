"""Moves that concern a run as a whole, wherever they stand: what a driver is refused, when it is answered.

The run sees to them itself, before it offloads and after it halts the adapter.
"""

from __future__ import annotations

from .amounts import up_to
from .move_kinds import Happens, Move, move
from .stage import NdisStage


@move("offload short", n=up_to(2), alone=False, begins=True)
def offload_short(stage: NdisStage, move: Move, happens: Happens) -> None:
    """while connections are offloaded, {n} of what the driver asks for are given and one is not"""


@move("start short", n=up_to(2), alone=False, begins=True)
def start_short(stage: NdisStage, move: Move, happens: Happens) -> None:
    """at the end the adapter starts again, is given {n} of what it asks for, and one is not"""


@move("load short", n=up_to(2), alone=False, begins=True)
def load_short(stage: NdisStage, move: Move, happens: Happens) -> None:
    """at the end the driver is loaded again: {n} of what it asks for are given, its registration among them,
    and one is not"""


@move("answers late", alone=False, begins=True)
def answers_late(stage: NdisStage, move: Move, happens: Happens) -> None:
    """what NDIS completes for the driver comes later: lists that it indicated, scatter/gather lists"""


@move("answers early", alone=False, begins=True)
def answers_early(stage: NdisStage, move: Move, happens: Happens) -> None:
    """what NDIS completes for the driver comes inside the call that asked for it: shared memory too"""


@move("offloading", alone=False, begins=True)
def offloading(stage: NdisStage, move: Move, happens: Happens) -> None:
    """while the offload is being completed, segments arrive: the moves in `then`"""
