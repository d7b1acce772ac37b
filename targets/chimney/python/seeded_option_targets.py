"""Targets with one bug each in what both ends of a connection agreed on."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..delegated import TcpDelegatedState
from ..interface import BlockList, Segment, TcpEvent, seq_diff
from .reference_target import Reference
from .tcp_connection import StateObject, TcpConnection


class StampDeltaForgotten(Reference):
    """Timestamps are the target's own time."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.stamps.delta = 0
        return found


class StampOnDataOnly(Reference):
    """An acknowledgement without data has no timestamp."""

    def _transmit(self, conn: TcpConnection, payload: bytes = b"", fin: bool = False) -> None:
        known = conn.stamps.agreed
        conn.stamps.agreed = known and bool(payload or fin)
        super()._transmit(conn, payload, fin)
        conn.stamps.agreed = known


class StampTimeAsOffloaded(Reference):
    """TsTime comes back as it was offloaded."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.ts_time = conn.offloaded.ts_time


class StampAgeAsZero(Reference):
    """TsRecentAge comes back as 0, however long ago the peer's timestamp came."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.ts_recent_age = 0


class PeersStampForgotten(Reference):
    """Echoes the timestamp of the peer that was offloaded, for ever."""

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """As if it had none."""
        super().segment_arrives(context, dataclasses.replace(segment, timestamp=None))


class StampsUnasked(Reference):
    """Every segment has a timestamp, agreed on or not."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.stamps.agreed = True
        return found


class SackUnasked(Reference):
    """Data that came too early is SACKed, agreed on or not."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.sack = True
        return found


class SackEdgeAsLength(Reference):
    """A SACK block says how long it is where it should say where it ends."""

    def _blocks(self, conn: TcpConnection) -> tuple[tuple[int, int], ...]:
        return tuple((first, len(data)) for first, data in conn.early.items())


class SackTakenForAck(Reference):
    """The right edge of a SACK block counts as an acknowledgement."""

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        for _, edge in segment.sack:
            if seq_diff(edge, segment.ack) > 0:
                segment = dataclasses.replace(segment, ack=edge)
        super()._acknowledged(conn, segment)


class SackedSegmentDropped(Reference):
    """A segment with SACK blocks is dropped where the ends did not agree on SACK."""

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        if conn.sack or not segment.sack:
            super()._acknowledged(conn, segment)


class StopsWhenInvalid(Reference):
    """Sends nothing more when a path was invalidated, and asks nobody to take the connection back."""

    invalid = False

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """From now on."""
        self.invalid = True
        super().miniport_invalidate_offload(block_list)

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Not for what is invalid."""
        if not self.invalid:
            super().transmit_opportunity(context, room)


class SendsWhenGivenUp(StopsWhenInvalid):
    """Asks for an invalid connection to be taken back, and sends on it all the same."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Once it has said so."""
        if self.invalid and seq_diff(context.end, context.nxt) > 0:
            self._event(context, TcpEvent.RETRIEVE, "InvalidState")
        Reference.transmit_opportunity(self, context, room)


class WindowUpdateForgotten(Reference):
    """An update of the receive window succeeds, and changes nothing."""

    def _enlarge(self, conn: TcpConnection, size: int) -> None:
        """Not now."""


class LargestWindowAsZero(Reference):
    """MaxSndWnd comes back as 0."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.max_snd_wnd = 0


class FailureMisnamed(Reference):
    """Asks for what the hardware lost to be taken back as if its timer had expired."""

    def _event(self, conn: TcpConnection, event: TcpEvent, information: Any = None) -> None:
        lost = event is TcpEvent.RETRIEVE and conn.lost
        super()._event(conn, event, "TimeoutExpiration" if lost else information)
