"""A receive window that the host has enlarged, and that the peer is to be offered.

Sources: pages/updating-cached-variables.md;
ddi/ns-ndischimney-_tcp_offload_state_cached.md, TCP_FLAG_UPDATE_RCV_WND.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.only_seen import ReceiveWindowGrows
from ...model.tcp.peer import is_over
from ...model.tcp.windows import edge
from ..judging.misbehaviour import UPDATES
from .amounts import LENGTH
from .delegated import TcpCachedState, wind_scale
from .interface import BlockList, StateType
from .move_kinds import Happens, Move, move
from .stage import NdisStage

LEAST = 3000
"""Bytes, more than two segments: who avoids silly windows offers so much, too (RFC 9293, 3.8.6.2.2)."""


@move("grow window", ReceiveWindowGrows, n=LENGTH, alone=False, lanes=("calling",))
def grow_window(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the receive window becomes twice as large, and {n} bytes more: the host updates InitialRcvWnd"""
    before = stage.conn(move.conn).capacity
    size = 2 * before + LEAST + max(0, move.n)
    scale = wind_scale(before, 1)  # as it was agreed on when the connection was offloaded first
    context = stage.handed.context(move.conn)
    waits = move.conn in stage.ndis.windows or move.conn in stage.handed.updates
    fits = context is not None and not waits and size < 2 ** (16 + scale)
    if not (fits and happens(size=size)):
        return
    block = BlockList(StateType.TCP, miniport_offload_context=context, cached=TcpCachedState(size))
    stage.ndis.windows[move.conn], stage.handed.updates[move.conn] = before, block
    stage.call("miniport_update_offload", block)


def kept_small(stage: NdisStage) -> Iterator[str]:
    """Of each connection that is at rest, and whose peer was offered no more than before: a sentence."""
    for c, before in stage.ndis.windows.items():
        world, conn = stage.judge.world, stage.conn(c)
        offered = edge(conn) - conn.peer.app_got
        works = world.live(conn) and not (world.lost(conn) or is_over(conn) or conn.peer.fin)
        if works and offered <= before:
            yield f"connection {c}: the peer is offered {offered} of {conn.capacity} bytes after an update"


def check_windows(stage: NdisStage) -> None:
    """Complain of windows that were not advertised. At rest."""
    for what in kept_small(stage):
        stage.judge.misbehaves(UPDATES, what)
    stage.ndis.windows.clear()
