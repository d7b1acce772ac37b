"""What stands in the tree at the moment it is handed back, as the model's world.

Pointers are found by identity: a buffer that the host never passed on this run becomes
the pointer after the last one, which no property accepts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ...model.chimney.state import Connection, Delegated, World
from ...model.chimney.tree import ROOT
from ...model.logic import serial
from ...model.tcp.peer import is_over
from ...model.tcp.states import connection_state
from ..judging.hand_back import HandBack
from ..judging.misbehaviour import kind_of
from .delegated import ALL_MEMBERS, TcpDelegatedState, TcpState, widest_window
from .handed import Handed
from .interface import SEQUENCE_SPACE, BlockList, NetBufferList, Status
from .statuses import block_status
from .tree_parts import Termination
from .wire_bytes import WireBytes

Complain = Callable[[str], None]
_OFFLOADED = Delegated()
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


def as_number(value: Any, complain: Complain, what: str, *names: Any) -> int:
    """A number; *what* and *names* say whose it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    complain(f"{what.format(*names)} is {kind_of(value)}, not a number")
    return 0


class Snapshot:
    """Reads a tree and the buffers. One per NdisMTerminateOffloadComplete."""

    def __init__(
        self, handed: Handed, lines: list[WireBytes], complain: Complain, renewed: Collection[int] = ()
    ) -> None:
        """*renewed*: connections that may be closed, since a SYN was numbered as the next byte."""
        self.handed = handed
        self.renewed = renewed
        self.lines = lines
        self.complain = complain
        self.options: list[str] = []  # what is wrong with what was agreed on
        self.wrong: set[int] = set()  # connections whose BufferedData the peer never sent

    def take(self, world: World, part: Termination, root: Any) -> HandBack:
        """A part of the tree as it stands; *world* is the world as it is handed back."""
        blocks = [self._block(b) for b in part.blocks]
        mine = [(c, conn) for c, conn in enumerate(world.conns) if conn.block in part.blocks]
        sends, given = {}, {}
        for c, conn in mine:
            sends[c] = self._sends(c, conn)
            given[c] = self._delegated(c, conn)
        if not isinstance(root, BlockList):
            self.complain(f"NdisMTerminateOffloadComplete is passed {kind_of(root)}, which is no block list")
        number = self.handed.number(root)
        return HandBack(ROOT if number == part.blocks[0] else number, blocks, sends, given)

    def _block(self, b: int) -> dict[str, int]:
        given, (_, following, below) = self.handed.tree[b], self.handed.shape[b]
        passed = self.handed.links[b]
        return {
            "status": block_status(given.status),
            "chain": self.handed.pointer(given.net_buffer_list_chain),
            "next_back": self._link(given.next_block, passed[0], following),
            "dependent_back": self._link(given.dependent_block_list, passed[1], below),
        }

    def _link(self, block: Any, passed: int, whole: int) -> int:
        """Where a link leads that led to *passed*, and in the *whole* tree further; elsewhere it is wrong."""
        number = self.handed.number(block)
        if number == passed:
            return whole
        return len(self.handed.tree) if number == whole else number

    def _sends(self, c: int, conn: Connection) -> list[dict[str, int]]:
        found = []
        for k, nbl in enumerate(self.handed.sends[c]):
            start = conn.bufs[k].begin + self._number(nbl.data_start, "the data start of send buffer {}", k)
            found.append({"start": start, "next": self.handed.pointer(nbl.next)})
        return found

    def _delegated(self, c: int, conn: Connection) -> dict[str, int | bool]:
        state = self.handed.states[c]
        if self.handed.tree[conn.block].state is not state:
            self.complain(
                f"connection {c}: the target replaced the delegated structure; it lies behind the block"
            )
        numbers = {n: self._sequence(getattr(state, n), "connection {}, {}", c, n) for n in _SEQUENCES}
        sizes = {n: self._number(getattr(state, n) or 0, "connection {}, {}", c, n) for n in _WINDOWS}
        start, end = self._buffered(c, conn, state)
        if self._is_alive(conn) and state.snd_una is not None:
            self._beside(c, conn, state)
        return {
            "written": all(getattr(state, n) is not None for n in (*_SEQUENCES, *_WINDOWS)),
            "head": self.handed.pointer(state.send_data_head),
            "tail": self.handed.pointer(state.send_data_tail),
            "buffered_from": start,
            "buffered_to": end,
            **numbers,
            **sizes,
            **{n: self._member(c, conn, n, getattr(state, n)) for n in ALL_MEMBERS},
        }

    def _is_alive(self, conn: Connection) -> bool:
        return self.handed.tree[conn.block].status is Status.SUCCESS and not is_over(conn)

    def _beside(self, c: int, conn: Connection, state: TcpDelegatedState) -> None:
        """What no model has: timestamps, and the largest window."""
        options = self.lines[c].options
        if options and options.stamps:
            self.options += [f"connection {c}: {what}" for what in options.stamps.handed_back(state)]
        if what := widest_window(state, self.lines[c].offered, conn.peer.wnd):
            self.complain(f"connection {c}: {what}")

    def _member(self, c: int, conn: Connection, name: str, value: Any) -> int:
        """A member that a target need not know of: where it wrote none, what would be right."""
        closed = name == "connection_state" and value == TcpState.CLOSED and c in self.renewed
        if value is not None and not closed:
            return self._number(value, "connection {}, {}", c, name)
        if name == "connection_state":
            after = serial(conn.irn + conn.peer.arrived + 1)
            fin = conn.peer.fin and self.handed.states[c].rcv_nxt == after
            return int(connection_state(conn, conn.peer.acked, conn.peer.sent, fin))
        runs = name == "retransmit_delta" and conn.peer.acked < conn.peer.sent
        return 0 if runs else int(getattr(_OFFLOADED, name))

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

    def _number(self, value: Any, what: str, *names: Any) -> int:
        return as_number(value, self.complain, what, *names)

    def _sequence(self, value: Any, what: str, *names: Any) -> int:
        number = 0 if value is None else self._number(value, what, *names)
        if not 0 <= number < SEQUENCE_SPACE:
            text = what.format(*names)
            self.complain(f"{text} is {number}, which does not fit in 32 bits; count mod 2^32")
        return number % SEQUENCE_SPACE


