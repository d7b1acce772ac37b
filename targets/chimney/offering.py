"""MiniportInitiateOffload: what the host hands over in a cycle, and what of it the target takes.

Sources: ddi/nc-ndischimney-w_initiate_offload_handler.md; ddi/nf-ndischimney-ndisminitiateoffloadcomplete.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ...model.chimney.shapes import Node, Offload
from ...model.chimney.state import Delegated
from ...model.tcp.numbers import NULL
from ..judging.misbehaviour import NONSENSE
from .delegated import ALL_MEMBERS, TcpConstState, TcpDelegatedState, wind_scale
from .interface import OFFLOAD_FAILED, BlockList, Status
from .move_kinds import Move
from .moves import ack
from .stage import Stage
from .tree_shapes import connections, gone


def offered(stage: Stage, offloads: tuple[Offload, ...], moves: Iterable[Move]) -> frozenset[int]:
    """Offload what the host has *fresh*; the numbers of connections that the target did not take over.

    NULL among them is a neighbor or a path. The scale factors are those of a connection that sees *moves*.
    """
    handed, acks = stage.handed, [move.m for move in moves if move.kind == ack.name]
    for node, block in handed.fresh:
        block.ndis_offload_handle = handed.handles[node.conn] if node.conn != NULL else object()
        if node.conn != NULL:
            block.state = _delegated(offloads[node.conn])
            block.constant = _constant(offloads[node.conn], acks)
    for blocks in handed.offloads:
        stage.call("miniport_initiate_offload", blocks[0])
    stage.call("run")
    for number, blocks in enumerate(handed.offloads):
        if not any(blocks[0] is root for root in stage.ndis.initiated):
            stage.stop(NONSENSE, f"initiate request {number} is never completed with its block list")
    refused = frozenset(node.conn for node, block in handed.fresh if _is_refused(stage, node, block))
    stage.ndis.forget_freed([block.miniport_offload_context for _, block in handed.fresh])
    return refused


def check_below(stage: Stage, refused: frozenset[int]) -> bool:
    """Whether what connections stand on was taken over where they were; stops the run where it was not so."""
    left = [(node, block) for node, block in stage.handed.fresh if not gone(node, refused)]
    lacking = [node for node, block in left if block.miniport_offload_context is None]
    if any(connections((node,)) for node in lacking):
        stage.stop(NONSENSE, "the target took a connection over, and not the path and neighbor below it")
    return not lacking


def _is_refused(stage: Stage, node: Node, block: BlockList) -> bool:
    """Whether the target did not take a state object over, and said so: it stores no context then."""
    what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
    failed = isinstance(block.status, Status) and block.status in OFFLOAD_FAILED
    stored = block.miniport_offload_context is not None
    if failed and stored:
        stage.stop(NONSENSE, f"the target stored a miniport_offload_context for {what}, and failed it")
    if not failed and not stored:
        stage.stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")
    return failed


def _delegated(o: Offload) -> TcpDelegatedState:
    state = TcpDelegatedState(o.isn, o.isn, o.isn, o.window, o.irn, o.capacity)
    return dataclasses.replace(state, **{name: getattr(Delegated(), name) for name in ALL_MEMBERS})


def _constant(o: Offload, acks: Iterable[int]) -> TcpConstState:
    """Neither factor is 0, and they differ: who scales once too often, or by the other one, is seen."""
    return TcpConstState(wind_scale(max(o.window, *acks, 0), 2), wind_scale(o.capacity, 1))
