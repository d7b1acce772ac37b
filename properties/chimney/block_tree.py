"""The part of the block tree: its shape, the Status of each block, and state objects that are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...model.chimney.calls import HardwareFails
from ...model.chimney.designs import ending
from ...model.chimney.state import (
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    COMPLETED,
    NEIGHBOR,
    OFFLOADED,
    PATH,
    PLACEHOLDER,
    REQUEST_ABORTED,
    TCP,
    TERMINATING,
    Block,
    Connection,
    World,
)
from ...model.chimney.tree import untouched, walk, walk_siblings, well_formed
from ...model.logic import And, Iff, Implies, Not, Or, Value, all_of, any_of, pick
from ...model.tcp.numbers import NULL
from ..property import Case, Holding, case, clause, collected, conjunct, lemma
from ..situation import Situation
from ..subject import Part
from .cases import block_of, completed, each_block, handed_over
from .runs import END, TERMINATE, on

REMARKS = ("seed.txt", "Remarks, Status of each block")
TABLE = ("pages/placeholders--linkers--and-new-offloads.md", "table, completion status")
BLOCK_LIST = "ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md"


def _written(world: World, members: list[Value]) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        known = Or(block.status == BLOCK_SUCCESS, block.status == BLOCK_FAILURE)
        lawful = conjunct("Status is NDIS_STATUS_SUCCESS or NDIS_STATUS_FAILURE", known, Status=block.status)
        yield case(f"block {b}", And(completed(world), members[b]), lawful)


@clause("status.every-block", *REMARKS)
def every_block(world: World) -> Iterator[Case]:
    """Before completing, the target writes SUCCESS or FAILURE to the Status of every block in the tree."""
    return _written(world, [block.in_tree for block in world.blocks])


@clause("status.every-block", "pages/terminate-offload-sequence.md", "Part 2, step 3", reading="linked-list")
def linked_list(world: World) -> Iterator[Case]:
    """Read narrowly: only the blocks linked to the root through NextBlock have their Status written."""
    return _written(world, walk_siblings(world.blocks))


@clause("status.success-true", *REMARKS, each=each_block)
def success(world: World, block: Block) -> Holding:
    """SUCCESS means that the state object came back; a lost one must not be reported so."""
    says = And(completed(world), block.in_tree, block.status == BLOCK_SUCCESS)
    return says, conjunct("the state object was not lost", Not(block.lost), lost=block.lost)


@clause("status.failure-true", *REMARKS, each=each_block)
def failure(world: World, block: Block) -> Holding:
    """FAILURE means that a catastrophic failure lost the state object."""
    says = And(completed(world), block.in_tree, block.status == BLOCK_FAILURE)
    return says, conjunct("the state object was lost", block.lost, lost=block.lost)


@clause("status.placeholder", *TABLE, each=each_block)
def placeholder(world: World, block: Block) -> Holding:
    """A placeholder is always completed with SUCCESS."""
    empty = And(completed(world), block.in_tree, block.kind == PLACEHOLDER)
    return empty, conjunct(
        "Status is NDIS_STATUS_SUCCESS", block.status == BLOCK_SUCCESS, Status=block.status
    )


@clause("complete.same-tree", BLOCK_LIST, "Remarks", each=each_block)
def same_tree(world: World, block: Block) -> Holding:
    """The tree comes back with the links it was passed with."""
    following = conjunct(
        "NextBlock is as it was",
        block.next_back == block.next,
        passed=block.next,
        handed_back=block.next_back,
    )
    below = conjunct(
        "DependentBlockList is as it was",
        block.dependent_back == block.dependent,
        passed=block.dependent,
        handed_back=block.dependent_back,
    )
    return And(completed(world), block.in_tree), following, below


@lemma("tree")
def tree(w: World) -> Value:
    """The tree is well formed and does not change."""
    return well_formed(w)


@lemma("tree-walked")
def walked(w: World) -> Value:
    """Whoever follows both links of each block comes to the blocks of the tree, and to no others."""
    reached = zip(w.blocks, walk(w.blocks), strict=True)
    return all_of(Iff(block.in_tree, here) for block, here in reached)


@lemma("blocks")
def blocks(w: World) -> Value:
    """Blocks are blank until the tree is filled, and right from then on."""
    parts = []
    for block in w.blocks:
        blank = And(block.status == 0, block.chain == NULL)
        done = block.status == BLOCK_SUCCESS
        failed = block.status == BLOCK_FAILURE
        parts += [
            Implies(Or(Not(w.filled), Not(block.in_tree)), blank),
            Implies(And(w.filled, block.in_tree), And(Or(done, failed), Iff(failed, block.lost))),
            Implies(block.lost, And(block.in_tree, block.kind != PLACEHOLDER)),
            Implies(block.conn == NULL, block.chain == NULL),
            untouched(block),
        ]
    return all_of(parts)


def _loses(name: str, layer: int) -> Situation:
    return Situation(
        f"the hardware loses {name}",
        lambda s, p: And(s.phase == OFFLOADED, pick(s.blocks, p.block).layer == layer),
        "HardwareFails",
    )


def _lost_with(what: str, holds: Callable[[Connection], Value]) -> Situation:
    def somewhere(world: World, p: Any) -> Value:
        return any_of(
            And(world.phase == COMPLETED, conn.block != NULL, block_of(world, conn).lost, holds(conn))
            for conn in world.conns
        )

    return Situation(f"a lost connection had {what}", somewhere)


SITUATIONS = (
    _loses("a neighbor", NEIGHBOR),
    _loses("a path", PATH),
    _loses("a connection", TCP),
    Situation("the hardware fails during termination", lambda s, p: s.phase == TERMINATING, "HardwareFails"),
    _lost_with("sends outstanding", lambda c: any_of(b.status == REQUEST_ABORTED for b in c.bufs)),
    _lost_with(
        "a receive request outstanding", lambda c: any_of(r.status == REQUEST_ABORTED for r in c.requests)
    ),
    _lost_with("a disconnect outstanding", lambda c: c.disconnect == REQUEST_ABORTED),
    Situation(
        "one of two connections is lost",
        lambda s, p: And(
            s.phase == COMPLETED,
            any_of(s.lost(c) for c in s.conns),
            any_of(And(c.block != NULL, Not(s.lost(c))) for c in s.conns),
        ),
    ),
    Situation(
        "two connections in the tree, both with a chain",
        lambda s, p: any_of(
            And(handed_over(s, a), handed_over(s, b), a.given.head != NULL, b.given.head != NULL)
            for n, a in enumerate(s.conns)
            for b in s.conns[n + 1 :]
        ),
    ),
    Situation(
        "a placeholder is completed",
        lambda s, p: any_of(And(s.phase == COMPLETED, b.in_tree, b.kind == PLACEHOLDER) for b in s.blocks),
    ),
    Situation(
        "no connection in the tree",
        lambda s, p: And(s.phase == COMPLETED, *(c.block == NULL for c in s.conns)),
    ),
)

FAILURE = (
    *on(0, ("MiniportTcpOffloadSend", {"length": 4}), ("MiniportTcpOffloadSend", {"length": 4})),
    *TERMINATE,
    ("HardwareFails", {"block": 2}),
    *END,
    *on(0, ("HostResumes", {})),
)

TREE = Part(
    "tree",
    "the block tree, and state objects that are lost",
    needs=("termination",),
    events=(HardwareFails,),
    choices=(ending.walked, ending.status, ending.block_back, ending.given_up),
    properties=collected(globals()),
    situations=SITUATIONS,
    runs=(FAILURE,),
)
