"""Bugs in the walk through the tree: which blocks it comes to, and what it writes where one is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Deed, bug
from ....logic import And, If, Or, Value, any_of
from ....records import update
from ....tcp.numbers import NULL
from ...state import BLOCK_FAILURE, BLOCK_SUCCESS, PLACEHOLDER, TCP, Block, Connection, World
from ...tree import walk_dependents


@bug("status.every-block", 4, "walked")
def siblings_forgotten(reference: Any, blocks: tuple[Block, ...]) -> list[Value]:
    """Follows DependentBlockList alone, and leaves the Status of siblings unwritten."""
    # The tree is taken for a list of dependents: nobody follows NextBlock.
    return walk_dependents(blocks)


@bug("status.success-true", 5, "status")
def lost_but_success(reference: Any, s: World, block: Block) -> Value:
    """Reports SUCCESS for state objects that the hardware has lost."""
    # Status is set when the walk begins, and nobody looks at the hardware's error flag afterwards.
    return BLOCK_SUCCESS


@bug("guarantee.no-silent-loss", 6, "status")
def lost_connection_success(reference: Any, s: World, block: Block) -> Value:
    """Hands a lost connection back as if it were whole, and the host resumes it."""
    # Losses are looked up in the tables of neighbors and paths; connections have a table of their own.
    return If(And(block.lost, block.layer != TCP), BLOCK_FAILURE, BLOCK_SUCCESS)


@bug("status.failure-true", 5, "status")
def one_loss_fails_all(reference: Any, s: World, block: Block) -> Value:
    """Reports FAILURE for every state object as soon as one of them is lost."""
    # One status is kept for the whole request and copied into every block.
    some = any_of(other.lost for other in s.blocks)
    return If(And(some, block.kind != PLACEHOLDER), BLOCK_FAILURE, BLOCK_SUCCESS)


@bug("status.placeholder", 4, "status")
def placeholder_failed(reference: Any, s: World, block: Block) -> Value:
    """Completes placeholders with FAILURE, since there is no state to hand over."""
    # A block without a state object of its own is taken for one whose object is gone.
    return If(Or(block.lost, block.kind == PLACEHOLDER), BLOCK_FAILURE, BLOCK_SUCCESS)


@bug("chain.none-when-lost", 6, "carries_chain")
def lost_state_chained(reference: Any, s: World, conn: Connection) -> Value:
    """Aborts the sends of a lost connection and hands them over in a chain all the same."""
    # The chain is built from the driver's own list before anybody asks whether the connection is lost.
    return True


@bug("complete.same-tree", 4, "block_back")
def links_cleared(reference: Any, s: World, block: Block) -> Block:
    """Clears NextBlock in the blocks that it has dealt with."""
    # Each block is taken off the tree as it is dealt with, the way one empties a work list.
    return update(reference.block_back(s, block), next_back=NULL)


@bug("calls.send", 6, "given_up")
def lost_sends_forgotten(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Neither aborts nor hands over the sends of a lost connection."""
    # A lost connection is skipped as a whole, its sends included.
    return []
