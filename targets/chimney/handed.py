"""What the host handed to the target: buffers, blocks and handles, found again by identity."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

from ...model.chimney.shapes import Node
from ...model.chimney.state import PATH, PLACEHOLDER, TCP
from ...model.tcp.numbers import NULL
from .delegated import TcpDelegatedState
from .interface import BlockList, NetBufferList
from .tree_parts import Termination, Way, links, whole, with_state
from .tree_shapes import TreePlan, connections, gone, linked


@dataclasses.dataclass(frozen=True)
class HandedBuffer:
    """A buffer that the host passed: as what, on which connection, and its number."""

    kind: str
    conn: int
    index: int


class Handed:
    """Every object that passed from the host to the target in one cycle, and before on what stays."""

    def __init__(
        self, plan: TreePlan, conns: int, buffers: int, absent: frozenset[int] = frozenset()
    ) -> None:
        """Connections that are *absent* are not the target's."""
        self.conns = conns
        self.buffers = buffers
        self.handles = [object() for _ in range(conns)]
        self.shape = plan.terminated
        self.offloads = [linked(rows) for rows in plan.offloaded]
        made = itertools.chain.from_iterable(self.offloads)
        self.fresh: list[tuple[Node, BlockList]] = list(zip(plan.nodes, made, strict=True))
        """Every block that is offloaded in this cycle, with its place in the tree."""
        self.blocks = list(self.fresh)
        """The same of all that the target is in charge of; connections have their number."""
        self._own = {node.conn: block for node, block in self.fresh if node.conn != NULL}
        self.former: list[BlockList] = []  # that it was in charge of
        self.refused = absent  # connections that the target did not take over
        self.tree: list[BlockList] = []
        self.terminations: list[Termination] = []  # the calls that terminate it
        self.links: dict[int, tuple[int, int]] = {}  # of its blocks, as they were passed
        self.states: dict[int, TcpDelegatedState] = {}
        self.sends: list[list[NetBufferList]] = [[] for _ in range(conns)]
        self.requests: list[list[NetBufferList]] = [[] for _ in range(conns)]
        self.originals: dict[NetBufferList, bytes] = {}
        self.calls: dict[int, BlockList] = {}
        self.queries: dict[int, BlockList] = {}  # of connections
        self.updates: dict[int, BlockList] = {}  # the same, that are not completed
        self.updated: list[BlockList] = []  # that are
        self.owed: list[BlockList] = []  # calls on connections that were outstanding at the terminate request
        self.forwards = [0] * conns  # forward requests passed so far
        self.forwarding: list[set[int]] = [set() for _ in range(conns)]  # the numbers of those outstanding
        self._known: dict[NetBufferList, HandedBuffer] = {}

    def goes_on(
        self, before: Handed, staying: frozenset[int], going_on: frozenset[int], reuses: bool
    ) -> None:
        """What passed *before* on connections that stay is the target's still; *reuses*: so are handles.

        Those *going_on* are offloaded again, and what is passed on them is counted on.
        """
        for c in range(self.conns) if reuses else staying:
            self.handles[c] = before.handles[c]
        for c in staying:
            self.forwarding[c] = before.forwarding[c]
        for c in staying | going_on:
            self.sends[c], self.requests[c] = before.sends[c], before.requests[c]
            self.forwards[c] = before.forwards[c]
        self._own |= {c: before._own[c] for c in staying}
        for node, block in before.blocks:
            stays = staying.intersection(connections((node,)))
            (self.blocks.append((node, block)) if stays else self.former.append(block))
        self.former += before.former
        self.calls, self.queries = before.calls, before.queries
        self.updates = {c: block for c, block in before.updates.items() if c in staying}
        self.updated = before.updated
        self._known = {nbl: known for nbl, known in before._known.items() if known.conn in staying}
        self.originals = {nbl: before.originals[nbl] for nbl in self._known}

    def queried(self, block: Any) -> int | None:
        """The connection whose query has that block list."""
        return next((c for c, own in self.queries.items() if own is block), None)

    def context(self, conn: int) -> Any:
        """What the target stored for a connection; None for one that it is not in charge of."""
        own = self._own.get(conn)
        return own.miniport_offload_context if own else None

    def contexts(self, layer: int) -> list[Any]:
        """What the target stored for the neighbors or paths of what it took over."""
        kept = (pair for pair in self.blocks if pair[0].layer == layer and not gone(pair[0], self.refused))
        return [block.miniport_offload_context for _, block in kept]

    def refuse(self, refused: frozenset[int], kept: TreePlan) -> None:
        """The target did not take these connections over: what is terminated is as in *kept*."""
        self.refused, self.shape = refused, kept.terminated

    def build_tree(self, way: Way = whole) -> None:
        """The tree for MiniportTerminateOffload, or its parts, with contexts and handles."""
        self.tree = linked(self.shape)
        parts = with_state(self.shape, way(self.shape))
        self.terminations, self.links = [Termination(tuple(part)) for part in parts], links(self.shape, parts)
        for b, (following, below) in self.links.items():
            self.tree[b].next_block = None if following == NULL else self.tree[following]
            self.tree[b].dependent_block_list = None if below == NULL else self.tree[below]
        rank = [0, 0, 0]
        for (node, _, _), block in zip(self.shape, self.tree, strict=True):
            if node.conn != NULL:
                block.miniport_offload_context = self.context(node.conn)
                block.ndis_offload_handle = self.handles[node.conn]
                if block.state is not None:
                    self.states[node.conn] = block.state
            elif node.layer != TCP:
                if not block.placeholder:
                    block.miniport_offload_context = self.contexts(node.layer)[rank[node.layer]]
                rank[node.layer] += 1

    def number(self, block: Any) -> int:
        """The number of a block that is terminated; NULL for none, one after the last for any other."""
        known = (b for b, own in enumerate(self.tree) if own is block)
        return NULL if block is None else next(known, len(self.tree))

    def termination(self, block: Any) -> Termination:
        """The call that the target completes with that block: its own, or the oldest that is outstanding."""
        number = self.number(block)
        own = (one for one in self.terminations if number in one.blocks)
        waiting = (one for one in self.terminations if one.written is None)
        return next(own, next(waiting, self.terminations[-1]))

    def is_back(self, b: int) -> bool:
        """Whether a block of the tree came back."""
        return any(b in one.blocks and one.written is not None for one in self.terminations)

    def is_next(self, b: int) -> bool:
        """Whether a block is to be terminated in a later call than the first, which was made."""
        made = [one.made for one in self.terminations if b in one.blocks]
        return not all(made) and any(one.made for one in self.terminations)

    @property
    def calls_are_next(self) -> bool:
        """Whether the host has made some of the calls by which it terminates, and is to make others."""
        made = {one.made for one in self.terminations}
        return len(made) > 1

    def path_is_next(self) -> bool:
        """Whether that holds of the first path, which is called on."""
        first = next((b for b, (node, _, _) in enumerate(self.shape) if node.layer == PATH), NULL)
        return first != NULL and self.shape[first][0].kind != PLACEHOLDER and self.is_next(first)

    def came_back(self, conn: int) -> bool:
        """Whether a connection came back, though perhaps others that are terminated did not yet."""
        return any(node.conn == conn and self.is_back(b) for b, (node, _, _) in enumerate(self.shape))

    def pass_on(self, nbl: NetBufferList, kind: str, conn: int, index: int) -> NetBufferList:
        """The host passes *nbl* to the target."""
        self._known[nbl] = HandedBuffer(kind, conn, index)
        self.originals[nbl] = bytes(nbl.memory)
        if kind in ("send", "receive"):
            {"send": self.sends, "receive": self.requests}[kind][conn].append(nbl)
        return nbl

    def forward(self, nbl: NetBufferList, conn: int) -> NetBufferList:
        """The host forwards the segment that is in *nbl*."""
        number = self.forwards[conn]
        self.forwards[conn] += 1
        self.forwarding[conn].add(number)
        return self.pass_on(nbl, "forward", conn, number)

    def pass_again(self, nbl: NetBufferList, conn: int, index: int) -> None:
        """The host passes a send that was outstanding before, as *nbl*, with the connection."""
        self._known[nbl] = HandedBuffer("send", conn, index)
        self.originals[nbl] = bytes(nbl.memory)
        self.sends[conn][index] = nbl

    def known(self, nbl: Any) -> HandedBuffer | None:
        """What a buffer is, if the host passed it."""
        return self._known.get(nbl) if isinstance(nbl, NetBufferList) else None

    def passed(self) -> Iterable[tuple[NetBufferList, HandedBuffer]]:
        """Every buffer that the host passed, and what it is."""
        return self._known.items()

    def altered(self, nbl: NetBufferList) -> bool:
        """Whether the memory of a send buffer is no longer what the host put there."""
        return bytes(nbl.memory) != self.originals[nbl]

    def pointer(self, nbl: Any) -> int:
        """A pointer as the model writes it; foreign ones lie past the last buffer."""
        if nbl is None:
            return NULL
        known = self.known(nbl)
        if known is None or known.kind != "send":
            return self.conns * self.buffers
        return known.conn * self.buffers + known.index

    def conn_of(self, handle: Any) -> int | None:
        """The connection of an NdisOffloadHandle."""
        return next((c for c, own in enumerate(self.handles) if own is handle), None)
