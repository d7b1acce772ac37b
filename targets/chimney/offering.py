"""MiniportInitiateOffload: what the host hands over in a cycle, and what of it the target takes.

Sources: ddi/nc-ndischimney-w_initiate_offload_handler.md; ddi/nf-ndischimney-ndisminitiateoffloadcomplete.md.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

from ...model.chimney.shapes import Node
from ...model.chimney.state import PENDING, Delegated
from ...model.logic import serial
from ...model.tcp.numbers import NULL
from ...model.tcp.states import connection_state
from ...model.tcp.windows import edge
from ..judging.misbehaviour import NONSENSE
from .agreed_options import agree
from .delegated import ALL_MEMBERS, TcpConstState, TcpDelegatedState, wind_scale
from .interface import BlockList, NetBufferList, Status
from .move_kinds import Move
from .moves import TIMES_TO_RUN, ack
from .offload_arrivals import arriving
from .stage import NdisStage
from .tcp_options import AgreedOptions, Stamps
from .tree_shapes import connections, gone

TIMEOUT = 300
"""Ticks that are left of the host's retransmit timer, where something is not acknowledged."""
_STATUSES = tuple(Status)
OFFLOAD_FAILED = frozenset(
    (Status.FAILURE, Status.RESOURCES, *_STATUSES[_STATUSES.index(Status.TCP_ENTRIES) :])
)
"""One is in a block that was not offloaded (ddi/nf-ndischimney-ndisminitiateoffloadcomplete.md)."""


def offered(stage: NdisStage, moves: Iterable[Move]) -> frozenset[int]:
    """Offload what the host has *fresh*; the numbers of connections that the target did not take over.

    NULL among them is a neighbor or a path. What was agreed on is that of a connection that sees *moves*.
    """
    handed, moves = stage.handed, tuple(moves)
    for node, block in handed.fresh:
        block.ndis_offload_handle = handed.handles[node.conn] if node.conn != NULL else object()
        if node.conn != NULL:
            conn = stage.conn(node.conn)
            options = agree(stage, node.conn, moves)
            block.state = _delegated(conn, options.stamps)
            block.constant = _constant(conn, options, moves)
            _hand_over(stage, node.conn, conn, block)
    stage.ndis.arriving = arriving(stage, moves)
    for blocks in handed.offloads:
        stage.call("miniport_initiate_offload", blocks[0])
    stage.call("run")
    for _ in range(TIMES_TO_RUN):  # a target that asked for a pause may keep it for later
        if _unanswered(stage):
            stage.call("run")
    for number in _unanswered(stage):
        stage.stop(NONSENSE, f"initiate request {number} is never completed with its block list")
    for _, block in handed.fresh:  # what the host had buffered, it frees
        if block.state and block.state.buffered_data and block.status is Status.SUCCESS:
            block.state.buffered_data.memory[:] = bytes(block.state.buffered_data.data_length)
    refused = frozenset(node.conn for node, block in handed.fresh if _is_refused(stage, node, block))
    for c in refused - {NULL}:
        _left_alone(stage, c)
    stage.ndis.forget_freed([block.miniport_offload_context for _, block in handed.fresh])
    return refused


def _unanswered(stage: NdisStage) -> list[int]:
    """The numbers of the trees whose offload is not completed."""
    roots = [blocks[0] for blocks in stage.handed.offloads]
    return [n for n, root in enumerate(roots) if not any(root is done for done in stage.ndis.initiated)]


def check_below(stage: NdisStage, refused: frozenset[int]) -> bool:
    """Whether what connections stand on was taken over where they were; stops the run where it was not so."""
    left = [(node, block) for node, block in stage.handed.fresh if not gone(node, refused)]
    lacking = [node for node, block in left if block.miniport_offload_context is None]
    if any(connections((node,)) for node in lacking):
        stage.stop(NONSENSE, "the target took a connection over, and not the path and neighbor below it")
    return not lacking


