"""Data in a disconnect request: it goes out before the FIN, and the peer has both when the request is done.

Source: ddi/nc-ndischimney-w_tcp_offload_disconnect_handler.md, Graceful Disconnect.
"""

from __future__ import annotations

from ...model.chimney import calls
from ...model.chimney.state import GRACEFUL
from .amounts import LENGTH
from .interface import NetBufferList, Status
from .move_kinds import Happens, Move, move
from .peer_segments import in_stream
from .stage import NdisStage


@move("disconnect with", calls.MiniportTcpOffloadDisconnect, n=LENGTH, lanes=("sending",))
def disconnect_with(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host asks for a graceful disconnect, with {n} bytes to be sent before"""
    start = stage.conn(move.conn).total
    end = start + max(1, move.n)
    if in_stream(end) and happens(kind=GRACEFUL, length=end - start):
        data = NetBufferList(stage.lines[move.conn].out(start, end))
        nbl = stage.handed.pass_on(data, "disconnect", move.conn, GRACEFUL)
        context = stage.handed.context(move.conn)
        stage.ask("miniport_tcp_offload_disconnect", Status.PENDING, context, nbl)
