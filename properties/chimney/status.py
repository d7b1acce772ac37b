"""Clauses on the Status of each block, on the delegated structure behind it, and on the tree itself."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import BLOCK_FAILURE, BLOCK_SUCCESS, PLACEHOLDER, World
from ...model.chimney.tree import ROOT, walk_siblings
from ...model.logic import And, Not, Or, Value
from ...model.tcp.numbers import NULL
from ..property import Case, Conjunct, Property, Source
from .cases import block_of, completed, connections, handed_over

SEED = "seed.txt"
REMARKS = Source(SEED, "Remarks, Status of each block")


def _written(world: World, members: list[Value]) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        known = Or(block.status == BLOCK_SUCCESS, block.status == BLOCK_FAILURE)
        told = Conjunct(
            "Status is NDIS_STATUS_SUCCESS or NDIS_STATUS_FAILURE", known, {"Status": block.status}
        )
        yield Case(f"block {b}", And(completed(world), members[b]), (told,))


def _every_block(world: World) -> Iterator[Case]:
    return _written(world, [block.in_tree for block in world.blocks])


def _linked_list(world: World) -> Iterator[Case]:
    return _written(world, walk_siblings(world.blocks))


def _success(world: World) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        says = And(completed(world), block.in_tree, block.status == BLOCK_SUCCESS)
        kept = Conjunct("the state object was not lost", Not(block.lost), {"lost": block.lost})
        yield Case(f"block {b}", says, (kept,))


def _failure(world: World) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        says = And(completed(world), block.in_tree, block.status == BLOCK_FAILURE)
        yield Case(
            f"block {b}", says, (Conjunct("the state object was lost", block.lost, {"lost": block.lost}),)
        )


def _placeholder(world: World) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        empty = And(completed(world), block.in_tree, block.kind == PLACEHOLDER)
        success = Conjunct(
            "Status is NDIS_STATUS_SUCCESS", block.status == BLOCK_SUCCESS, {"Status": block.status}
        )
        yield Case(f"block {b}", empty, (success,))


def _delegated(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        filled = Conjunct(
            "the delegated structure is filled in", conn.given.written, {"written": conn.given.written}
        )
        yield Case(f"connection {c}", handed_over(world, conn), (filled,))


def _same_pointer(world: World) -> Iterator[Case]:
    same = Conjunct(
        "the pointer is the one that came in", world.root_back == ROOT, {"block handed back": world.root_back}
    )
    yield Case("the call of NdisMTerminateOffloadComplete", completed(world), (same,))


def _same_tree(world: World) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        links = (
            Conjunct(
                "NextBlock is as it was",
                block.next_back == block.next,
                {"passed": block.next, "handed back": block.next_back},
            ),
            Conjunct(
                "DependentBlockList is as it was",
                block.dependent_back == block.dependent,
                {"passed": block.dependent, "handed back": block.dependent_back},
            ),
        )
        yield Case(f"block {b}", And(completed(world), block.in_tree), links)


def _untouched(world: World) -> Iterator[Case]:
    clean = Conjunct(
        "no block is written any more", Not(world.untidy), {"written after hand-back": world.untidy}
    )
    yield Case("the tree", completed(world), (clean,))


def _answered(world: World) -> Iterator[Case]:
    done = Conjunct(
        "NdisMTerminateOffloadComplete has been called",
        world.completions >= 1,
        {"completions": world.completions},
    )
    yield Case("the terminate request", world.quiet, (done,))


def _chain_off_connection(world: World) -> Iterator[Case]:
    for b, block in enumerate(world.blocks):
        other = And(completed(world), block.in_tree, block.conn == NULL)
        none = Conjunct(
            "NetBufferListChain is NULL", block.chain == NULL, {"NetBufferListChain": block.chain}
        )
        yield Case(f"block {b}", other, (none,))


def _failed_delegated(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        block = block_of(world, conn)
        failed = And(world.handed_back(conn), block.status == BLOCK_FAILURE)
        empty = Conjunct(
            "no send data is passed for a lost connection",
            block.chain == NULL,
            {"NetBufferListChain": block.chain},
        )
        yield Case(f"connection {c}", failed, (empty,))


PROPERTIES = (
    Property(
        "status.every-block",
        "clause",
        "Before completing, the target writes SUCCESS or FAILURE to the Status of every block in the tree.",
        REMARKS,
        _every_block,
    ),
    Property(
        "status.every-block",
        "clause",
        "Read narrowly: only the blocks linked to the root through NextBlock have their Status written.",
        Source("pages/terminate-offload-sequence.md", "Part 2, step 3"),
        _linked_list,
        reading="linked-list",
    ),
    Property(
        "status.success-true",
        "clause",
        "SUCCESS means that the state object came back; a lost one must not be reported so.",
        REMARKS,
        _success,
    ),
    Property(
        "status.failure-true",
        "clause",
        "FAILURE means that a catastrophic failure lost the state object.",
        REMARKS,
        _failure,
    ),
    Property(
        "status.placeholder",
        "clause",
        "A placeholder is always completed with SUCCESS.",
        Source("pages/placeholders--linkers--and-new-offloads.md", "table, completion status"),
        _placeholder,
    ),
    Property(
        "delegated.written",
        "clause",
        "Where a block says SUCCESS, the delegated structure that follows it has been filled in.",
        REMARKS,
        _delegated,
    ),
    Property(
        "chain.only-on-connections",
        "clause",
        "NetBufferListChain stands on the block of the connection whose data it is, and on no other.",
        Source(SEED, "Remarks, outstanding send data"),
        _chain_off_connection,
    ),
    Property(
        "chain.none-when-lost",
        "clause",
        "A connection whose state is lost has its sends aborted; it passes no chain.",
        Source("pages/returning-the-completion-status-of-a-terminate-offload-operation.md", "step 4"),
        _failed_delegated,
    ),
    Property(
        "complete.same-pointer",
        "clause",
        "The block list handed back is the one that MiniportTerminateOffload received.",
        Source(SEED, "OffloadBlockList"),
        _same_pointer,
    ),
    Property(
        "complete.same-tree",
        "clause",
        "The tree comes back with the links it was passed with.",
        Source("ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md", "Remarks"),
        _same_tree,
    ),
    Property(
        "complete.untouched-after",
        "clause",
        "The blocks belong to the target only until it completes; it does not write them afterwards.",
        Source("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks"),
        _untouched,
    ),
    Property(
        "complete.answered",
        "clause",
        "Every terminate request is completed in the end.",
        Source("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks"),
        _answered,
    ),
)
