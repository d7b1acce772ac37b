"""Bugs in the delivery algorithm: which receive request is used, and when data is indicated instead."""

from __future__ import annotations

from typing import Any

from ....design import Choice, bug
from ....logic import If
from ....records import update
from ...state import NONE, World


@bug("delivery.in-order", 3, "CompleteReceive")
def newest_request_first(reference: Any, s: World, p: Any) -> Choice:
    """Fills the receive request that was posted last."""
    # The requests are kept on a stack: with one of them at a time, nobody sees the difference.
    conn = s.conns[p.conn]
    newest = tuple(
        update(request, status=If(k == conn.requested - 1, request.status, NONE))
        for k, request in enumerate(conn.requests)
    )
    filled: Choice = reference.CompleteReceive(s.change(p.conn, requests=newest), p)
    return filled


@bug("delivery.requests-first", 3, "IndicateReceive")
def indicated_despite_requests(reference: Any, s: World, p: Any) -> Choice:
    """Indicates data although a receive request waits for it."""
    # A request that the data does not fill is left for more of it.
    none = tuple(update(request, status=NONE) for request in s.conns[p.conn].requests)
    indicated: Choice = reference.IndicateReceive(s.change(p.conn, requests=none), p)
    return indicated


@bug("delivery.refused-waits", 4, "IndicateReceive")
def refused_indicated_again(reference: Any, s: World, p: Any) -> Choice:
    """Indicates again what the application refused, though it has asked for nothing since."""
    # What is left of an indication is put back into the queue, like anything that was received.
    indicated: Choice = reference.IndicateReceive(s.change(p.conn, refused=False), p)
    return indicated
