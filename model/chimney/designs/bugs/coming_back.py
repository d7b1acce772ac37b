"""Bugs in what a request or a call comes back with: its status, and where its data starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....event import Event, Taken
from ....logic import Value
from ...answers import NdisTcpOffloadReceiveComplete, NdisTcpOffloadSendComplete
from ...state import BLOCK_FAILURE, OTHER, SUCCESS, UPLOAD_IN_PROGRESS, Connection, World


def _otherwise(deeds: Sequence[Deed], event: Event, **values: Value) -> list[Deed]:
    """The same deeds, those of one event with other values."""
    return [
        event(deed.when, **{**deed.values, **values})
        if isinstance(deed, Taken) and deed.event is event
        else deed
        for deed in deeds
    ]


@bug("send-complete.advanced", 5, "succeeded")
def sent_data_not_advanced(reference: Any, s: World, c: int, index: Value) -> Deed:
    """Counts the bytes of a send, and leaves its data where it starts."""
    # BytesTransferred is taken to say it all.
    whole = reference.succeeded(s, c, index)
    return _otherwise([whole], NdisTcpOffloadSendComplete, advanced=0)[0]


@bug("receive-complete.advanced", 3, "CompleteReceive")
def received_data_not_advanced(reference: Any, s: World, p: Any) -> Choice:
    """Counts the bytes in a receive request, and leaves its data where it starts."""
    # The host finds the bytes where its buffer begins, so it is left as it is.
    may, deeds = reference.CompleteReceive(s, p)
    return may, _otherwise(deeds, NdisTcpOffloadReceiveComplete, advanced=0)


@bug("send-complete.status", 2, "aborted")
def reset_sends_as_uploaded(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """After an RST returns the sends as if the connection were terminated: the host queues them for ever."""
    # The host will terminate a connection that was reset, and the sends get the status that is for then.
    return _otherwise(reference.aborted(s, c, when), NdisTcpOffloadSendComplete, status=UPLOAD_IN_PROGRESS)


@bug("receive-complete.status", 2, "aborted")
def reset_receives_as_failed(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """After an RST returns the receive requests with a status that they cannot have."""
    # NDIS_STATUS_FAILURE says that it failed, and in NDIS it says so of everything else.
    return _otherwise(reference.aborted(s, c, when), NdisTcpOffloadReceiveComplete, status=OTHER)


@bug("receive-complete.status", 2, "aborted")
def reset_receives_as_success(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """After an RST returns the receive requests as served, without a byte."""
    # No bytes are what the end of a stream looks like, and a reset is taken for one.
    return _otherwise(reference.aborted(s, c, when), NdisTcpOffloadReceiveComplete, status=SUCCESS)


@bug("forward-complete.status", 2, "forward_status")
def forward_as_uploaded(reference: Any, s: World, conn: Connection) -> Value:
    """Returns a forwarded segment as if the connection were terminated, though it was processed."""
    # What drains the queue at termination is used at other times as well.
    return UPLOAD_IN_PROGRESS


@bug("calls.status", 2, "call_status")
def call_as_failed(reference: Any, s: World) -> Value:
    """Fails each call on state objects, though nothing is lost."""
    # Status is set to FAILURE first, and to SUCCESS where something was done; nothing need be.
    return BLOCK_FAILURE
