"""Targets that put off what they are told until they have time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chimneysweep.targets.chimney.interface import BlockList, Ndis, NetBufferList, Segment, Status
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection


class Queued(Reference):
    """Works through a queue of segments and of what the host asks for, one after the other."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.jobs: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.working = False

    def _later(self, job: Callable[..., object], *args: Any) -> Status:
        self.jobs.append((job, args))
        return Status.PENDING

    def miniport_tcp_offload_send(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Later."""
        return self._later(super().miniport_tcp_offload_send, context, net_buffer_list)

    def miniport_tcp_offload_disconnect(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """Later."""
        return self._later(super().miniport_tcp_offload_disconnect, context, net_buffer_list)

    def miniport_tcp_offload_disconnect_abortive(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """Later."""
        return self._later(super().miniport_tcp_offload_disconnect_abortive, context, net_buffer_list)

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """Later."""
        self._later(super().miniport_terminate_offload, block_list)

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Later."""
        self._later(super().segment_arrives, context, segment)

    def run(self) -> None:
        """Now."""
        if self.working:
            return
        self.working = True
        while self.jobs:
            job, args = self.jobs.pop(0)
            job(*args)
        self.working = False
        super().run()


class ReadsLater(Reference):
    """Looks at segments when it has time, as one that was short of memory does."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.arrived: list[tuple[TcpConnection, Segment]] = []

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Later."""
        self.arrived.append((context, segment))

    def run(self) -> None:
        """Now."""
        arrived, self.arrived = self.arrived, []
        for context, segment in arrived:
            super().segment_arrives(context, segment)
        super().run()


class CountsNothing(Queued):
    """Not lawful: after an RST, a send that was acknowledged in part comes back as if none of it had been."""

    def _abort_requests(self, conn: TcpConnection) -> None:
        for _, nbl in conn.sends:
            self._complete_send(nbl, Status.REQUEST_ABORTED, 0)
        conn.sends = []
        super()._abort_requests(conn)


class IgnoresWindow(Queued):
    """Not lawful: it sends what is posted, whatever window it has read of."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """As if the window were never shut."""
        known, context.snd_wnd = context.snd_wnd, 2**30
        super().transmit_opportunity(context, room)
        context.snd_wnd = known
