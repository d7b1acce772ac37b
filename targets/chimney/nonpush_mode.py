"""Receive requests in nonpush mode: they come back when they are full.

Source: pages/posting-and-completing-receive-requests.md.
"""

from __future__ import annotations

from ...model.chimney.calls import MiniportTcpOffloadReceive
from .amounts import SIZE
from .interface import NetBufferList, Status
from .move_kinds import Happens, Move, move
from .stage import NdisStage


@move("receive whole", n=SIZE, fills="requests", lanes=("receiving",))
def receive_whole(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host posts a receive request of {n} bytes in nonpush mode: to come back when it is full"""
    # the target may keep the data in its own buffer until then, so there is room for it
    conn = stage.conn(move.conn)
    size, index = min(max(0, move.n), conn.capacity), conn.requested
    request = NetBufferList(bytes(size))
    request.no_push = True
    if stage.judge.if_possible(MiniportTcpOffloadReceive, conn=move.conn, size=size, no_push=True):
        posted = stage.handed.pass_on(request, "receive", move.conn, index)
        context = stage.handed.context(move.conn)
        stage.ask("miniport_tcp_offload_receive", Status.PENDING, context, posted)
