"""A hand-off algorithm for the TCP chimney: sends in flight go back one by one, the rest in the chain.

The documents allow both ways for a send that is not acknowledged: complete it with
NDIS_STATUS_UPLOAD_IN_PROGRESS, or leave it in the chain. This design uses both. What was transmitted may have
to be transmitted again, and that is the host's business, so it is completed; what was never transmitted
stays in the chain, from which the host goes on sending.

    chimneysweep check --design examples/both_ways.py

There is a mistake in it: docs/own-design.md finds it, mends it, and proves the rest.
"""

from __future__ import annotations

from typing import Any

from chimneysweep.model.chimney.answers import NdisTcpOffloadSendComplete, acknowledged_part
from chimneysweep.model.chimney.state import PENDING, UPLOAD_IN_PROGRESS
from chimneysweep.model.design import remember
from chimneysweep.model.logic import And, Not, count
from chimneysweep.properties.chimney.subject import CHIMNEY


def complete_acknowledged(design: Any, s: Any, c: int, when: Any) -> list[Any]:
    """What the reference completes at this point, and then every send that is in flight."""
    conn = s.conns[c]
    done = design.complete_acknowledged(s, c, when)
    here = And(when, Not(s.lost(conn)))
    in_flight = [
        And(here, buf.status == PENDING, conn.own.una < buf.end, buf.begin < conn.own.max)
        for buf in conn.bufs
    ]
    back = [
        NdisTcpOffloadSendComplete(
            in_flight[k],
            conn=c,
            buffer=k,
            status=UPLOAD_IN_PROGRESS,
            bytes=acknowledged_part(buf, conn.own.una),
            advanced=acknowledged_part(buf, conn.own.una),
        )
        for k, buf in enumerate(conn.bufs)
    ]
    gone = [And(here, buf.status == PENDING, buf.begin < conn.own.max) for buf in conn.bufs]
    return [*done, *back, remember("conns", c, "own", when=when, first=conn.own.first + count(gone))]


BOTH_WAYS = CHIMNEY.the_reference.but(
    "both-ways",
    "Completes what is in flight with NDIS_STATUS_UPLOAD_IN_PROGRESS, and chains the rest.",
    complete_acknowledged=complete_acknowledged,
)
