"""What is linked by Next."""

from __future__ import annotations

from ..interface import NetBufferList


def copied(nbl: NetBufferList | None) -> bytes:
    """The data of a linked list."""
    return nbl.data + copied(nbl.next) if nbl else b""
