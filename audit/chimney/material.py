"""The TCP chimney hand-off as it is audited; the duty that it is about is to answer a terminate request."""

from __future__ import annotations

from pathlib import Path

from ...model.chimney.state import TERMINATING, world_size
from ...properties.chimney.chimney import CHIMNEY
from ...properties.chimney.runs import END, SETTLE, TERMINATE
from ...properties.loading import SubjectRef
from ...properties.subject import Part
from .. import example
from ..audited import Audited, Duty
from . import closing, event_table, inferred, literal, name_index
from .examples.replays import REPLAYS
from .worlds import asked, block_kinds, decisions, ends_of_stream, returned, timers, upload

FOLDER = Path(__file__).parent

TERMINATION = Duty(
    due=lambda s: s.phase == TERMINATING,
    before=(
        "ReturnStatusIndication",
        "ReturnOffloadEvent",
        "NdisTcpOffloadEventHandler",
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
    settled=lambda s: s.quiescent,
)
"""Whatever is outstanding is completed, the tree goes back, and the host resumes."""

AUDITED = Audited(
    CHIMNEY,
    (Part("sentences as they stand", properties=literal.PROPERTIES),),
    "the TCP chimney hand-off",
    world_size(buffers=2, blocks=2, connections=1, requests=1),
    TERMINATION,
    (*closing.STATED, *closing.PROPOSED),
    inferred.INFERRED,
    literal.HOST,
    closing.LEMMAS,
    (*TERMINATE, *END, *SETTLE),
    example.load(FOLDER / "examples"),
    REPLAYS,
    name_index.load(),
    event_table.load(),
    event_table.COMES_TO,
    (
        upload.AUDITED,
        timers.AUDITED,
        returned.AUDITED,
        block_kinds.AUDITED,
        asked.AUDITED,
        ends_of_stream.AUDITED,
    ),
    decisions.DECISIONS,
    FOLDER / "findings",
    SubjectRef("chimney"),
)
