"""The target interface: what a miniport driver's TCP chimney code looks like to the checker.

A target is a Python class derived from :class:`Target`. The checker plays NDIS, the host stack, the wire
and the hardware: it calls the target's entry points, hands it an :class:`Ndis` object to call back, and
watches. It judges only what can be seen from outside; how the target keeps its state is its own affair.

Rules of the game:

- One thread. The checker calls one entry point at a time. While the target is inside an indication
  (``tcp_offload_receive_handler``, ...) the checker may call in again, as a second processor would.
- Time passes in :meth:`Target.run` ("you have all the time you need") and in the methods of the simulated
  hardware. Nothing else happens behind the target's back.
- Sequence numbers are ints from 0 to 2^32 - 1, see :func:`seq_add` and :func:`seq_diff`.
  Lengths and windows are bytes.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

from .delegated import TcpCachedState, TcpConstState, TcpDelegatedState

SEQUENCE_SPACE = 2**32


def seq_add(number: int, length: int) -> int:
    """The sequence number *length* bytes after *number*, mod 2^32."""
    return (number + length) % SEQUENCE_SPACE


def seq_diff(left: int, right: int) -> int:
    """How many bytes *left* lies after *right*; negative if before (RFC 1982, in [-2^31, 2^31))."""
    gap = (left - right) % SEQUENCE_SPACE
    return gap if gap < SEQUENCE_SPACE // 2 else gap - SEQUENCE_SPACE


class Status(enum.Enum):
    """NDIS_STATUS values; the value is the name in C."""

    SUCCESS = "NDIS_STATUS_SUCCESS"
    PENDING = "NDIS_STATUS_PENDING"
    FAILURE = "NDIS_STATUS_FAILURE"
    REQUEST_ABORTED = "NDIS_STATUS_REQUEST_ABORTED"
    UPLOAD_IN_PROGRESS = "NDIS_STATUS_UPLOAD_IN_PROGRESS"
    UPLOAD_REQUESTED = "NDIS_STATUS_UPLOAD_REQUESTED"
    INVALID_STATE = "NDIS_STATUS_INVALID_STATE"
    RESOURCES = "NDIS_STATUS_RESOURCES"
    DATA_NOT_ACCEPTED = "NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED"
    DATA_PARTIALLY_ACCEPTED = "NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED"
    # Of an offload that succeeds in part, or fails:
    PARTIAL_SUCCESS = "NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS"
    TCP_ENTRIES = "NDIS_STATUS_OFFLOAD_TCP_ENTRIES"
    PATH_ENTRIES = "NDIS_STATUS_OFFLOAD_PATH_ENTRIES"
    NEIGHBOR_ENTRIES = "NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES"
    IP_ADDRESS_ENTRIES = "NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES"
    HW_ADDRESS_ENTRIES = "NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES"
    VLAN_ENTRIES = "NDIS_STATUS_OFFLOAD_VLAN_ENTRIES"
    TCP_XMIT_BUFFER = "NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER"
    TCP_RCV_BUFFER = "NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER"
    TCP_RCV_WINDOW = "NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW"
    VLAN_MISMATCH = "NDIS_STATUS_OFFLOAD_VLAN_MISMATCH"
    PATH_MTU = "NDIS_STATUS_OFFLOAD_PATH_MTU"


class TcpEvent(enum.Enum):
    """TCP_OFFLOAD_EVENT_TYPE: what NdisTcpOffloadEventHandler tells."""

    DISCONNECT = "TcpIndicateDisconnect"
    RETRIEVE = "TcpIndicateRetrieve"
    ABORT = "TcpIndicateAbort"
    SEND_BACKLOG_CHANGE = "TcpIndicateSendBacklogChange"


class StateType(enum.Enum):
    """OFFLOAD_STATE_TYPE in a block's header: on which layer the block stands."""

    NEIGHBOR = "NeighborOffloadState"
    PATH = "Ip4OffloadState"
    TCP = "TcpOffloadState"


class Timer(enum.Enum):
    """The timers that the simulated hardware lets expire."""

    RETRANSMIT = "retransmit"
    DELAYED_ACK = "delayed acknowledgement"
    PUSH = "push"


