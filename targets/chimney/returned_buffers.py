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
from .stage import Stage


@move(
    "give back",
    afterwards.MiniportTcpOffloadReceiveReturn,
    n=up_to(1),
    late=True,
    back=lambda s, p: (),
    lanes=("returning",),
)
def give_back(stage: Stage, move: Move, happens: Happens) -> None:
    """the host returns the receive buffers it holds: each in a call of its own (n=0), or in one list (1)"""
    return_buffers(stage, move.conn, in_one_list=move.n > 0)


def return_buffers(stage: Stage, conn: int, in_one_list: bool = True) -> None:
    """MiniportTcpOffloadReceiveReturn for every receive buffer the host holds."""
    handed = stage.handed
    buffers, stage.ndis.kept[conn] = stage.ndis.kept[conn], []
    if in_one_list:
        for nbl, following in itertools.pairwise(buffers):
            nbl.next = following
        del buffers[1:]
    if stage.conn(conn).host.resumed and conn in handed.states:
        state, handed.states[conn] = handed.states[conn], TcpDelegatedState()
        buffers += [state.buffered_data] if isinstance(state.buffered_data, NetBufferList) else []
    stage.judge.if_possible(afterwards.MiniportTcpOffloadReceiveReturn, conn=conn)
    for nbl in buffers:
        stage.ask("miniport_tcp_offload_receive_return", Status.SUCCESS, nbl)
