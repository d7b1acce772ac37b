"""The host returns the receive buffers that the target gave it: one by one, or several in one list.

Source: ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md, NetBufferList.
"""

from __future__ import annotations

import itertools

from ...model.chimney import afterwards
from .amounts import up_to
from .delegated import TcpDelegatedState
from .interface import NetBufferList, Status
from .move_kinds import Happens, Move, move
from .stage import NdisStage


@move(
    "give back",
    afterwards.MiniportTcpOffloadReceiveReturn,
    n=up_to(1),
    late=True,
    back=lambda s, p: (),
    lanes=("returning",),
)
def give_back(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host returns the receive buffers it holds: each in a call of its own (n=0), or in one list (1)"""
    return_buffers(stage, move.conn, in_one_list=move.n > 0)


def return_buffers(stage: NdisStage, *conns: int, in_one_list: bool = True) -> None:
    """MiniportTcpOffloadReceiveReturn for every receive buffer that the host holds of these connections.

    A list may have those of several: it is made of any that were indicated.
    """
    buffers = [nbl for c in conns for nbl in stage.ndis.kept[c]]
    for c in conns:
        stage.ndis.kept[c] = []
    if in_one_list:
        for nbl, following in itertools.pairwise(buffers):
            nbl.next = following
        del buffers[1:]
    for c in conns:
        buffers += _read(stage, c)
        stage.judge.if_possible(afterwards.MiniportTcpOffloadReceiveReturn, conn=c)
    for nbl in buffers:
        stage.ask("miniport_tcp_offload_receive_return", Status.SUCCESS, nbl)


def _read(stage: NdisStage, c: int) -> list[NetBufferList]:
    """BufferedData of a connection that the host has taken up again, and read."""
    states = stage.handed.states
    if not stage.conn(c).host.resumed or c not in states:
        return []
    state, states[c] = states[c], TcpDelegatedState()
    return [state.buffered_data] if isinstance(state.buffered_data, NetBufferList) else []
