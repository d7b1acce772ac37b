"""What MiniportTcpOffloadReceiveReturn answers on a connection whose upload was asked for.

Sources: ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md;
pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, Not, Value
from ....model.records import BOOL, enum, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import ANSWER_DUE, Said, sentence

STATUS = enum("none", "NDIS_STATUS_SUCCESS", "NDIS_STATUS_UPLOAD_IN_PROGRESS")
NO_STATUS, SUCCESS, UPLOAD_IN_PROGRESS = range(3)


@dataclasses.dataclass(frozen=True)
class Returned:
    """A receive buffer that the host returns, and the status that it gets."""

    short: Value = var(BOOL)  # resources ran out and the upload was asked for
    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    status: Value = var(STATUS)


@event("hardware")
def ResourcesRunOut(s: Any, p: Any) -> Happening:
    """the target cannot get what the connection needs, and asks for its upload"""
    return And(Not(s.short), Not(s.due), Not(s.answered)), update(s, short=True)


@event("host")
def MiniportTcpOffloadReceiveReturn(s: Any, p: Any) -> Happening:
    """the host returns a receive buffer"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True)


@event("target", status=STATUS)
def Answer(s: Any, p: Any) -> Happening:
    """the target returns from MiniportTcpOffloadReceiveReturn"""
    return s.due, update(s, due=False, answered=True, status=p.status)


@sentence("return.succeeds", "ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md", "returns")
def succeeds(s: Any) -> Said:
    """MiniportTcpOffloadReceiveReturn answers SUCCESS, always."""
    return s.answered, s.status == SUCCESS


@sentence(
    "return.upload-status@literal",
    "pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md",
    "Terminating the Offload of a Connection Because of Resource Constraints",
)
def upload_status(s: Any) -> Said:
    """Once resources ran out, every request, a returned buffer too, is answered UPLOAD_IN_PROGRESS."""
    return And(s.answered, s.short), s.status == UPLOAD_IN_PROGRESS


SUBJECT = Subject(
    "returned",
    "returned receive buffers",
    lambda bounds: Returned(),
    parts=(
        Part(
            "returned",
            events=(ResourcesRunOut, MiniportTcpOffloadReceiveReturn, Answer),
            properties=collected(globals()),
        ),
    ),
)

AUDITED = Audited(SUBJECT, duty=ANSWER_DUE)
