"""The send backlog that a target likes: it does not vary with what is posted.

Two queries are compared between which nothing happened but that the host posted sends, after all was at rest:
neither a round trip, nor a window, nor anything that a target had put off can have changed it.
Source: ddi/ns-ndischimney-_tcp_offload_state_delegated.md, SendBacklogSize.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.chimney import afterwards, calls, only_seen, querying

if TYPE_CHECKING:
    from .observed import Observed
    from .stage import NdisStage

POSTED = frozenset(
    event.name
    for event in (
        *(afterwards.Quiet, only_seen.GoesOn, calls.MiniportTcpOffloadSend),
        *(querying.MiniportQueryOffload, querying.NdisMQueryOffloadStateComplete),
    )
)
"""What may happen between two queries that are compared."""


def rested(stage: NdisStage) -> None:
    """Everything has come to rest."""
    stage.ndis.rested, stage.ndis.backlogs = len(stage.judge.names), {}


def varied(ndis: Observed, c: int, size: int) -> str:
    """How the size that a query of connection *c* tells differs from the one before; "" if it does not."""
    rest, conn = ndis.rested, ndis.monitor.world.conns[c]
    if rest is None or not POSTED.issuperset(ndis.monitor.names[rest:]):
        return ""
    before, total = ndis.backlogs.setdefault(c, (size, int(conn.total)))
    posted = conn.total - total
    return f"SendBacklogSize is {size}; it was {before} before {posted} bytes were posted" * (size != before)