def _is_refused(stage: NdisStage, node: Node, block: BlockList) -> bool:
    """Whether the target did not take a state object over, and said so: it stores no context then."""
    what = f"connection {node.conn}" if node.conn != NULL else "a neighbor or path"
    failed = isinstance(block.status, Status) and block.status in OFFLOAD_FAILED
    stored = block.miniport_offload_context is not None
    if failed and stored:
        stage.stop(NONSENSE, f"the target stored a miniport_offload_context for {what}, and failed it")
    if not failed and not stored:
        stage.stop(NONSENSE, f"the target stored no miniport_offload_context for {what}")
    return failed


def _left_alone(stage: NdisStage, c: int) -> None:
    """Complain of sends that the target completed although it failed the offload of their connection.

    Source: pages/partial-offloads-and-offload-failures.md.
    """
    for nbl, known in stage.handed.passed():
        pending = stage.conn(c).bufs[known.index].status == PENDING if known.kind == "send" else True
        if known.conn == c and not (pending and nbl.status is None):
            what = f"the target completed send buffer {known.index} of connection {c}, and failed its offload"
            stage.judge.misbehaves(NONSENSE, what)


def _delegated(conn: Any, stamps: Stamps | None) -> TcpDelegatedState:
    """The delegated structure of a connection of the world in which the cycle begins."""
    peer = conn.peer
    received = peer.arrived + int(peer.fin)
    una, nxt, most = (serial(conn.isn + at) for at in (peer.acked, max(peer.acked, conn.own.nxt), peer.sent))
    room = edge(conn) - peer.arrived
    state = TcpDelegatedState(una, nxt, most, peer.wnd, serial(conn.irn + received), room)
    found = dataclasses.replace(state, **{name: getattr(Delegated(), name) for name in ALL_MEMBERS})
    found.connection_state = connection_state(conn, peer.acked, peer.sent, peer.fin)
    found.snd_wl1, found.max_snd_wnd = state.rcv_nxt, peer.wnd
    if peer.acked < peer.sent:
        found.retransmit_delta = TIMEOUT
    if stamps:
        found.ts_recent_age = stamps.offloaded()
        found.ts_time, found.ts_recent = stamps.sent, stamps.least
    return found


def _constant(conn: Any, options: AgreedOptions, moves: Iterable[Move]) -> TcpConstState:
    """Neither factor is 0, and they differ: who scales once too often, or by the other one, is seen."""
    acks = (move.m for move in moves if move.kind == ack.name)
    scales = wind_scale(max(conn.peer.wnd, *acks, 0), 2), wind_scale(conn.capacity, 1)
    return TcpConstState(*scales, options.stamps is not None, options.sack)


def _hand_over(stage: NdisStage, c: int, conn: Any, block: BlockList) -> None:
    """The chain of the sends that are outstanding, and the received data that the application has not read.

    Sources: pages/handling-outstanding-send-data-during-and-after-an-offload-operation.md and
    pages/handling-buffered-receive-data-during-and-after-an-offload-operation.md.
    """
    stage.lines[c].offered = conn.peer.wnd
    line, state, chain, got = stage.lines[c], block.state, list[NetBufferList](), conn.peer.app_got
    for k in range(conn.posted):
        buf = conn.bufs[k]
        if buf.status == PENDING:
            chain.append(NetBufferList(line.out(buf.begin, buf.end)))
            stage.handed.pass_again(chain[-1], c, k)
    for nbl, following in itertools.pairwise(chain):
        nbl.next = following
    if state and chain:
        stage.ndis.resend[c] = max(conn.peer.acked, conn.own.nxt)
        block.net_buffer_list_chain = state.send_data_head = chain[0]
        state.send_data_tail = chain[-1]
    if state and got < conn.peer.arrived:
        line.peer_sent = max(line.peer_sent, conn.peer.arrived)
        state.buffered_data = NetBufferList(line.inbound(got, conn.peer.arrived))
        stage.ndis.refused.add(c)  # so a host that waits asks for it
        stage.ndis.waits[c] = (conn.peer.arrived, conn.requested)
