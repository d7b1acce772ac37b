"""Status values of the target's interface, as the model has them."""

from __future__ import annotations

from typing import Any

from ...model.chimney import state
from ..judging.events import REQUEST_CODES
from .interface import Status

BLOCK_CODES = {Status.SUCCESS: state.BLOCK_SUCCESS, Status.FAILURE: state.BLOCK_FAILURE}


def request_status(status: Any) -> str:
    """The Status of a completed request, by the name that the model has for it."""
    name = status.value if isinstance(status, Status) else "other"
    return name if name in REQUEST_CODES else "other"


def block_status(status: Any) -> int:
    """The Status of a block, in the model's numbers."""
    if status is None:
        return state.UNWRITTEN
    return BLOCK_CODES.get(status, state.BLOCK_OTHER) if isinstance(status, Status) else state.BLOCK_OTHER
