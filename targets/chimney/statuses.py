"""What a request says when it comes back: its status, as the model has it, and where its data starts."""

from __future__ import annotations

from typing import Any

from ...model.chimney import state
from ...model.records import Sort
from .interface import NetBufferList, Status


def _codes(sort: Sort) -> dict[Status, int]:
    """The numbers of those that the model has."""
    return {s: sort.labels.index(s.value) for s in Status if s.value in sort.labels}


REQUEST_CODES, BLOCK_CODES = _codes(state.REQUEST_STATUS), _codes(state.BLOCK_STATUS)


def request_status(status: Any) -> int:
    """The Status of a completed request, in the model's numbers."""
    return REQUEST_CODES.get(status, state.OTHER) if isinstance(status, Status) else state.OTHER


def advanced(nbl: NetBufferList) -> int:
    """By how many bytes the data start was moved; a target may write anything."""
    start: Any = nbl.data_start
    return start if isinstance(start, int) else 0


def block_status(status: Any) -> int:
    """The Status of a block, in the model's numbers."""
    if status is None:
        return state.UNWRITTEN
    return BLOCK_CODES.get(status, state.BLOCK_OTHER) if isinstance(status, Status) else state.BLOCK_OTHER


def answered_status(block: Any) -> int:
    """The Status of a block with which a call on state objects comes back.

    Known limitation: of a target in Python, or a program, that writes none it is taken to be SUCCESS.
    """
    return state.BLOCK_SUCCESS if block.status is None else block_status(block.status)
