"""The duty that the specification is about: to answer a terminate request."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.chimney.state import TERMINATING
from ..properties.chimney.runs import ENOUGH
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


def runs() -> Iterator[Run]:
    """The scripted runs of the reference."""
    system = CHIMNEY.system("reference", ENOUGH)
    for script in CHIMNEY.runs:
        yield system, ENOUGH, CHIMNEY.first(system.template), script
