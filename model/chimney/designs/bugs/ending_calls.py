"""Bugs in ending what is under way: requests that are never completed, calls that are not awaited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Deed, bug
from ....logic import Value
from ....records import update
from ...state import World


@bug("calls.receive", 5, "end_receives")
def receives_forgotten(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Does not complete the receive requests that are outstanding."""
    # Only sends count as outstanding; posted receive requests are left where they are.
    return []


@bug("calls.disconnect", 5, "end_disconnect")
def disconnect_forgotten(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Does not complete a disconnect request that is outstanding."""
    # A disconnect in progress is left to be finished by whoever sees its FIN acknowledged.
    return []


@bug("calls.forward", 5, "end_forward")
def forward_forgotten(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Does not complete an outstanding forward request."""
    # Forward requests wait in a queue of their own, which draining does not know of.
    return []


@bug("calls.query", 5, "end_state_calls")
def state_calls_forgotten(reference: Any, s: World) -> Sequence[Deed]:
    """Completes no call that invalidates, queries or updates a neighbor or path object."""
    # Draining goes over the connections; a call on the neighbor and path objects above them is overlooked.
    return []


@bug("indications.tcp-event", 5, "returned")
def tcp_event_not_awaited(reference: Any, s: World) -> Value:
    """Does not wait until its calls of NdisTcpOffloadEventHandler have returned."""
    # The tree is filled by another thread while an event handler is still running on a connection.
    return reference.returned(update(s, conns=tuple(update(conn, event=False) for conn in s.conns)))


@bug("indications.receive", 6, "returned")
def receive_not_awaited(reference: Any, s: World) -> Value:
    """Does not wait until its calls of NdisTcpOffloadReceiveHandler have returned."""
    # A receive indication under way counts as delivered; how much the application takes is not awaited.
    return reference.returned(update(s, conns=tuple(update(conn, indication=False) for conn in s.conns)))


@bug("indications.offload-event", 5, "returned")
def adapter_event_not_awaited(reference: Any, s: World) -> Value:
    """Does not wait until its call of NdisMOffloadEventIndicate has returned."""
    # Calls under way are counted for each connection, and an event of the whole adapter is in no count.
    return reference.returned(update(s, event_indication=False))


@bug("indications.status", 5, "returned")
def status_not_awaited(reference: Any, s: World) -> Value:
    """Does not wait until its call of NdisMIndicateStatusEx has returned."""
    # A status indication concerns the adapter and no connection, so the termination does not wait for it.
    return reference.returned(update(s, status_indication=False))
