"""The timestamps of the reference target (RFC 7323), and the clock that they count."""

from __future__ import annotations

import dataclasses

from ..delegated import TcpDelegatedState
from ..interface import BlockList, Segment, seq_add, seq_diff


@dataclasses.dataclass
class Clock:
    """The target's clock: ticks, mod 2^32."""

    now: int = 0


class KeptStamps:
    """The timestamps of a connection; ``delta`` is NicDelta (pages/calculating-the-timestamp-delta.md)."""

    def __init__(self, clock: Clock, block: BlockList, offloaded: TcpDelegatedState) -> None:
        self.clock = clock
        self.agreed = bool(block.constant and block.constant.timestamps)
        self.delta = seq_diff(offloaded.ts_time or 0, clock.now)
        self.recent = offloaded.ts_recent or 0
        self.recent_at = seq_add(clock.now, -(offloaded.ts_recent_age or 0))
        self.last_ack = offloaded.rcv_nxt or 0

    def time(self) -> int:
        """The timestamp of now (pages/generating-a-timestamp.md)."""
        return seq_add(self.clock.now, self.delta)

    def put(self, segment: Segment) -> Segment:
        """The segment as it is sent."""
        self.last_ack = segment.ack
        stamp = (self.time(), self.recent) if self.agreed else None
        return dataclasses.replace(segment, timestamp=stamp)

    def take(self, segment: Segment) -> None:
        """Remember a newer timestamp of the peer (RFC 7323, 4.3)."""
        stamp = segment.timestamp
        if stamp and seq_diff(stamp[0], self.recent) >= 0 >= seq_diff(segment.seq, self.last_ack):
            self.recent, self.recent_at = stamp[0], self.clock.now

    def delegate(self, state: TcpDelegatedState) -> None:
        """TsTime, TsRecent and TsRecentAge, for the host to go on with."""
        if self.agreed:
            state.ts_time, state.ts_recent = self.time(), self.recent
            state.ts_recent_age = seq_diff(self.clock.now, self.recent_at)
