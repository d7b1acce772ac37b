"""The duty that the specification is about: to answer a terminate request."""

from __future__ import annotations

from collections.abc import Iterator

from ..engines.witness import CLOSING, END, ENOUGH, SCRIPTS, SETTLE, TERMINATE, first_world
from ..model.chimney.designs.reference import REFERENCE
from ..model.chimney.state import TERMINATING
from ..properties.chimney.subject import CHIMNEY
from .answers import Duty, Run

TERMINATION = Duty(
    due=lambda s: s.phase == TERMINATING,
    before=(
        "ReturnStatusIndication",
        "ReturnOffloadEvent",
        "ReturnTcpEvent",
        "ReturnReceiveIndication",
        "Free",
        "SendAck",
        "NdisTcpOffloadReceiveComplete",
        "NdisTcpOffloadSendComplete",
        "NdisTcpOffloadDisconnectComplete",
        "NdisTcpOffloadForwardComplete",
        "CompleteStateCall",
    ),
    call="NdisMTerminateOffloadComplete",
    after=(
        "CompletesAgain",
        "HostResumes",
        "HostTransmits",
        "MiniportTcpOffloadReceiveReturn",
        "Free",
        "Quiet",
    ),
    settled=lambda s: s.quiet,
)
"""Whatever is outstanding is completed, the tree goes back, and the host resumes."""


PATIENT = (
    ("MiniportTcpOffloadReceive", {"conn": 0, "size": 5}),
    ("DataArrives", {"conn": 0, "length": 5}),
    ("CompleteReceive", {"conn": 0}),
    *CLOSING,
    *TERMINATE,
    *END,
    *SETTLE,
)
"""The host terminates when every request that it made is completed."""


def runs() -> Iterator[Run]:
    """The scripted runs of the reference."""
    system = CHIMNEY.system(REFERENCE, ENOUGH)
    for script in (*SCRIPTS, PATIENT):
        yield system, ENOUGH, first_world(system), script
