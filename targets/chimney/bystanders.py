"""Connections that are offloaded beside those of a run, and on which nothing happens.

They are in no world. That the target takes them over, leaves them alone, and hands them back as they came
is seen here. The host's calls are in :mod:`.more_offloads`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..judging.misbehaviour import kind_of
from .delegated import WINDOWS, TcpDelegatedState
from .interface import BlockList, Segment, Status, TcpEvent

if TYPE_CHECKING:
    from .observed import Observed

KEPT = ("snd_una", "snd_nxt", "snd_max", "snd_wnd", "rcv_nxt", "connection_state")
"""What of a connection on which nothing happens is the same when it comes back."""
ENDED = (TcpEvent.DISCONNECT, TcpEvent.ABORT)


@dataclasses.dataclass(eq=False)
class Bystander:
    """One of them: its block as it was offloaded, that of its path, and that with which it is terminated."""

    offered: BlockList
    path: BlockList
    terminated: BlockList | None = None


class Bystanders:
    """All of a run. ``there`` are offloaded, ``below`` the neighbor and the path of those of each call."""

    def __init__(self) -> None:
        self.there: list[Bystander] = []
        self.below: list[tuple[BlockList, BlockList]] = []
        self.offloading: BlockList | None = None  # the root of a tree whose offload is not completed
        self.leaving: dict[int, list[BlockList]] = {}  # trees that are terminated, by the ids of their roots
        self.contexts: list[Any] = []  # all that there were, and that are of nothing else since
        self.made = 0

    def forget(self, contexts: Sequence[Any]) -> None:
        """These are contexts of new state objects."""
        self.contexts = [one for one in self.contexts if not any(one is new for new in contexts)]

    def initiated(self, root: Any) -> bool:
        """Whether that tree is one of these; it is taken over then."""
        found = self.offloading is not None and root is self.offloading
        self.offloading = None if found else self.offloading
        return found

    def returned(self, root: Any, ndis: Observed) -> bool:
        """Whether that tree is one of these; it is looked at then."""
        blocks = self.leaving.pop(id(root), None)
        if blocks is None:
            return False
        for block in blocks:
            if what := self._wrong(block):
                ndis.complain(f"another connection, on which nothing happened, comes back {what}")
        self.there = [one for one in self.there if one.terminated not in blocks]
        return True

    def _wrong(self, block: BlockList) -> str:
        """What is wrong with a block that came back; "" if nothing is."""
        if block.status is not Status.SUCCESS:
            return f"with {_said(block.status)} as its status"
        one = next((one for one in self.there if one.terminated is block), None)
        if one is None:
            return ""  # a neighbor or a path
        if not isinstance(block.state, TcpDelegatedState):
            return "without its delegated structure"
        if block.net_buffer_list_chain or block.state.buffered_data:
            return "with data"
        before, after = vars(one.offered.state), vars(block.state)
        judged = (name for name in KEPT if name in WINDOWS or after.get(name) is not None)
        told = ((name, before[name], after.get(name)) for name in judged)
        changed = [f"{name} {_said(value)}" for name, was, value in told if value != was]
        return f"with {', '.join(changed)}" if changed else ""

    def speaks(self, ndis: Observed, name: str, handle: Any, wrong: bool) -> bool:
        """Whether *handle* is of one of these; it is *wrong* to call *name* for it, as nothing happened."""
        found = any(one.offered.ndis_offload_handle is handle for one in self.there)
        if found and wrong:
            ndis.complain(f"{name} is called on another connection, on which nothing happened")
        return found

    def frees(self, ndis: Observed, context: Any) -> bool:
        """Whether that is the context of one of these; it is not freed before it is handed back."""
        if any(one.offered.miniport_offload_context is context for one in self.there):
            ndis.complain("free_resources: another connection is freed that was not handed back")
        return any(context is other for other in self.contexts)


def _said(value: Any) -> str:
    """Something that the target wrote, which may be anything."""
    if isinstance(value, Enum):
        return f"{value.value}"
    return f"{value}" if isinstance(value, int) else kind_of(value)


def ends(event: Any) -> bool:
    """Whether an event tells that a connection ended."""
    return event in ENDED


def carries(segment: Any) -> bool:
    """Whether a segment has something that the peer was not sent before."""
    return isinstance(segment, Segment) and bool(segment.payload or segment.fin or segment.rst)
