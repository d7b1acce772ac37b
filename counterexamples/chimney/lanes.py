"""Between whom each event of a hand-off passes: the lanes of its call sequence."""

from __future__ import annotations

from ..trace import Step

LANES = ("host", "NDIS", "target", "wire", "peer")

_DOWN = ("host", "NDIS", "target")
_UP = ("target", "NDIS", "host")
_IN = ("peer", "wire", "target")
COURSES = {
    "MiniportTcpOffloadSend": _DOWN,
    "MiniportTcpOffloadReceive": _DOWN,
    "MiniportTcpOffloadDisconnect": _DOWN,
    "MiniportTcpOffloadForward": _DOWN,
    "MiniportTcpOffloadReceiveReturn": _DOWN,
    "MiniportTerminateOffload": _DOWN,
    "TerminatesMore": _DOWN,
    "IsTerminatedLater": ("host",),
    "IsTerminatedNow": ("host",),
    "StateCallBetween": _DOWN,
    "MiniportQueryOffload": _DOWN,
    "OffloadsAgain": _DOWN,
    "StateCall": _DOWN,
    "ReturnStatusIndication": _DOWN,
    "ReturnOffloadEvent": _DOWN,
    "ReturnTcpEvent": _DOWN,
    "ReturnReceiveIndication": _DOWN,
    "CompleteSend": _UP,
    "CompleteDisconnect": _UP,
    "CompleteAbort": _UP,
    "CompleteReceive": _UP,
    "CompleteForward": _UP,
    "CompleteStateCall": _UP,
    "IndicateReceive": _UP,
    "NdisTcpOffloadSendComplete": _UP,
    "NdisTcpOffloadDisconnectComplete": _UP,
    "NdisTcpOffloadReceiveComplete": _UP,
    "NdisTcpOffloadForwardComplete": _UP,
    "NdisTcpOffloadReceiveHandler": _UP,
    "NdisTcpOffloadEventHandler": _UP,
    "NdisMIndicateStatusEx": _UP,
    "NdisMOffloadEventIndicate": _UP,
    "NdisMQueryOffloadStateComplete": _UP,
    "CompletesAgain": _UP,
    "WriteTree": ("target",),
    "WriteAfterHandBack": ("target",),
    "AckTimeout": ("target",),
    "Misbehaves": ("target",),
    "WrongBytes": ("host",),
    "BytesAreLost": ("wire",),
    "NothingIsSentAgain": ("wire",),
    "GoesOn": (),
    "IndicateTcpEvent": _UP,
    "TellEnd": _UP,
    "TellReset": _UP,
    "TellFailure": _UP,
    "IndicateStatus": _UP,
    "IndicateOffloadEvent": _UP,
    "NdisMTerminateOffloadComplete": _UP,
    "PartComesBack": _UP,
    "Transmit": ("target", "wire"),
    "SendAck": ("target", "wire", "peer"),
    "SendReset": ("target", "wire", "peer"),
    "HostTransmits": ("host", "wire"),
    "HostSendsFin": ("host", "wire"),
    "HostReceives": ("peer", "wire", "host"),
    "PeerReceives": ("wire", "peer"),
    "AckArrives": _IN,
    "DataArrives": _IN,
    "DataArrivesOutOfOrder": _IN,
    "FinArrives": _IN,
    "RstArrives": _IN,
    "StrayRstArrives": _IN,
    "StraySynArrives": _IN,
    "SynArrives": _IN,
    "UrgentDataArrives": _IN,
    "StrayUrgentArrives": _IN,
    "ReceiveWindowGrows": _DOWN,
    "HostSendsParting": ("host", "wire"),
    "HostResumes": ("host",),
    "RetransmitTimeout": ("target",),
    "HardwareFails": ("target",),
    "Drain": ("target",),
    "FillTree": ("target",),
    "Free": ("target",),
    "Quiet": (),
}
"""The lanes that an event passes, from who begins it; one lane: it stays there; none: nobody does it."""


def course(step: Step) -> tuple[str, ...]:
    """The lanes of one step; a segment that comes while a hand-off is under way goes to the host."""
    found = COURSES.get(step.action, (step.actor,) if step.actor in LANES else ())
    to_host = found == _IN and any(name.endswith("].late") for name in step.changes)
    return ("peer", "wire", "host") if to_host else found
