"""What passes as JSON: buffers, trees and segments, each way.

Objects have numbers where C has pointers. The checker numbers what it passes (buffers and
blocks together, from 1 in each run); the program names buffers of its own with strings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NoReturn

from ...judging.misbehaviour import NONSENSE, Misbehaved, kind_of
from ..delegated import NUMBERS, TcpDelegatedState
from ..interface import BlockList, NetBufferList, Segment, Status, TcpEvent

STATUSES = {status.value: status for status in Status}
EVENTS = {event.value: event for event in TcpEvent}
POINTERS = ("send_data_head", "send_data_tail")
LINKS = ("next_block", "dependent_block_list")


def nonsense(what: str) -> NoReturn:
    """The program sent something that cannot be understood: the run ends."""
    raise Misbehaved(NONSENSE, what)


def field(data: Any, name: str, what: str) -> Any:
    """A member of a JSON object."""
    if not isinstance(data, dict):
        nonsense(f"{what} is {kind_of(data)}, where a JSON object belongs")
    if name not in data:
        nonsense(f"{what} lacks the member {name!r}")
    return data[name]


def octets(data: Any, what: str) -> bytes:
    """Bytes, written as hexadecimal digits."""
    try:
        return bytes.fromhex(data)
    except (TypeError, ValueError):
        nonsense(f"{what} is {kind_of(data)}, where bytes as hexadecimal digits belong")


def segment_json(segment: Segment) -> dict[str, Any]:
    """A segment as JSON data."""
    data = {f.name: getattr(segment, f.name) for f in dataclasses.fields(segment)}
    return {**data, "payload": segment.payload.hex(), "sack": [list(pair) for pair in segment.sack]}


def segment_from(data: Any, what: str) -> Segment:
    """A segment that the program sends; its numbers are judged elsewhere."""
    seq, ack, window = (field(data, name, what) for name in ("seq", "ack", "window"))
    payload = octets(data.get("payload", ""), f"{what}: payload")
    sack = data.get("sack", [])
    if not isinstance(sack, list) or not all(isinstance(p, list) and len(p) == 2 for p in sack):
        nonsense(f"{what}: sack is {kind_of(sack)}, where a list of pairs belongs")
    stamp: Any = data.get("timestamp")
    if stamp is not None and not (isinstance(stamp, list) and len(stamp) == 2):
        nonsense(f"{what}: timestamp is {kind_of(stamp)}, where null or a pair of numbers belongs")
    fin, rst = (data.get(name) is True for name in ("fin", "rst"))
    timestamp = None if stamp is None else (stamp[0], stamp[1])
    return Segment(seq, ack, window, payload, fin, rst, tuple((a, b) for a, b in sack), timestamp)


class ProgramObjects:
    """The objects of one run, by number or name."""

    def __init__(self) -> None:
        self.numbered: list[Any] = []
        self.own: dict[str, NetBufferList] = {}
        self.contexts: dict[str | int, Context] = {}

    def number(self, thing: Any) -> int:
        """The number of a buffer, a block or a handle; a new one if it has none."""
        for k, known in enumerate(self.numbered):
            if known is thing:
                return k + 1
        self.numbered.append(thing)
        return len(self.numbered)

    def at(self, number: Any, kind: type, what: str) -> Any:
        """What has the number, which must be a *kind*."""
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole or not 0 < number <= len(self.numbered):
            nonsense(f"{what} is {kind_of(number)}, a number that nothing has")
        found = self.numbered[number - 1]
        if not isinstance(found, kind):
            nonsense(f"{what} is {number}, the number of something else")
        return found

    # -- contexts --------------------------------------------------------------------

    def context(self, value: Any, what: str) -> Context | None:
        """The PVOID that stands for a JSON string or number; None for null."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            nonsense(f"{what} is {kind_of(value)}, where a string, an integer or null belongs")
        return self.contexts.setdefault(value, Context(value))

    # -- buffers ---------------------------------------------------------------------

    def buffers(self, first: NetBufferList | None) -> list[Any]:
        """A linked list of buffers, as they go to the program."""
        return [self._buffer(nbl) for nbl in _linked(first)]

    def _buffer(self, nbl: NetBufferList) -> dict[str, Any]:
        own = next((name for name, known in self.own.items() if known is nbl), None)
        data = {"id": own or self.number(nbl), "length": nbl.data_length, "data": nbl.data.hex()}
        if nbl.no_push:
            data["no_push"] = True
        return data if nbl.segment is None else {**data, "segment": segment_json(nbl.segment)}

    def linked(self, items: Any, what: str) -> NetBufferList | None:
        """A linked list that the program passes: each with what it has written."""
        if not isinstance(items, list):
            nonsense(f"{what} is {kind_of(items)}, where a list of buffers belongs")
        found = [self._written(item, f"{what}[{k}]") for k, item in enumerate(items)]
        for nbl, following in zip(found, [*found[1:], None], strict=False):
            nbl.next = following
        return found[0] if found else None

    def _written(self, item: Any, what: str) -> NetBufferList:
        name = field(item, "id", what)
        if isinstance(name, str) and "data" in item:
            self.own[name] = NetBufferList(octets(item["data"], f"{what}: data"))
        nbl = self._named(name, what)
        if not isinstance(name, str) and "data" in item:
            _fill(nbl, octets(item["data"], f"{what}: data"), what)
        if "status" in item:
            nbl.status = STATUSES.get(str(item["status"]), item["status"])
        nbl.bytes_transferred = item.get("bytes_transferred", nbl.bytes_transferred)
        nbl.data_start += _whole(item.get("advance", 0), f"{what}: advance")
        return nbl

    def _named(self, name: Any, what: str) -> NetBufferList:
        """A buffer by its number, or one of the program's own, made when it is first named."""
        if not isinstance(name, str):
            found: NetBufferList = self.at(name, NetBufferList, f"{what}: id")
            return found
        return self.own.setdefault(name, NetBufferList())

    # -- trees -----------------------------------------------------------------------

    def tree(self, block: BlockList | None) -> Any:
        """A tree, as it goes to the program."""
        if block is None:
            return None
        return {
            "id": self.number(block),
            "type": block.type.value,
            "placeholder": block.placeholder,
            "context": block.miniport_offload_context and block.miniport_offload_context.value,
            "handle": block.ndis_offload_handle and self.number(block.ndis_offload_handle),
            "state": block.state and self._state(block.state),
            "net_buffer_list_chain": self.buffers(block.net_buffer_list_chain),
            "constant": block.constant and dataclasses.asdict(block.constant),
            "cached": block.cached and dataclasses.asdict(block.cached),
            "next_block": self.tree(block.next_block),
            "dependent_block_list": self.tree(block.dependent_block_list),
        }

    def _state(self, state: TcpDelegatedState) -> dict[str, Any]:
        numbers = {name: getattr(state, name) for name in NUMBERS}
        received = self.buffers(state.buffered_data)
        return {**numbers, "buffered_data": received} if received else numbers

    def written(self, items: Any, what: str) -> None:
        """The blocks that the program has written to, with the members it wrote."""
        if not isinstance(items, list):
            nonsense(f"{what} is {kind_of(items)}, where a list of blocks belongs")
        for k, item in enumerate(items):
            place = f"{what}[{k}]"
            self._write(self.at(field(item, "id", place), BlockList, f"{place}: id"), item, place)

    def _write(self, block: BlockList, item: dict[str, Any], what: str) -> None:
        if "status" in item:
            block.status = STATUSES.get(str(item["status"]), item["status"])
        if "context" in item:
            block.miniport_offload_context = self.context(item["context"], f"{what}: context")
        if "net_buffer_list_chain" in item:
            block.net_buffer_list_chain = self.linked(item["net_buffer_list_chain"], f"{what}: chain")
        for name in LINKS:
            if name in item:
                link = item[name]
                setattr(block, name, link and self.at(link, BlockList, f"{what}: {name}"))
        if "state" in item:
            self._delegate(block, item["state"], f"{what}: state")

    def _delegate(self, block: BlockList, data: Any, what: str) -> None:
        if block.state is None or not isinstance(data, dict):
            nonsense(f"{what} is {kind_of(data)}, or the block has none that could be written")
        self._numbers(block.state, data)
        for name in POINTERS:
            if data.get(name) is not None:
                setattr(block.state, name, self._named(data[name], f"{what}: {name}"))
        if data.get("buffered_data"):
            block.state.buffered_data = self.linked(data["buffered_data"], f"{what}: buffered_data")

    def _numbers(self, state: TcpDelegatedState, data: dict[str, Any]) -> None:
        for name in NUMBERS:
            if name in data:
                setattr(state, name, data[name])


class Context:
    """What a MiniportOffloadContext points to: a value that means something to the program."""

    def __init__(self, value: str | int) -> None:
        self.value = value


def _fill(nbl: NetBufferList, data: bytes, what: str) -> None:
    if len(data) > nbl.data_length:
        nonsense(f"{what}: {len(data)} bytes are written into a buffer of {nbl.data_length}")
    nbl.fill(data)


def _whole(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        nonsense(f"{what} is {kind_of(value)}, where a number of bytes belongs")
    return value


def _linked(first: NetBufferList | None) -> Iterator[NetBufferList]:
    while first is not None:
        yield first
        first = first.next
