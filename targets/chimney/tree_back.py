"""NdisMTerminateOffloadComplete: what stands in the tree becomes an event of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.chimney.handover import NdisMTerminateOffloadComplete
from ...model.chimney.state import COMPLETED, OFFLOADED
from ..judging.misbehaviour import CHALLENGE, OPTIONS
from .answered_calls import outstanding
from .interface import BlockList, Status
from .snapshot import Seals, Snapshot
from .stray_answers import not_closed

if TYPE_CHECKING:
    from .observed import Observed


def tree_back(ndis: Observed, block_list: BlockList) -> None:
    """The target hands the tree back that has that root: it is read as it stands now."""
    name = ndis.called(NdisMTerminateOffloadComplete.name)
    world = ndis.monitor.world
    if world.phase == OFFLOADED:
        ndis.complain(f"{name} is called, but no terminate request is outstanding")
        return
    if world.phase == COMPLETED:
        ndis.monitor.completes_again()
        return
    left = outstanding(ndis)
    if any(block is other for block in ndis.handed.owed for other in left):
        ndis.complain(f"{name} is called before a query or an update of a connection is completed")
    for b, block in enumerate(ndis.handed.tree):
        if block.status is Status.FAILURE:
            ndis.knows(b)
    complaints: list[str] = []
    snapshot = Snapshot(ndis.handed, ndis.lines, complaints.append, ndis.renewed)
    written = snapshot.take(world, block_list)
    for complaint in complaints:
        ndis.complain(complaint)
    for what in snapshot.options:
        ndis.monitor.misbehaves(OPTIONS, what)
    for c in snapshot.handed.states:
        if what := "" if world.lost(world.conns[c]) else not_closed(ndis, c, snapshot.handed.states[c]):
            ndis.monitor.misbehaves(CHALLENGE, what)
    ndis.monitor.hands_back(written)
    ndis.wrong_bytes = snapshot.wrong
    ndis.seals = Seals(ndis.handed.tree)
