"""NdisMTerminateOffloadComplete: what stands in a tree becomes an event, once all trees are back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.chimney import answers
from ...model.chimney.handover import NdisMTerminateOffloadComplete
from ...model.chimney.only_seen import PartComesBack
from ...model.chimney.state import COMPLETED, OFFLOADED
from ..judging.misbehaviour import CHALLENGE, OPTIONS, TWICE
from .answered_calls import outstanding
from .interface import BlockList, Status
from .snapshot import Seals, Snapshot
from .stray_answers import not_closed
from .tree_parts import Termination, joined

if TYPE_CHECKING:
    from .observed import Observed


def tree_back(ndis: Observed, block_list: BlockList) -> None:
    """The target hands the tree back that has that root: it is read as it stands now."""
    name = ndis.called(NdisMTerminateOffloadComplete.name)
    handed, phase = ndis.handed, ndis.monitor.world.phase
    if phase == OFFLOADED:
        ndis.complain(f"{name} is called, but no terminate request is outstanding")
        return
    if phase == COMPLETED:
        ndis.monitor.completes_again()
        return
    request = handed.termination(block_list)
    number = handed.terminations.index(request) + 1
    if request.written is not None:
        what = (
            f"{name} is called again with the tree of terminate request {number}; another one is outstanding"
        )
        ndis.monitor.misbehaves(TWICE, what)
        return
    left = outstanding(ndis)
    mine = [handed.context(c) for c in _connections(ndis, request)]
    late = (block for block in handed.owed for other in left if block is other)
    if any(block.miniport_offload_context is context for block in late for context in mine):
        ndis.complain(f"{name} is called before a query or an update of a connection is completed")
    _read(ndis, request, block_list)
    written = joined(handed.terminations)
    if written is None:
        ndis.monitor.happens(PartComesBack, request=number)
        return
    ndis.monitor.hands_back(written)
    for c in ndis.freed_before:
        ndis.monitor.happens(answers.Free, conn=c)
    ndis.freed_before.clear()


def _connections(ndis: Observed, request: Termination) -> list[int]:
    return [c for c, conn in enumerate(ndis.monitor.world.conns) if conn.block in request.blocks]


def _read(ndis: Observed, request: Termination, root: BlockList) -> None:
    """What the target wrote into the tree of a request, and where that is nonsense."""
    handed, lines = ndis.handed, ndis.lines
    for b in request.blocks:
        if handed.tree[b].status is Status.FAILURE:
            ndis.knows(b)
    world, complaints = ndis.monitor.world, list[str]()
    snapshot = Snapshot(handed, lines, complaints.append, ndis.renewed)
    ndis.check_seals()
    request.written = snapshot.take(world, request, root)
    for complaint in complaints:
        ndis.complain(complaint)
    for what in snapshot.options:
        ndis.monitor.misbehaves(OPTIONS, what)
    for c in _connections(ndis, request):
        if what := "" if world.lost(world.conns[c]) else not_closed(ndis, c, handed.states[c]):
            ndis.monitor.misbehaves(CHALLENGE, what)
    ndis.wrong_bytes |= snapshot.wrong
    ndis.seals = Seals({b: block for b, block in enumerate(handed.tree) if handed.is_back(b)})
