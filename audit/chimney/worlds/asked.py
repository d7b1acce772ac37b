"""What happens between a request for an upload and the completion of the termination that answers it.

Sources: pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md;
pages/handling-the-reception-of-urgent-data.md; ddi/nf-ndischimney-ndismterminateoffloadcomplete.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, If, Not, Or, Value
from ....model.records import BOOL, between, enum, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import Said, sentence

REASON = enum("none", "UploadRequested", "ReceivedUrgentData", "another mandatory reason")
NOT_ASKED, RESOURCES, URGENT, ANOTHER = range(4)
CALL = enum("none", "pending", "NDIS_STATUS_UPLOAD_IN_PROGRESS")
NONE, PENDING, GIVEN_BACK = range(3)
SEGMENT = enum("none", "arrived", "queued", "dropped", "given to the host")
NO_SEGMENT, ARRIVED, QUEUED, DROPPED, TO_THE_HOST = range(5)


@dataclasses.dataclass(frozen=True)
class UploadAsked:
    """A connection whose upload was asked for, two sends, a segment and a disconnect that come then."""

    reason: Value = var(REASON)
    first: Value = var(CALL)
    second: Value = var(CALL)
    segment: Value = var(SEGMENT)
    disconnect: Value = var(CALL)
    terminating: Value = var(BOOL)
    worked_off: Value = var(BOOL)  # the target has gone through the list of calls to complete
    completed: Value = var(BOOL)


@event("target", reason=between(RESOURCES, ANOTHER))
def Asks(s: Any, p: Any) -> Happening:
    """the target asks for the upload, for a reason that the host has to follow"""
    return s.reason == NOT_ASKED, update(s, reason=p.reason)


@event("host")
def Sends(s: Any, p: Any) -> Happening:
    """the host posts a send"""
    may = And(s.reason != NOT_ASKED, Not(s.terminating), s.second == NONE)
    return may, update(
        s, first=If(s.first == NONE, PENDING, s.first), second=If(s.first == NONE, NONE, PENDING)
    )


@event("target", second=BOOL)
def GivesBack(s: Any, p: Any) -> Happening:
    """the target completes a send as NDIS_STATUS_UPLOAD_IN_PROGRESS"""
    first, second = If(p.second, s.first, GIVEN_BACK), If(p.second, GIVEN_BACK, s.second)
    return If(p.second, s.second, s.first) == PENDING, update(s, first=first, second=second)


@event("peer")
def SegmentArrives(s: Any, p: Any) -> Happening:
    """a segment with data arrives"""
    may = And(s.reason != NOT_ASKED, Not(s.terminating), s.segment == NO_SEGMENT)
    return may, update(s, segment=ARRIVED)


@event("target", how=between(QUEUED, TO_THE_HOST))
def Treats(s: Any, p: Any) -> Happening:
    """the target acknowledges nothing, and what becomes of the segment is: {how} (2 queued, 3 dropped)"""
    return s.segment == ARRIVED, update(s, segment=p.how)


@event("host")
def Terminates(s: Any, p: Any) -> Happening:
    """the host terminates the offload"""
    return And(s.reason != NOT_ASKED, Not(s.terminating)), update(s, terminating=True)


@event("target")
def WorksOff(s: Any, p: Any) -> Happening:
    """the target has completed every call on its list"""
    return And(s.terminating, Not(s.worked_off), s.disconnect != PENDING), update(s, worked_off=True)


@event("host")
def Disconnects(s: Any, p: Any) -> Happening:
    """the host asks to disconnect"""
    return And(s.terminating, Not(s.completed), s.disconnect == NONE), update(s, disconnect=PENDING)


@event("target")
def Completes(s: Any, p: Any) -> Happening:
    """the target completes the termination; a send that is pending is in the chain"""
    return And(s.worked_off, Not(s.completed)), update(s, completed=True)


@sentence(
    "asked.resources",
    "pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md",
    "Terminating the Offload of a Connection Because of Resource Constraints",
)
def resources(s: Any) -> Said:
    """After asking for lack of resources the target gives back what comes before the end."""
    return And(s.completed, s.reason == RESOURCES), And(s.first != PENDING, s.second != PENDING)


@sentence("asked.urgent", "pages/handling-the-reception-of-urgent-data.md", "step 4")
def urgent(s: Any) -> Said:
    """After urgent data the target queues what comes."""
    return s.reason == URGENT, Or(*(s.segment == fate for fate in (NO_SEGMENT, ARRIVED, QUEUED)))


@sentence("asked.calls", "ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks")
def calls(s: Any) -> Said:
    """An outstanding disconnect is completed before the termination is."""
    return s.completed, s.disconnect != PENDING


EVENTS = (
    Asks,
    Sends,
    GivesBack,
    SegmentArrives,
    Treats,
    Terminates,
    WorksOff,
    Disconnects,
    Completes,
)

SUBJECT = Subject(
    "asked",
    "between the request for an upload and its end",
    lambda bounds: UploadAsked(),
    parts=(Part("asked", events=EVENTS, properties=collected(globals())),),
)

AUDITED = Audited(
    SUBJECT,
    comes_to={
        "events.sends-after-upload": lambda s: And(s.completed, s.first == GIVEN_BACK, s.second == PENDING),
        "events.segments-after-upload": lambda s: And(s.completed, s.segment == DROPPED),
        "events.disconnect-while-terminating": lambda s: And(s.worked_off, s.disconnect == PENDING),
    },
)