class Seals:
    """What the host will read of the blocks that were handed back, to see which one is written again.

    Most often none was: then all objects are the same ones, and no value need be compared.
    """

    def __init__(self, numbered: Mapping[int, BlockList]) -> None:
        """The blocks by their numbers."""
        self._numbered, blocks = numbered, tuple(numbered.values())
        self._held = [_members(block) for block in blocks]
        parts = [*blocks, *(block.state for block in blocks)]
        self._views = [vars(part).values() for part in parts if hasattr(part, "__dict__")]
        self._kept = self._all()  # keeps the objects alive, and so their ids apart
        self._same = list(map(id, self._kept))

    def __reduce__(self) -> tuple[type[Seals], tuple[Mapping[int, BlockList]]]:
        return Seals, (self._numbered,)

    def _all(self) -> list[Any]:
        return list(itertools.chain.from_iterable(self._views))

    def broken(self) -> list[int]:
        """The numbers of the blocks that are not what they were."""
        if list(map(id, self._all())) == self._same:
            return []
        pairs = zip(self._numbered.items(), self._held, strict=True)
        return [b for (b, block), held in pairs if _values(_members(block)) != _values(held)]


def _members(block: BlockList) -> tuple[Any, ...]:
    state = block.state
    links = (block.status, state, block.next_block, block.dependent_block_list, block.net_buffer_list_chain)
    return (*links, *vars(state).values()) if hasattr(state, "__dict__") else links


def _values(members: tuple[Any, ...]) -> list[int]:
    return [member if isinstance(member, int) else id(member) for member in members]
