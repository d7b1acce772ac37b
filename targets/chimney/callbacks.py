"""What a target may call: NDIS, the wire below it, and the notice that it freed something."""

from __future__ import annotations

from typing import Any

from .api import BlockList, NetBufferList, Segment, Status, TcpEvent


class Ndis:
    """The functions of NDIS that an offload target calls, in Python's spelling.

    The checker passes an object of this kind to the target's constructor. Every call
    is recorded; calls that make no sense are reported and otherwise ignored.
    """

    def m_initiate_offload_complete(self, block_list: BlockList) -> None:
        """NdisMInitiateOffloadComplete."""
        raise NotImplementedError

    def m_terminate_offload_complete(self, block_list: BlockList) -> None:
        """NdisMTerminateOffloadComplete: the tree is written and belongs to the host again."""
        raise NotImplementedError

    def m_invalidate_offload_complete(self, block_list: BlockList) -> None:
        """NdisMInvalidateOffloadComplete."""
        raise NotImplementedError

    def m_query_offload_state_complete(self, block_list: BlockList) -> None:
        """NdisMQueryOffloadStateComplete."""
        raise NotImplementedError

    def m_update_offload_complete(self, block_list: BlockList) -> None:
        """NdisMUpdateOffloadComplete."""
        raise NotImplementedError

    def tcp_offload_send_complete(self, net_buffer_list: NetBufferList) -> None:
        """NdisTcpOffloadSendComplete: a linked list, so reset ``next`` before completing a single one."""
        raise NotImplementedError

    def tcp_offload_receive_complete(self, net_buffer_list: NetBufferList) -> None:
        """NdisTcpOffloadReceiveComplete: a linked list, oldest request first."""
        raise NotImplementedError

    def tcp_offload_disconnect_complete(self, net_buffer_list: NetBufferList) -> None:
        """NdisTcpOffloadDisconnectComplete."""
        raise NotImplementedError

    def tcp_offload_forward_complete(self, net_buffer_list: NetBufferList) -> None:
        """NdisTcpOffloadForwardComplete."""
        raise NotImplementedError

    def tcp_offload_receive_handler(
        self, ndis_offload_handle: object, net_buffer_list: NetBufferList
    ) -> tuple[Status, int]:
        """NdisTcpOffloadReceiveHandler: indicate received data.

        Returns the status and BytesConsumed. With ``Status.SUCCESS`` the host keeps the
        buffer until MiniportTcpOffloadReceiveReturn; otherwise it is the target's again.
        """
        raise NotImplementedError

    def tcp_offload_event_handler(
        self, ndis_offload_handle: object, event_type: TcpEvent, information: Any = None
    ) -> None:
        """NdisTcpOffloadEventHandler: indicate an event of a connection."""
        raise NotImplementedError

    def m_indicate_status_ex(self, status_code: str) -> None:
        """NdisMIndicateStatusEx, for instance with ``"NDIS_STATUS_UPLOAD_ALL"``."""
        raise NotImplementedError

    def m_offload_event_indicate(self, ndis_offload_handle: object, event: str) -> None:
        """NdisMOffloadEventIndicate, for instance with ``"NeighborReachabilityQuery"``."""
        raise NotImplementedError

    def m_indicate_receive_net_buffer_lists(self, segment: Segment) -> None:
        """NdisMIndicateReceiveNetBufferLists: give a segment to the host unprocessed."""
        raise NotImplementedError

    def transmit(self, ndis_offload_handle: object, segment: Segment) -> None:
        """Put a segment on the wire; one without payload and FIN is a pure acknowledgement."""
        raise NotImplementedError

    def free_resources(self, context: Any) -> None:
        """Tell the checker that the target has freed what it held for a state object.

        Stands for the ExFreePool and hardware calls that no interface shows.
        """
        raise NotImplementedError

    def misbehaves(self, rule: str, what: str) -> None:
        """For adapters: the target broke *rule* (:data:`..judging.misbehaviour.RULES`); the run goes on."""
        raise NotImplementedError
