"""Bugs in handing the tree back: whether, how often and with what, and what is freed or written when."""

from __future__ import annotations

from typing import Any

from ....design import Choice, bug
from ....logic import And, If, Not, Or, Value, all_of, any_of
from ....tcp.numbers import NULL
from ....tcp.states import CLOSING, ESTABLISHED, LAST_ACK
from ...handover import CompletesAgain, NdisMTerminateOffloadComplete, WriteAfterHandBack
from ...state import COMPLETED, SUCCESS, TERMINATING, Connection, World
from ...tree import ROOT


@bug("complete.answered", 4, "returned")
def waits_for_acknowledgements(reference: Any, s: World) -> Value:
    """Waits until every send is acknowledged, which no longer happens, and so never completes."""
    # Handing over is easier when nothing is in flight, so the driver waits; but no segment reaches it now.
    idle = all_of(Or(conn.block == NULL, conn.own.first == conn.posted) for conn in s.conns)
    return And(reference.returned(s), idle)


@bug("guarantee.completed-once", 5, "NdisMTerminateOffloadComplete")
def loss_never_answered(reference: Any, s: World, p: Any) -> Choice:
    """Never completes a terminate request if the hardware has lost a state object."""
    # The path that handles a hardware failure returns before it gets to completing the request.
    may, deeds = reference.NdisMTerminateOffloadComplete(s, p)
    return And(may, Not(any_of(block.lost for block in s.blocks))), deeds


@bug("guarantee.completed-once", 5, "NdisMTerminateOffloadComplete")
def completed_twice(reference: Any, s: World, p: Any) -> Choice:
    """Completes the terminate request a second time."""
    # Two paths end a termination, the worker that filled the tree and a timer, and each completes it.
    once = NdisMTerminateOffloadComplete(s.phase == TERMINATING, root=ROOT)
    return And(s.filled, s.completions < 2), [once, CompletesAgain(s.phase == COMPLETED, root=ROOT)]


@bug("complete.same-pointer", 4, "NdisMTerminateOffloadComplete")
def another_root(reference: Any, s: World, p: Any) -> Choice:
    """Hands back a dependent of the root as the block list."""
    # The block that the walk ended on is handed back, not the one that it started from.
    below = s.blocks[ROOT].dependent
    may, _ = reference.NdisMTerminateOffloadComplete(s, p)
    return may, [NdisMTerminateOffloadComplete(root=If(below == NULL, ROOT, below))]


@bug("complete.untouched-after", 5, "Free")
def writes_afterwards(reference: Any, s: World, p: Any) -> Choice:
    """Clears a field of the connection's block when it frees the connection."""
    # A pointer to the block is kept, and a field in it cleared when the connection is freed.
    may, deeds = reference.Free(s, p)
    return may, [*deeds, WriteAfterHandBack(Not(s.stale_write))]


@bug("guarantee.not-used-after-free", 6, "Free")
def freed_while_read(reference: Any, s: World, p: Any) -> Choice:
    """Frees BufferedData while the host may still read it."""
    # The receive buffers go with the connection, although the host has not returned them.
    conn = s.conns[p.conn]
    return And(s.handed_back(conn), Not(conn.freed), Not(conn.lent)), reference.Free(s, p)[1]


@bug("resources.after-complete", 4, "Free")
def freed_before_completion(reference: Any, s: World, p: Any) -> Choice:
    """Frees a connection once the tree is filled, before it has completed the request."""
    # The tree holds all that the host needs, so the connection is freed as soon as that is filled.
    conn = s.conns[p.conn]
    idle = And(Not(conn.freed), Not(conn.lent), Not(conn.host.reading))
    return And(s.filled, conn.block != NULL, idle), reference.Free(s, p)[1]


@bug("resources.after-complete@begun", 6, "Free")
def freed_on_disconnect(reference: Any, s: World, p: Any) -> Choice:
    """Frees a connection as soon as its disconnect is completed, while it is still offloaded."""
    # A connection that both sides have closed looks finished, so nobody waits for the host.
    conn, (may, deeds) = s.conns[p.conn], reference.Free(s, p)
    closed = And(conn.disconnect == SUCCESS, s.live(conn), Not(conn.freed), Not(conn.lent))
    return Or(may, closed), deeds


@bug("resources.freed", 6, "Free")
def never_freed(reference: Any, s: World, p: Any) -> Choice:
    """Is done with the connection again and again, and frees nothing of it."""
    # The reference that would free it is put on a list that nobody walks.
    may, _ = reference.Free(s, p)
    return may, []


@bug("resources.freed", 7, "Free")
def lost_never_freed(reference: Any, s: World, p: Any) -> Choice:
    """Never frees what it holds for a connection that the hardware lost."""
    # Freeing is the last step of a hand-over that went well; the path for a failure ends before it.
    may, deeds = reference.Free(s, p)
    return And(may, Not(s.lost(s.conns[p.conn]))), deeds


@bug("delegated.state", 5, "state_now")
def state_as_offloaded(reference: Any, conn: Connection) -> Value:
    """Hands back the State that was offloaded, whatever FIN or RST came or went since."""
    # Only an established connection was ever thought to be handed back.
    return ESTABLISHED


@bug("delegated.state", 7, "state_now")
def simultaneous_close_as_last(reference: Any, conn: Connection) -> Value:
    """Takes a connection that both ends are closing at once for one whose peer closed first."""
    # That a FIN came is remembered, and not whether it came before the own one.
    state = reference.state_now(conn)
    return If(state == CLOSING, LAST_ACK, state)
