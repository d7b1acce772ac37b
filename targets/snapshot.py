"""What stands in the tree at the moment it is handed back, as the model's world.

Pointers are found by identity: a buffer that the host never passed on this run becomes
the pointer after the last one, which no property accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.records import update
from ..model.state import NULL, Block, Connection, Delegated, World
from .api import SEQUENCE_SPACE, BlockList, NetBufferList, TcpDelegatedState
from .handed import Handed
from .wire import Line
from .words import block_status, kind_of

Complain = Callable[[str], None]
_SEQUENCES = ("snd_una", "snd_nxt", "snd_max", "rcv_nxt")
_WINDOWS = ("snd_wnd", "rcv_wnd")
LONGEST_CHAIN = 10_000


def members(first: Any, complain: Complain, what: str) -> list[NetBufferList]:
    """The buffers of a linked list; complains where it leads to junk or into a circle."""
    found: list[NetBufferList] = []
    seen: set[int] = set()
    while first is not None:
        if not isinstance(first, NetBufferList):
            complain(f"{what} leads to {kind_of(first)}, which is no NET_BUFFER_LIST")
            break
        if id(first) in seen or len(found) >= LONGEST_CHAIN:
            complain(f"{what} has no end: its Next pointers run in a circle")
            break
        seen.add(id(first))
        found.append(first)
        first = first.next
    return found


class Snapshot:
    """Reads the tree and the buffers into a world. One per NdisMTerminateOffloadComplete."""

    def __init__(self, handed: Handed, lines: list[Line], complain: Complain) -> None:
        self.handed = handed
        self.lines = lines
        self.complain = complain
        self.wrong: set[int] = set()  # connections whose BufferedData the peer never sent

    def take(self, world: World, root: Any) -> tuple[World, int]:
        """The world with the tree as it stands, and the number of the block handed back."""
        blocks = tuple(self._block(b, block) for b, block in enumerate(world.blocks))
        world = update(world, blocks=blocks)
        conns = tuple(
            self._conn(c, conn) if conn.block != NULL else conn for c, conn in enumerate(world.conns)
        )
        if not isinstance(root, BlockList):
            self.complain(f"NdisMTerminateOffloadComplete is passed {kind_of(root)}, which is no block list")
        return update(world, conns=conns), self._block_number(root)

    def _block_number(self, block: Any) -> int:
        if block is None:
            return NULL
        known = (b for b, own in enumerate(self.handed.tree) if own is block)
        return next(known, len(self.handed.tree))

    def _block(self, b: int, block: Block) -> Block:
        given = self.handed.tree[b]
        return update(
            block,
            status=block_status(given.status),
            chain=self.handed.pointer(given.net_buffer_list_chain),
            next_back=self._block_number(given.next_block),
            dependent_back=self._block_number(given.dependent_block_list),
        )

    def _conn(self, c: int, conn: Connection) -> Connection:
        bufs = list(conn.bufs)
        for k, nbl in enumerate(self.handed.sends[c]):
            start = bufs[k].begin + self._number(nbl.data_start, f"the data start of send buffer {k}")
            bufs[k] = update(bufs[k], start=start, next=self.handed.pointer(nbl.next))
        return update(conn, bufs=tuple(bufs), given=self._delegated(c, conn))

    def _delegated(self, c: int, conn: Connection) -> Delegated:
        state = self.handed.states[c]
        if self.handed.tree[conn.block].state is not state:
            self.complain(
                f"connection {c}: the target replaced the delegated structure; it lies behind the block"
            )
        numbers = {n: self._sequence(getattr(state, n), f"connection {c}, {n}") for n in _SEQUENCES}
        sizes = {n: self._number(getattr(state, n) or 0, f"connection {c}, {n}") for n in _WINDOWS}
        start, end = self._buffered(c, conn, state)
        return Delegated(
            written=all(getattr(state, n) is not None for n in (*_SEQUENCES, *_WINDOWS)),
            head=self.handed.pointer(state.send_data_head),
            tail=self.handed.pointer(state.send_data_tail),
            buffered_from=start,
            buffered_to=end,
            **numbers,
            **sizes,
        )

    def _buffered(self, c: int, conn: Connection, state: TcpDelegatedState) -> tuple[int, int]:
        """The positions of BufferedData, found by its bytes."""
        got = conn.peer.app_got
        chain = members(state.buffered_data, self.complain, f"connection {c}: BufferedData")
        data = b"".join(nbl.data for nbl in chain)
        if not data:
            return got, got
        start = self.lines[c].locate(data, got)
        if start is None:
            self.wrong.add(c)
            start = got
        return start, start + len(data)

    def _number(self, value: Any, what: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.complain(f"{what} is {kind_of(value)}, not a number")
        return 0

    def _sequence(self, value: Any, what: str) -> int:
        number = 0 if value is None else self._number(value, what)
        if not 0 <= number < SEQUENCE_SPACE:
            self.complain(f"{what} is {number}, which does not fit in 32 bits; count mod 2^32")
        return number % SEQUENCE_SPACE


def fingerprint(block: BlockList) -> tuple[Any, ...]:
    """Everything of a block and its delegated structure that the host will read."""
    state = block.state
    fields = tuple(vars(state).values()) if state is not None and hasattr(state, "__dict__") else (state,)
    links = (block.next_block, block.dependent_block_list, block.net_buffer_list_chain)
    numbers = (f if isinstance(f, int) else id(f) for f in fields)
    return (id(block.status), id(state), *(id(x) for x in links), *numbers)