class NetBufferList:
    """NET_BUFFER_LIST with its one NET_BUFFER: memory, and where the used part of it starts.

    ``status`` is the Status member, ``bytes_transferred`` what NET_BUFFER_LIST_INFO holds
    as TcpOffloadBytesTransferred, ``no_push`` as TcpReceiveNoPush. ``miniport_reserved`` is the
    target's to use, ``segment`` the parsed TCP segment of a list passed to MiniportTcpOffloadForward.
    """

    def __init__(self, data: bytes = b"", segment: Segment | None = None) -> None:
        self.memory = bytearray(data)
        self.data_start = 0
        self.status: Status | None = None
        self.bytes_transferred = 0
        self.next: NetBufferList | None = None
        self.miniport_reserved: Any = None
        self.no_push = False
        self.segment = segment

    @property
    def data_length(self) -> int:
        """DataLength of the NET_BUFFER, bytes: what lies behind ``data_start``."""
        return len(self.memory) - self.data_start

    @property
    def data(self) -> bytes:
        """The used data, from ``data_start`` (NET_BUFFER_CURRENT_MDL_OFFSET) to the end."""
        return bytes(self.memory[self.data_start :])

    def advance_data_start(self, delta: int) -> None:
        """NdisAdvanceNetBufferDataStart: the used data starts *delta* bytes later."""
        self.data_start += delta

    def fill(self, data: bytes) -> None:
        """Copy received bytes to the start of the used data (the buffer of a receive request)."""
        self.memory[self.data_start : self.data_start + len(data)] = data


@dataclasses.dataclass(eq=False)
class BlockList:
    """NDIS_MINIPORT_OFFLOAD_BLOCK_LIST: one node of the state tree.

    ``placeholder`` is true where the MiniportOffloadContext pointer is NULL in C: the
    block only links others. Elsewhere ``miniport_offload_context`` is the PVOID it
    points to: None in a new offload, for the target to fill in; later what the target wrote. ``state`` is the
    delegated structure behind the block, if any; ``constant`` that of a new offload, ``cached`` of an update.
    """

    type: StateType
    placeholder: bool = False
    miniport_offload_context: Any = None
    ndis_offload_handle: object = None
    next_block: BlockList | None = None
    dependent_block_list: BlockList | None = None
    status: Status | None = None
    net_buffer_list_chain: NetBufferList | None = None
    state: TcpDelegatedState | None = None
    constant: TcpConstState | None = None
    cached: TcpCachedState | None = None
    miniport_reserved: Any = None


@dataclasses.dataclass(frozen=True)
class Segment:
    """A TCP segment on the wire. ``sack`` holds (first, after last) pairs of sequence numbers, ``timestamp``
    TSval and TSecr (RFC 7323, 3.2) in ticks; None: there are none. No target sends a SYN."""

    seq: int
    ack: int
    window: int
    payload: bytes = b""
    fin: bool = False
    rst: bool = False
    sack: tuple[tuple[int, int], ...] = ()
    timestamp: tuple[int, int] | None = None
    syn: bool = False


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

    def interrupted(self, start: Callable[[Callable[[], None]], None]) -> None:
        """For adapters: another processor's turn. *start* what it is passed: it calls the target."""
        raise NotImplementedError

    def misbehaves(self, rule: str, what: str) -> None:
        """For adapters: the target broke *rule* (:data:`..judging.misbehaviour.RULES`); the run goes on."""
        raise NotImplementedError


