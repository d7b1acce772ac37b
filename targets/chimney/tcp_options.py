"""What both ends of a connection agreed on, as far as it shows in segments: timestamps and SACK.

Timestamps count ticks mod 2^32. Sources: ddi/ns-ndischimney-_tcp_offload_state_const.md, Flags;
pages/generating-and-using-timestamps.md; RFC 7323, sections 3.2, 4.3 (TS.Recent) and 5 (PAWS); RFC 2018.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ...model.tcp.numbers import MAX_WINDOW
from .delegated import TcpDelegatedState
from .interface import Segment, seq_add, seq_diff

TS_TIME, TS_RECENT = 1_500_000_000, 2**32 - 3
"""At the first offload: the time of this side, far ahead of a clock that begins at 0, and of the peer."""
TS_AGE = 50
"""Ticks before the first offload, the peer's timestamp of then was received."""


@dataclasses.dataclass
class Stamps:
    """The timestamps of a connection: this side's newest; of the peer's, the first and last to be echoed.

    The peer's ``newest`` may be one of a segment behind a hole, which is not echoed. A segment that the peer
    sent, and by which TS.Recent grows as soon as it is acknowledged, ends at ``pending``, a sequence number,
    and has the timestamp ``candidate``. ``now`` counts ticks; each timestamp came ``at`` a time; ``data`` is
    that of the first segment with data since the offload.
    """

    sent: int = TS_TIME
    least: int = TS_RECENT
    most: int = TS_RECENT
    newest: int = TS_RECENT
    now: int = 0
    at: dict[int, int] = dataclasses.field(default_factory=lambda: {TS_RECENT: -TS_AGE})
    data: int | None = None
    pending: int | None = None
    candidate: int = 0

    def wrong(self, stamp: tuple[int, int] | None, ack: int) -> Iterator[str]:
        """What is wrong with the timestamps (TSval, TSecr) of a segment that acknowledges up to *ack*."""
        if stamp is None:
            yield "has no timestamp, and both ends agreed on timestamps"
            return
        if self.pending is not None and seq_diff(ack, self.pending) >= 0:
            self.least, self.pending = self.candidate, None
        if seq_diff(stamp[0], self.sent) < 0:
            yield f"has the timestamp {stamp[0]}, and {self.sent} was before it: the peer drops it (PAWS)"
        else:
            self.sent = stamp[0]
        if not self._is_recent(stamp[1]):
            yield f"echoes the timestamp {stamp[1]}, and the peer's last were {self.least} to {self.most}"
        else:
            self.least = stamp[1]  # TS.Recent never goes back

    def _is_recent(self, stamp: int) -> bool:
        return 0 <= seq_diff(stamp, self.least) <= seq_diff(self.most, self.least)

    def offloaded(self) -> int:
        """TsRecentAge of a connection that is offloaded now."""
        self.pending = None  # what was not acknowledged, the host has taken meanwhile
        self.data = None
        self.at = {self.least: self.at.get(self.least, self.now)}
        return self.now - self.at[self.least]

    def of_peer(self, segment: Segment, acknowledged: int, arrived: int) -> Segment:
        """The peer's segment with its timestamps; it had an acknowledgement up to *acknowledged*.

        *arrived*: what came in order ends there. All three are sequence numbers.
        """
        self.newest = seq_add(self.newest, 1)
        self.at[self.newest] = self.now
        if segment.payload and self.data is None:
            self.data = self.newest
        if seq_diff(segment.seq, arrived) <= 0:
            self.most = self.newest
        end = seq_add(segment.seq, len(segment.payload) + int(segment.fin))
        inside = seq_diff(segment.seq, acknowledged) <= 0 < seq_diff(end, acknowledged)
        if inside and self.pending is None:
            self.pending, self.candidate = end, self.newest
        return dataclasses.replace(segment, timestamp=(self.newest, self.sent))

    def handed_back(self, state: TcpDelegatedState) -> Iterator[str]:
        """What is wrong with TsTime and TsRecent as they come back; None is not judged."""
        if state.ts_time is not None:
            if seq_diff(state.ts_time, self.sent) < 0:
                yield f"TsTime is {state.ts_time}, and the timestamp {self.sent} was sent before"
            else:
                self.sent = state.ts_time
        if state.ts_recent is not None and not self._is_recent(state.ts_recent):
            yield f"TsRecent is {state.ts_recent}, and the peer's last were {self.least} to {self.most}"
        elif wrong := self._wrong_age(state):
            yield wrong

    def _wrong_age(self, state: TcpDelegatedState) -> str:
        """What is wrong with TsRecentAge; "" if nothing is, or nobody can tell.

        A target may take a segment later than it came, and reads its clock at some time of a tick.
        """
        if state.ts_recent_age is None or state.ts_recent not in self.at:
            return ""
        most = self.now - self.at[state.ts_recent]
        least = most if len(self.at) == 1 else 0
        if least - 1 <= state.ts_recent_age <= most + 1:
            return ""
        return (
            f"TsRecentAge is {state.ts_recent_age}; the timestamp {state.ts_recent} came {most} ticks before"
        )


@dataclasses.dataclass
class AgreedOptions:
    """The options of a connection; ``stamps`` is None where there are no timestamps."""

    stamps: Stamps | None = None
    sack: bool = True


def wrong_options(agreed: AgreedOptions | None, segment: Segment) -> Iterator[str]:
    """What is wrong with the options of a segment that the target sends. An RST need have none."""
    stamps = agreed.stamps if agreed else None
    if segment.sack and agreed and not agreed.sack:
        yield "has SACK blocks, and the ends did not agree on SACK"
    for first, last in segment.sack:
        if not _is_block(first, last, segment.ack):
            yield f"has a SACK block from {first} to {last}, and acknowledges {segment.ack}: no window fits"
    if stamps and not segment.rst:
        yield from stamps.wrong(segment.timestamp, segment.ack)
    elif segment.timestamp and not stamps:
        yield "has a timestamp, and the ends did not agree on timestamps"


def _is_block(first: int, last: int, ack: int) -> bool:
    """Whether a SACK block may stand beside an acknowledgement: behind it, or before (D-SACK, RFC 2883)."""
    near = seq_diff(first, ack) >= -MAX_WINDOW and seq_diff(last, ack) <= MAX_WINDOW
    return near and seq_diff(last, first) > 0
