"""A clause that the specification of the chimney lacks, as somebody may write it who wants to close a hole.

    chimneysweep audit --finding sufficiency.send-uploaded-last
    chimneysweep audit --clauses examples/uploaded_last.py --finding sufficiency.send-uploaded-last

The first command tells the hole: some sends are completed, others travel in the chain, and nothing says which
of the two come first. The second one adds the clause below, and says that the hole is closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from chimneysweep.model.chimney.state import PENDING, UPLOAD_IN_PROGRESS, World
from chimneysweep.model.logic import And, all_of
from chimneysweep.properties.property import Case, case, clause, conjunct


@clause("send-complete.uploaded-last", "proposal.md", "Sends that travel in the chain come first")
def uploaded_last(world: World) -> Iterator[Case]:
    """A send completed as NDIS_STATUS_UPLOAD_IN_PROGRESS was posted after every send in the chain."""
    for c, conn in enumerate(world.conns):
        for k, buf in enumerate(conn.bufs):
            uploaded = And(world.handed_back(conn), buf.status == UPLOAD_IN_PROGRESS)
            later = all_of(other.status != PENDING for other in conn.bufs[k + 1 :])
            where = f"connection {c}, send buffer {k}"
            yield case(where, uploaded, conjunct("no later send is chained", later))
