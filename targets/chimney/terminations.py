"""The host terminates a tree in several calls, which may be outstanding at once.

Source: pages/ndis-status-upload-all.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...model.chimney import calls, only_seen
from ...model.tcp.numbers import NULL
from .amounts import up_to
from .answered_calls import outstanding
from .move_kinds import Happens, Move, move
from .stage import NdisStage
from .tree_parts import WAYS, Termination, whole

TIMES = 3
"""How often the target gets time for what the host waits for before it terminates an offload."""


def may_terminate(stage: NdisStage) -> bool:
    """Whether the host waits for none of its calls before it terminates an offload: none is on its way, and
    queries and updates of connections are completed.

    Source: ddi/nc-ndischimney-w_terminate_offload_handler.md, Remarks.
    """
    waits = ("miniport_tcp_offload_receive", "miniport_tcp_offload_disconnect")
    called = any(name.startswith(waits) for name in stage.inside)
    return not called and (stage.at_once or not outstanding(stage.ndis))


def terminate_offload(stage: NdisStage, parts: int = 0, pause: int = 0, between: Iterable[Move] = ()) -> None:
    """MiniportTerminateOffload, if it is still to come: with the tree, or with *parts* of it, see WAYS.

    Between two calls the target gets time, *pause* times; *between* the first two, these moves are played.
    """
    for _ in range(0 if stage.inside else TIMES):
        if outstanding(stage.ndis) and stage.judge.possible(calls.MiniportTerminateOffload):
            stage.call("run")
    if not stage.judge.possible(calls.MiniportTerminateOffload):
        return
    handed = stage.handed
    handed.build_tree((whole, *WAYS)[parts])
    handed.owed = []
    for request in handed.terminations[1:]:
        for conn in _connections(stage, request):
            stage.judge.if_possible(only_seen.IsTerminatedLater, conn=conn)
    stage.judge.happens(calls.MiniportTerminateOffload)
    for number, request in enumerate(handed.terminations):
        for _ in range(pause if number else 0):
            stage.call("run")
        if number == 1:
            stage.plays(between)
        if number:
            _terminate_more(stage, number, request)
        stage.unsure = stage.unsure or bool(stage.within)
        handed.owed += [] if stage.at_once else outstanding(stage.ndis)
        request.made = True
        stage.call("miniport_terminate_offload", handed.tree[request.blocks[0]])


def _terminate_more(stage: NdisStage, number: int, request: Termination) -> None:
    """The next call is made, for the connections in it, of which the target was in charge until now."""
    stage.judge.happens(only_seen.TerminatesMore, request=number + 1)
    for conn, block in _connections(stage, request).items():
        stage.judge.if_possible(only_seen.IsTerminatedNow, conn=conn, block=block)


def _connections(stage: NdisStage, request: Termination) -> dict[int, int]:
    """The connections of a request, and their blocks."""
    rows = ((stage.handed.shape[b][0].conn, b) for b in request.blocks)
    return {conn: b for conn, b in rows if conn != NULL}


@move("terminate", calls.MiniportTerminateOffload, alone=False, lanes=("terminating",))
def terminate(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host terminates the offload of the tree"""
    if may_terminate(stage):
        terminate_offload(stage)


@move("terminate apart", n=up_to(len(WAYS) - 1), m=up_to(1), alone=False)
def terminate_apart(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host terminates the offload of the tree in several calls: for each block of the root's list (n=0),
    for connections first (1), for a branch first (2); between two of them the target gets time {m} times,
    between the first two come the moves in `then`"""
    if may_terminate(stage):
        terminate_offload(stage, 1 + max(0, move.n) % len(WAYS), max(0, move.m) % 2, move.then)
