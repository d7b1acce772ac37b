"""The replays that the examples name: from an example's circumstances to what they come to."""

from __future__ import annotations

from collections.abc import Mapping

from ...audited import Replay
from . import delivery, layouts, send_data, sequences, timing, trees

REPLAYS: Mapping[str, Replay] = {
    "MDL chain": send_data.mdl_chain,
    "segments": send_data.segments,
    "buffered": delivery.buffered,
    "refused": delivery.refused,
    "push timer": delivery.push_timer,
    "push expiry": delivery.push_expiry,
    "delivery": delivery.delivery,
    "block kinds": trees.kinds,
    "traversal": trees.traversal,
    "statuses": trees.statuses,
    "timestamps": timing.timestamps,
    "persist": timing.persist,
    "shared storage": layouts.shared,
    "members": layouts.members,
    "calls": sequences.calls,
    "termination": sequences.termination,
}