class Target:
    """An offload target. Derive from it and write the entry points; see ``examples/my_target.py``.

    ``context`` is always what the target stored in ``miniport_offload_context`` of the
    connection's block when it was offloaded.
    """

    def __init__(self, ndis: Ndis) -> None:
        self.ndis = ndis

    # -- what NDIS calls -------------------------------------------------------------

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """MiniportInitiateOffload: take over the state objects in the tree.

        Store a context in each block that is no placeholder, write Status, and call
        ``ndis.m_initiate_offload_complete`` here or in :meth:`run`.
        """
        raise NotImplementedError

    def miniport_tcp_offload_send(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadSend: a linked list of sends. Returns ``Status.PENDING``."""
        raise NotImplementedError

    def miniport_tcp_offload_receive(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadReceive: a linked list of requests; 0 bytes is legal. ``Status.PENDING``."""
        raise NotImplementedError

    def miniport_tcp_offload_disconnect(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadDisconnect, graceful: its data, then a FIN. Returns ``Status.PENDING``."""
        raise NotImplementedError

    def miniport_tcp_offload_forward(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadForward: ``net_buffer_list.segment`` came another way; ``Status.PENDING``."""
        raise NotImplementedError

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadReceiveReturn: receive buffers come back. Returns ``Status.SUCCESS``."""
        raise NotImplementedError

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """MiniportInvalidateOffload; complete it with ``ndis.m_invalidate_offload_complete``."""
        raise NotImplementedError

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """MiniportQueryOffload; complete it with ``ndis.m_query_offload_state_complete``."""
        raise NotImplementedError

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """MiniportUpdateOffload; complete it with ``ndis.m_update_offload_complete``."""
        raise NotImplementedError

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """MiniportTerminateOffload: hand the state objects in the tree back.

        Complete it with ``ndis.m_terminate_offload_complete``, usually in :meth:`run`.
        """
        raise NotImplementedError

    # -- what the simulated hardware calls -------------------------------------------

    def segment_arrives(self, context: Any, segment: Segment) -> None:
        """A segment of the peer arrives on a connection."""
        raise NotImplementedError

    def transmit_opportunity(self, context: Any, room: int) -> None:
        """The wire takes up to *room* bytes: the time to call ``ndis.transmit``."""
        raise NotImplementedError

    def run(self) -> None:
        """You have all the time you need: do whatever is still to be done."""
        raise NotImplementedError

    def timer_expires(self, context: Any, timer: Timer) -> None:
        """Optional. A timer of the connection expires; it may not be running."""

    def hardware_fails(self, context: Any) -> None:
        """Optional. The hardware has lost the state object; without it, no hardware ever fails."""

    def link_changes(self) -> None:
        """Optional. The link went down and up again: a reason for ``ndis.m_indicate_status_ex``."""

    def neighbor_silent(self, context: Any) -> None:
        """Optional. A neighbor was not heard of for long: a reason for ``ndis.m_offload_event_indicate``."""

    def clock_ticks(self, ticks: int) -> None:
        """Optional. So many ticks pass; without it, no connection has timestamps."""

    def urgent_arrives(self, context: Any, segment: Segment) -> None:
        """Optional. A segment arrives whose URG bit is set; without it, none has one."""

    def miniport_tcp_offload_disconnect_abortive(self, context: Any, net_buffer_list: NetBufferList) -> Any:
        """Optional. MiniportTcpOffloadDisconnect, abortive. Returns ``Status.PENDING``.

        Send an RST, and nothing after it; complete the sends as aborted, then this request. It may come
        after a graceful disconnect. Without this method, no host aborts.
        """

    def take_rest(self) -> None:
        """For adapters: the host takes back whatever is offloaded yet, before the target is halted."""

    def run_short(self, after: int) -> None:
        """For adapters: of what the target asks its system for, *after* are given and the next is refused."""

    def ran_short(self) -> Any:
        """For adapters: whether that was refused by now."""

    def interrupt(self, first: int, second: int) -> None:
        """For adapters: ``ndis.interrupted`` at point *first* of the next call, *second* of what comes."""

    def points(self) -> int:
        """For adapters: the points that both processors passed since, as first * 2^16 + second."""
        return 0

    def complete_when(self, late: bool) -> None:
        """For adapters: what NDIS completes comes *late*, or inside the call that asked for it."""

    def start_short(self, after: int, loads: bool = False) -> list[str]:
        """For adapters, after :meth:`halt`: it starts (*loads*) again, refused so; what was not freed."""
        return []

    def halt(self) -> list[str]:
        """Optional. MiniportHaltEx, at the end of the run: a sentence for each thing that was not freed."""
        return []


OPTIONAL = (
    *("timer_expires", "hardware_fails", "link_changes", "neighbor_silent", "clock_ticks", "urgent_arrives"),
    "miniport_tcp_offload_disconnect_abortive",
)
"""The methods without which a target merely sees less."""

BESIDES = (
    *("halt", "take_rest", "run_short", "ran_short", "start_short", "complete_when", "interrupt", "points"),
)
"""Methods that only some kinds of targets have."""

ENTRY_POINTS = tuple(n for n in vars(Target) if not n.startswith("_") and n not in (*OPTIONAL, *BESIDES))
"""The methods that every target must have."""
Factory = Callable[[Ndis], Target]  # makes a target for a run
