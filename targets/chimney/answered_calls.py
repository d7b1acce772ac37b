"""Calls on state objects that come back: what the target wrote into their blocks, as the model's world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.chimney import answers, querying
from ...model.chimney.querying import NOT_SUPPORTED
from ...model.chimney.state import BLOCK_FAILURE, BLOCK_SUCCESS, TCP, Connection
from ...model.logic import serial
from ...model.tcp.peer import is_over
from ...model.tcp.states import connection_state
from ..judging.misbehaviour import TWICE, kind_of
from .backlogs import varied
from .delegated import TcpState, widest_window
from .interface import BlockList, Status
from .snapshot import Complain, as_number
from .statuses import answered_status

if TYPE_CHECKING:
    from .observed import Observed

STATE_CALLS = {
    "NdisMInvalidateOffloadComplete": 0,
    "NdisMQueryOffloadStateComplete": 1,
    "NdisMUpdateOffloadComplete": 2,
}


def came_back(ndis: Observed, name: str, block_list: Any) -> None:
    """The target completes a call by *name* with that block list: of a path, or the query of a connection."""
    ndis.called(name)
    if _updated(ndis, name, block_list):
        return
    call, conn = STATE_CALLS[name], ndis.handed.queried(block_list)
    if conn is not None:
        queried = ndis.monitor.world.conns[conn]
        told = queried_state(block_list, queried, ndis.complain, conn in ndis.renewed)
        windows = ndis.lines[conn].offered, queried.peer.wnd
        what = widest_window(block_list.state, *windows) if block_list.state else ""
        if what and told["status"] == BLOCK_SUCCESS and not is_over(queried):
            ndis.complain(f"the query of connection {conn}: {what}")
        if told["status"] == BLOCK_SUCCESS and (what := varied(ndis, conn, told["send_backlog"])):
            ndis.complain(f"the query of connection {conn}: {what}")
        if told["status"] == BLOCK_FAILURE and queried.block in ndis.doubtful:
            told["status"] = BLOCK_SUCCESS  # as below
        first = ndis.monitor.if_possible(querying.NdisMQueryOffloadStateComplete, conn=conn, **told)
    elif block_list is None or ndis.handed.calls.get(call) is not block_list:
        ndis.complain(f"{name} is passed {kind_of(block_list)}, which is not the block list of the call")
        return
    else:
        status = answered_status(block_list)
        if status == BLOCK_FAILURE and _in_doubt(ndis):
            status = BLOCK_SUCCESS  # as right, and no sign of what was read
        first = ndis.monitor.if_possible(answers.CompleteStateCall, call=call, status=status)
    if not first:
        ndis.monitor.misbehaves(TWICE, f"{name} is called again for a call that was completed")


def outstanding(ndis: Observed) -> list[BlockList]:
    """Queries and updates of connections that are not completed: block lists."""
    handed = ndis.handed
    queries = (block for c, block in handed.queries.items() if ndis.monitor.world.conns[c].query.asked)
    return [*queries, *handed.updates.values()]


def _in_doubt(ndis: Observed) -> bool:
    """Whether the hardware lost a neighbor or path while the host took it back: perhaps after it was read."""
    return any(ndis.monitor.world.blocks[b].layer != TCP for b in ndis.doubtful)


def _updated(ndis: Observed, name: str, block: BlockList) -> bool:
    """Whether the block is that of an update of a connection, which comes back."""
    handed = ndis.handed
    c = next((c for c, own in handed.updates.items() if own is block), None)
    if c is None:
        again = any(own is block for own in handed.updated)
        if again:
            ndis.monitor.misbehaves(TWICE, f"{name} is called again for a call that was completed")
        return again
    handed.updated.append(handed.updates.pop(c))
    if c in ndis.windows and block.status not in (None, Status.SUCCESS):
        del ndis.windows[c]  # it has no room for that, and said so
    return True


def queried_state(
    block: BlockList, conn: Connection, complain: Complain, renewed: bool = False
) -> dict[str, int]:
    """What a query tells of a connection: Status, and the members that are compared.

    Of one that the target does not write, what would be right is taken; a driver in C writes every byte.
    So is CLOSED where it is *renewed*: a SYN was numbered as the next byte.
    """
    state: Any = block.state
    fin = conn.irn + conn.peer.arrived + int(conn.peer.fin)
    right = {
        "connection_state": int(connection_state(conn, conn.peer.acked, conn.peer.sent, conn.peer.fin)),
        "snd_una": serial(conn.isn + conn.peer.acked),
        "snd_nxt": serial(conn.isn + conn.peer.sent),
        "snd_max": serial(conn.isn + conn.peer.sent),
        "snd_wnd": conn.peer.wnd,
        "rcv_nxt": serial(fin),
        "rcv_wnd": conn.capacity - (conn.peer.arrived - conn.peer.app_got),
        "send_backlog": NOT_SUPPORTED,
        "receive_backlog": NOT_SUPPORTED,
    }
    told = {"status": answered_status(block)}
    failed = told["status"] != BLOCK_SUCCESS  # then the members say nothing
    for name, value in right.items():
        written = None if failed else getattr(state, name, None)
        if renewed and name == "connection_state" and written == TcpState.CLOSED:
            written = None
        told[name] = int(value) if written is None else as_number(written, complain, "a query, {}", name)
    return told
