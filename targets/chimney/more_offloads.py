"""The host offloads more connections than those of the run, on which nothing happens, and takes them back.

Sources: ddi/nc-ndischimney-w_initiate_offload_handler.md; pages/terminate-offload-sequence.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ...model.chimney.state import OFFLOADED, Delegated
from ..judging.misbehaviour import NONSENSE
from .amounts import up_to
from .bystanders import Bystander
from .delegated import ALL_MEMBERS, TcpConstState, TcpDelegatedState, TcpState
from .interface import BlockList, StateType
from .move_kinds import Happens, Move, move
from .stage import NdisStage

MOST = 4
"""More than one come in a call, at most: a table with room for that many is too small."""
AT_ONCE = 8
"""So many are offloaded at a time, at most."""
START, APART = 500_000_000, 1_000_003
"""Where the sequence numbers of the first one are, and how far from those the next one's."""
RUNS = 8
"""How often the target gets time for what it puts off, and nothing comes of it."""


def _linked(blocks: Sequence[BlockList]) -> None:
    for block, following in itertools.pairwise(blocks):
        block.next_block = following


def _connection(number: int) -> BlockList:
    """A new offload of a connection that is established, each with numbers of its own."""
    at = START + number * APART
    members = {name: getattr(Delegated(), name) for name in ALL_MEMBERS}
    members |= {"connection_state": TcpState.ESTABLISHED, "snd_wl1": at + 1, "max_snd_wnd": 5000}
    state = TcpDelegatedState(at, at, at, 5000, at + 1, 10_000, **members)
    block = BlockList(StateType.TCP, ndis_offload_handle=object(), state=state)
    block.constant = TcpConstState(2, 1, False, True)
    return block


def come(stage: NdisStage, count: int) -> None:
    """MiniportInitiateOffload: so many on a path and a neighbor of their own; the target may refuse some."""
    others = stage.ndis.bystanders
    neighbor, path = (
        BlockList(kind, ndis_offload_handle=object()) for kind in (StateType.NEIGHBOR, StateType.PATH)
    )
    fresh = [_connection(others.made + k) for k in range(count)]
    others.made += count
    neighbor.dependent_block_list, path.dependent_block_list = path, fresh[0]
    _linked(fresh)
    others.offloading = neighbor
    others.there += [Bystander(block, path) for block in fresh]
    stage.call("miniport_initiate_offload", neighbor)
    stage.call("run")
    for _ in range(RUNS):
        if others.offloading:
            stage.call("run")
    if others.offloading:
        stage.stop(NONSENSE, "the initiate request of other connections is never completed with its root")
    _taken(stage, [neighbor, path, *fresh])


def _taken(stage: NdisStage, blocks: Sequence[BlockList]) -> None:
    """Their offload is completed: those of which the target stored a context are its own."""
    others, (neighbor, path) = stage.ndis.bystanders, blocks[:2]
    stored = (block.miniport_offload_context for block in blocks)
    contexts = [context for context in stored if context is not None]
    stage.ndis.forget_freed(contexts)
    others.contexts += contexts
    others.there = [one for one in others.there if one.offered.miniport_offload_context is not None]
    below = [block for block in (neighbor, path) if block.miniport_offload_context is not None]
    if len(below) == 2:
        others.below.append((neighbor, path))
    elif len(contexts) > len(below):
        stage.stop(NONSENSE, "the target took other connections over, and not what is below them")


def _again(block: BlockList) -> BlockList:
    """The block with which the host terminates what it offloaded with another one."""
    state = TcpDelegatedState() if block.type is StateType.TCP else None
    context, handle = block.miniport_offload_context, block.ndis_offload_handle
    return BlockList(block.type, miniport_offload_context=context, ndis_offload_handle=handle, state=state)


def go(stage: NdisStage, leaving: Sequence[Bystander]) -> None:
    """MiniportTerminateOffload for these, beside each other; the target takes the time that it needs."""
    blocks = [_again(one.offered) for one in leaving]
    for one, block in zip(leaving, blocks, strict=True):
        one.terminated = block
    _linked(blocks)
    _terminate(stage, blocks[0], blocks)


def _terminate(stage: NdisStage, root: BlockList, blocks: list[BlockList]) -> None:
    stage.ndis.bystanders.leaving[id(root)] = blocks
    stage.call("miniport_terminate_offload", root)


def all_go(stage: NdisStage) -> None:
    """The host takes back all that are left, in a tree with what they stand on."""
    others = stage.ndis.bystanders
    roots, blocks = list[BlockList](), list[BlockList]()
    for offered in others.below:
        neighbor, path = map(_again, offered)
        left = [one for one in others.there if one.path is offered[1] and one.terminated is None]
        for one in left:
            one.terminated = _again(one.offered)
        above = [one.terminated for one in left if one.terminated]
        _linked(above)
        neighbor.dependent_block_list, path.dependent_block_list = path, above[0] if above else None
        roots.append(neighbor)
        blocks += [neighbor, path, *above]
    _linked(roots)
    if roots:
        _terminate(stage, roots[0], blocks)
    waits = 0
    while others.leaving and waits < RUNS:
        before = len(others.leaving)
        stage.call("run")
        waits = waits + 1 if len(others.leaving) == before else 0
    if others.leaving and not stage.breaches:
        stage.ndis.complain("the terminate request of other connections is never completed")
    others.leaving, others.below = {}, []


def _may(stage: NdisStage) -> bool:
    """Whether the host makes a call of its own now."""
    return stage.judge.world.phase == OFFLOADED and not (stage.inside or stage.interruption)


@move("others come", n=up_to(MOST), alone=False, whole=True)
def others_come(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host offloads another connection, and {n} more beside it, on which nothing happens"""
    count = 1 + max(0, move.n) % (MOST + 1)
    if _may(stage) and len(stage.ndis.bystanders.there) + count <= AT_ONCE:
        come(stage, count)


@move("others go", n=up_to(MOST), m=up_to(1), alone=False, whole=True)
def others_go(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host terminates the offload of one of the others, number {n} from 0, and ({m}=1) of all after it"""
    left = [one for one in stage.ndis.bystanders.there if one.terminated is None]
    if left and _may(stage):
        at = max(0, move.n) % len(left)
        go(stage, left[at:] if move.m else left[at : at + 1])
