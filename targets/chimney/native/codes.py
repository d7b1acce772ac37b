"""Numbers of the C interface and what they are in Python (ndisstatus.h and ndischimney.h in ../ndis)."""

from __future__ import annotations

from ..interface import Status, TcpEvent

NAMED = {
    0x00000000: Status.SUCCESS,
    0x00000103: Status.PENDING,
    0xC0000001: Status.FAILURE,
    0xC001000C: Status.REQUEST_ABORTED,
    0xC0231001: Status.UPLOAD_IN_PROGRESS,
    0xC0231003: Status.UPLOAD_REQUESTED,
    0xC0000184: Status.INVALID_STATE,
    0xC000009A: Status.RESOURCES,
    0xC023100E: Status.DATA_NOT_ACCEPTED,
    0xC0231010: Status.DATA_PARTIALLY_ACCEPTED,
    0x40020004: Status.PARTIAL_SUCCESS,
    0xC0231004: Status.TCP_ENTRIES,
    0xC0231005: Status.PATH_ENTRIES,
    0xC0231006: Status.NEIGHBOR_ENTRIES,
    0xC0231007: Status.IP_ADDRESS_ENTRIES,
    0xC0231008: Status.HW_ADDRESS_ENTRIES,
    0xC0231009: Status.VLAN_ENTRIES,
    0xC023100A: Status.TCP_XMIT_BUFFER,
    0xC023100B: Status.TCP_RCV_BUFFER,
    0xC023100C: Status.TCP_RCV_WINDOW,
    0xC023100D: Status.VLAN_MISMATCH,
}


class _Statuses(dict[int, Status | str | None]):
    """Status values by number; one without a name here is its number, the same object every time."""

    def __missing__(self, number: int) -> str:
        self[number] = text = f"0x{number & 0xFFFFFFFF:08X}"
        return text


def statuses(unwritten: int) -> dict[int, Status | str | None]:
    """The table of status values, in which *unwritten* is None. Keys are unsigned."""
    return _Statuses({**NAMED, unwritten: None})


EVENTS = {
    1: TcpEvent.SEND_BACKLOG_CHANGE,
    2: TcpEvent.DISCONNECT,
    3: TcpEvent.RETRIEVE,
    4: TcpEvent.ABORT,
}

UPLOAD_REASONS = {
    1: "LowActivity",
    2: "HighDropRate",
    3: "SmallIO",
    4: "NoBufferPreposting",
    5: "ReceivedUrgentData",
    6: "HighFragmentation",
    7: "HighOutOfOrderPackets",
    8: "TimeoutExpiration",
    9: "InvalidState",
    10: "UploadRequested",
    11: "HardwareFailure",
}

INDICATED_STATUSES = {
    0x40010017: "NDIS_STATUS_LINK_STATE",
    0x40020001: "NDIS_STATUS_OFFLOAD_PAUSE",
    0x40020002: "NDIS_STATUS_UPLOAD_ALL",
    0x40020003: "NDIS_STATUS_OFFLOAD_RESUME",
}

OFFLOAD_EVENTS = {1: "NeighborReachabilityInDoubt", 2: "NeighborReachabilityQuery"}
