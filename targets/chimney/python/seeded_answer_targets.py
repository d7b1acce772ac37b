"""Targets with one bug each in what a request or a call comes back with, and in what is delivered how."""

from __future__ import annotations

import dataclasses

from ..delegated import WINDOWS, TcpDelegatedState
from ..interface import BlockList, NetBufferList, Segment, Status, Timer, seq_diff
from .reference_target import Reference
from .tcp_connection import TcpConnection


class SentDataNotAdvanced(Reference):
    """BytesTransferred is taken to say it all."""

    def _complete_send(self, nbl: NetBufferList, status: Status, done: int) -> None:
        nbl.advance_data_start(-done)
        super()._complete_send(nbl, status, done)


class DisconnectDataForgotten(Reference):
    """A disconnect is taken to bring nothing but the FIN."""

    def miniport_tcp_offload_disconnect(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """The FIN is to follow the last send."""
        end = context.end
        status = super().miniport_tcp_offload_disconnect(context, net_buffer_list)
        context.end = end
        return status


class DisconnectDataNotCounted(Reference):
    """A disconnect comes back as if it had had no data."""

    def _return_disconnect(self, nbl: NetBufferList, status: Status, done: int) -> None:
        super()._return_disconnect(nbl, status, 0)


class ReceivedDataNotAdvanced(Reference):
    """A receive request comes back with its data where it started."""

    def _return_receive(self, nbl: NetBufferList, status: Status, taken: int = 0) -> None:
        nbl.advance_data_start(-taken)
        super()._return_receive(nbl, status, taken)


class ResetSendsAsUploaded(Reference):
    """What an RST ended comes back as if the connection were terminated."""

    def _complete_send(self, nbl: NetBufferList, status: Status, done: int) -> None:
        failed = status is Status.REQUEST_ABORTED
        super()._complete_send(nbl, Status.UPLOAD_IN_PROGRESS if failed else status, done)


class ResetReceivesAsFailed(Reference):
    """NDIS_STATUS_FAILURE is taken to say that something failed."""

    def _drain_receives(self, conn: TcpConnection, status: Status) -> None:
        failed = status is Status.REQUEST_ABORTED
        super()._drain_receives(conn, Status.FAILURE if failed else status)


class ResetReceivesAsSuccess(Reference):
    """A reset is taken for the end of the stream."""

    def _drain_receives(self, conn: TcpConnection, status: Status) -> None:
        aborted = status is Status.REQUEST_ABORTED
        super()._drain_receives(conn, Status.SUCCESS if aborted else status)


class ForwardAsUploaded(Reference):
    """Forwarded segments always come back as at termination."""

    def _forwarded(self, conn: TcpConnection) -> Status:
        return Status.UPLOAD_IN_PROGRESS


class CallAsFailed(Reference):
    """Status is FAILURE where nothing had to be done."""

    def _answer(self, block: BlockList) -> None:
        super()._answer(block)
        block.status = Status.FAILURE


class LostQuerySucceeds(Reference):
    """A query of what the hardware lost succeeds."""

    def _answer(self, block: BlockList) -> None:
        super()._answer(block)
        block.status = Status.SUCCESS


class QueryAsOffloaded(Reference):
    """A query tells what was offloaded."""

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        for name in WINDOWS:
            setattr(state, name, getattr(conn.offloaded, name))


class ReceiveBacklogAsZero(Reference):
    """A query tells that no data is buffered."""

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        state.receive_backlog = 0


class SendBacklogAsZero(Reference):
    """A feature that is not supported is told as 0."""

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        state.send_backlog = 0


class BacklogCountsPosted(Reference):
    """The send backlog that a query tells is the room left in a queue."""

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        state.send_backlog = 2**20 - seq_diff(conn.end, conn.una)


class LoneFinNotSentAgain(Reference):
    """When the retransmit timer expires, looks for data that is not acknowledged, and at no FIN."""

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """As ever, if there is some."""
        if timer is not Timer.RETRANSMIT or context.una != context.end:
            super().timer_expires(context, timer)


class AcksAcknowledged(Reference):
    """Every segment is answered, one that acknowledges and brings nothing, too."""

    def _acknowledged(self, conn: TcpConnection, segment: Segment) -> None:
        super()._acknowledged(conn, segment)
        if not segment.payload and not segment.fin:
            self._transmit(conn)


class NewestRequestFirst(Reference):
    """The receive requests are kept on a stack."""

    def _complete_receive(self, conn: TcpConnection, nbl: NetBufferList) -> None:
        conn.requests.insert(0, nbl)
        super()._complete_receive(conn, conn.requests.pop())


class IndicatedDespiteRequests(Reference):
    """A receive request that the data does not fill is left for more of it, and the data is indicated."""

    def _deliver(self, conn: TcpConnection) -> None:
        waiting = conn.requests
        if conn.held and waiting and len(conn.held) < waiting[0].data_length:
            conn.requests = []
        super()._deliver(conn)
        if conn.requests is not waiting:
            conn.requests = waiting + conn.requests


class NoPushIgnored(Reference):
    """Every receive request comes back with what there is."""

    def _serves(self, conn: TcpConnection, request: NetBufferList) -> bool:
        return bool(conn.held) or request.data_length == 0


class NeverFull(Reference):
    """A receive request in nonpush mode waits until it is full, also when the peer has closed."""

    def _serves(self, conn: TcpConnection, request: NetBufferList) -> bool:
        full = len(conn.held) >= request.data_length
        return full if request.no_push else super()._serves(conn, request)


class FilledWaitsForPush(Reference):
    """A receive request that is filled to the last byte comes back when the push timer expires."""

    pushed = False

    def _serves(self, conn: TcpConnection, request: NetBufferList) -> bool:
        exact = len(conn.held) == request.data_length > 0
        return super()._serves(conn, request) and (self.pushed or not exact)

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """The push timer, too."""
        self.pushed = timer is Timer.PUSH
        self._deliver(context)
        self.pushed = False
        super().timer_expires(context, timer)


class RefusedIndicatedAgain(Reference):
    """New data is indicated together with what the application refused."""

    def _take(self, conn: TcpConnection, segment: Segment) -> None:
        conn.refused = False
        super()._take(conn, segment)


class QueryNeverCompleted(Reference):
    """The query of a connection is answered in its block, and no more is done about it."""

    def run(self) -> None:
        """All but those."""
        for _, block in self.state_calls:
            self._answer(block)
        self.state_calls = [(complete, block) for complete, block in self.state_calls if not block.state]
        super().run()


class RequestsServedWithin(Reference):
    """What the host posts from within a completion is filled and completed there."""

    def _complete_receive(self, conn: TcpConnection, nbl: NetBufferList) -> None:
        conn.delivering = False
        super()._complete_receive(conn, nbl)
        conn.delivering = True


class FinAfterAcknowledgements(Reference):
    """The FIN is sent when all data before it is acknowledged."""

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Data first."""
        closing = context.closing
        context.closing = closing and context.una == context.end
        super().transmit_opportunity(context, room)
        context.closing = closing


class RstAfterIndications(Reference):
    """An RST that the host asks for is sent when no indication is under way any more."""

    def miniport_tcp_offload_disconnect_abortive(
        self, context: TcpConnection, net_buffer_list: NetBufferList
    ) -> Status:
        """At once, or in :meth:`run`."""
        if not context.indications:
            return super().miniport_tcp_offload_disconnect_abortive(context, net_buffer_list)
        context.abort = net_buffer_list
        return Status.PENDING

    def run(self) -> None:
        """What was put off first."""
        for conn in self.conns:
            if conn.abort and not (conn.aborted or conn.indications or conn.terminating):
                super().miniport_tcp_offload_disconnect_abortive(conn, conn.abort)
        waiting = [(c, c.abort) for c in self.conns if c.abort and not c.aborted and not c.terminating]
        for conn, _ in waiting:
            conn.abort = None
        super().run()
        for conn, nbl in waiting:
            conn.abort = nbl


class ForwardedDataDropped(Reference):
    """Of a forwarded segment it takes the acknowledgement, and neither data nor FIN."""

    def _process_forwards(self, conn: TcpConnection) -> None:
        for nbl in conn.forwards:
            if nbl.segment:
                nbl.segment = dataclasses.replace(nbl.segment, payload=b"", fin=False)
        super()._process_forwards(conn)


class FirstRequestOnly(Reference):
    """Takes a list of receive requests for one."""

    def miniport_tcp_offload_receive(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Of the others nobody hears again."""
        net_buffer_list.next = None
        return super().miniport_tcp_offload_receive(context, net_buffer_list)


class LastAckNeverSent(Reference):
    """Sends no acknowledgement for one segment, also when the timer expires."""

    def timer_expires(self, context: TcpConnection, timer: Timer) -> None:
        """It waits for the second one."""
        if timer is Timer.RETRANSMIT or context.acks_due > 1:
            super().timer_expires(context, timer)


class FirstForwardOnly(Reference):
    """Takes a list of forwarded segments for one."""

    def miniport_tcp_offload_forward(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Keep the first; nobody has the others."""
        net_buffer_list.next = None
        return super().miniport_tcp_offload_forward(context, net_buffer_list)


class MissesLateCalls(Reference):
    """Looks for calls to complete once in a turn: what comes in the turn is outstanding at the hand-back."""

    looked = False

    def run(self) -> None:
        """A new turn."""
        self.looked = False
        super().run()

    def _complete_calls(self) -> None:
        if not self.looked:
            super()._complete_calls()
        self.looked = True
