"""NET_BUFFER_LISTs on both sides: which Python object stands for which address, and what the driver wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..interface import NetBufferList, Status

ROW = 7
"""CHS_LIST_ROW: the words that tell one buffer."""


class UnknownPointer:
    """A pointer that leads to nothing known. It is never followed."""


UNKNOWN = UnknownPointer()


class Buffers:
    """Every buffer of one scenario. ``miniport_reserved`` of a Python object is its address in C."""

    def __init__(self, statuses: Mapping[int, Status | str | None]) -> None:
        self._statuses = statuses
        self._hosts: dict[int, NetBufferList] = {}
        self._drivers: dict[int, NetBufferList] = {}
        self._arriving: list[tuple[Any, list[NetBufferList]]] = []

    def arrive(self, addresses: Any, buffers: list[NetBufferList]) -> None:
        """The driver is about to get *buffers*; C writes where they are into *addresses* before it does."""
        self._arriving.append((addresses, buffers))

    def arrived(self) -> None:
        """Note the addresses of what arrived."""
        while self._arriving:
            addresses, buffers = self._arriving.pop()
            for n, nbl in enumerate(buffers):
                nbl.miniport_reserved = addresses[n]
                self._hosts[addresses[n]] = nbl

    def find(self, address: int) -> Any:
        """The object at an address; None for NULL."""
        if address <= 0:
            return UNKNOWN if address else None
        return self._hosts.get(address) or self._driver(address)

    def read(self, words: Sequence[int], start: int, data: bytes) -> None:
        """Take over what the rows from ``words[start]`` on tell."""
        self.arrived()
        rows = [words[k : k + ROW] for k in range(start, len(words), ROW)]
        at, found = 0, []
        for address, status, done, _, moved, size, _ in rows:
            nbl = self._hosts.get(address)
            if nbl is None:
                nbl = self._driver(address)
                nbl.memory = bytearray(data[at : at + size])
            elif size:
                nbl.memory[:] = data[at : at + size]
            nbl.status = self._statuses[status]  # type: ignore[assignment]  # a driver may write anything
            nbl.bytes_transferred = done
            nbl.data_start = moved
            at += size
            found.append(nbl)
        for nbl, row in zip(found, rows, strict=True):
            nbl.next = self.find(row[3])

    def placed(self) -> dict[int, NetBufferList]:
        """Every buffer, by its address."""
        return {**self._hosts, **self._drivers}

    def _driver(self, address: int) -> NetBufferList:
        nbl = self._drivers.get(address)
        if nbl is None:
            nbl = self._drivers[address] = NetBufferList()
            nbl.miniport_reserved = address
        return nbl

    def forget(self, address: int) -> None:
        """A buffer of the driver's is its own again; what it indicates next is another object."""
        self._drivers.pop(address, None)


def linked(first: NetBufferList | None) -> list[NetBufferList]:
    """The buffers of a list that the host made or checked."""
    found = []
    while first is not None:
        found.append(first)
        first = first.next
    return found


def layouts(words: Sequence[int]) -> list[list[list[int]]]:
    """Of each buffer that is passed, NET_BUFFER by NET_BUFFER, how many bytes of its data lie in each MDL."""
    rest = iter(words)
    return [[_used([next(rest) for _ in range(next(rest))]) for _ in range(count)] for count in rest]


def _used(sizes: list[int]) -> list[int]:
    """Without the MDLs before the first byte and after the last."""
    holding = [n for n, size in enumerate(sizes) if size]
    return sizes[holding[0] : holding[-1] + 1] if holding else []
