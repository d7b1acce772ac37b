"""When a target asks for an upload, by the state of the connection.

Sources: ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md; pages/fin-wait-2-timer.md;
pages/handling-the-reception-of-urgent-data.md; pages/persist-timer.md; pages/overview-of-tcp-timers.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, If, Not, Or, Value
from ....model.records import BOOL, enum, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import ANSWER_DUE, Said, sentence

TCP_STATE = enum(
    "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "TIME_WAIT", "CLOSED", "CLOSING", "LAST_ACK"
)
ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, TIME_WAIT, CLOSED, CLOSING, LAST_ACK = range(8)
EVENT = enum(
    "none",
    "FIN_WAIT_2 timer expired",
    "urgent data",
    "hardware failure",
    "too many window probes",
    "too many retransmissions",
)
NOTHING, TIMER, URGENT, HARDWARE, PROBES, RETRANSMISSIONS = range(6)


@dataclasses.dataclass(frozen=True)
class Upload:
    """A connection, what befell it, and whether, and in which state, the target asked for its upload."""

    tcp: Value = var(TCP_STATE)
    event: Value = var(EVENT)
    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    asked: Value = var(BOOL)
    asked_in: Value = var(TCP_STATE)
    closed_first: Value = var(BOOL)
    started: Value = var(BOOL)  # the target began the termination itself


def _befalls(s: Any, event: int, states: tuple[int, ...]) -> Happening:
    return And(Not(s.due), Or(*(s.tcp == state for state in states))), update(s, event=event, due=True)


_RECEIVING = (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2)
_ANY = (*_RECEIVING, CLOSE_WAIT)


@event("host")
def LocalFin(s: Any, p: Any) -> Happening:
    """the local side closes: a FIN is sent"""
    after = update(s, tcp=If(s.tcp == CLOSE_WAIT, LAST_ACK, FIN_WAIT_1))
    return And(Or(s.tcp == ESTABLISHED, s.tcp == CLOSE_WAIT), Not(s.due)), after


@event("peer")
def FinAcked(s: Any, p: Any) -> Happening:
    """the peer acknowledges the FIN"""
    return And(s.tcp == FIN_WAIT_1, Not(s.due)), update(s, tcp=FIN_WAIT_2)


@event("peer")
def PeerFin(s: Any, p: Any) -> Happening:
    """the peer's FIN arrives"""
    after = update(s, tcp=If(s.tcp == FIN_WAIT_1, CLOSING, CLOSE_WAIT))
    return And(Or(s.tcp == ESTABLISHED, s.tcp == FIN_WAIT_1), Not(s.due)), after


@event("nobody")
def TimerExpires(s: Any, p: Any) -> Happening:
    """the FIN_WAIT_2 timer expires"""
    return _befalls(s, TIMER, (FIN_WAIT_2,))


@event("peer")
def UrgentData(s: Any, p: Any) -> Happening:
    """a segment with the URG flag arrives"""
    return _befalls(s, URGENT, _RECEIVING)


@event("hardware")
def HardwareFails(s: Any, p: Any) -> Happening:
    """the connection's hardware state is corrupt"""
    return _befalls(s, HARDWARE, _ANY)


@event("peer")
def ProbesRunOut(s: Any, p: Any) -> Happening:
    """the peer answers no window probe any more"""
    return _befalls(s, PROBES, _ANY)


@event("peer")
def RetransmissionsRunOut(s: Any, p: Any) -> Happening:
    """the peer does not acknowledge the last FIN, however often it is sent"""
    return _befalls(s, RETRANSMISSIONS, (CLOSING, LAST_ACK))


@event("peer")
def PeerFinAfterOurs(s: Any, p: Any) -> Happening:
    """the peer's FIN arrives after ours: TIME_WAIT"""
    return And(s.tcp == FIN_WAIT_2, Not(s.due)), update(s, tcp=TIME_WAIT, due=True)


@event("target", asks=BOOL, closes=BOOL, first=BOOL, starts=BOOL)
def Answer(s: Any, p: Any) -> Happening:
    """the target does what it has to (asks for the upload: {asks})"""
    after = update(s, asked=p.asks, asked_in=If(And(p.closes, p.first), CLOSED, s.tcp), closed_first=p.first)
    after = update(after, started=p.starts, tcp=If(p.closes, CLOSED, s.tcp))
    return s.due, update(after, due=False, answered=True)


INDICATE = "ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md"


@sentence("upload.not-half-closed", INDICATE, "Requesting Termination of a TCP Connection")
def not_half_closed(s: Any) -> Said:
    """No upload is asked for in FIN_WAIT_1, FIN_WAIT_2 and CLOSE_WAIT."""
    return And(s.answered, s.asked), And(
        *(s.asked_in != state for state in (FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT))
    )


@sentence("upload.state-true", "ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "State")
def state_true(s: Any) -> Said:
    """The state of a connection changes to CLOSED for no other event than its FIN_WAIT_2 timer."""
    return And(s.answered, s.event != TIMER), s.tcp != CLOSED


@sentence("upload.fin-wait-2", "pages/fin-wait-2-timer.md", "FIN_WAIT_2 Timer")
def fin_wait_2(s: Any) -> Said:
    """An expired FIN_WAIT_2 timer makes the target ask."""
    return And(s.answered, s.event == TIMER), s.asked


@sentence("upload.fin-wait-2-order@as-listed", "pages/fin-wait-2-timer.md", "FIN_WAIT_2 Timer")
def fin_wait_2_order(s: Any) -> Said:
    """In the order of the page the target asks first, and takes the connection for closed then."""
    return And(s.answered, s.event == TIMER), And(Not(s.closed_first), s.tcp == CLOSED)


@sentence("upload.urgent-data@literal", "pages/handling-the-reception-of-urgent-data.md", "step 2")
def urgent_data(s: Any) -> Said:
    """Urgent data makes the target ask."""
    return And(s.answered, s.event == URGENT), s.asked


@sentence(
    "upload.hardware-failure@literal",
    "pages/returning-the-completion-status-of-a-query-offload-operation.md",
    "step 2",
)
def hardware_failure(s: Any) -> Said:
    """Corrupt hardware state makes the target ask."""
    return And(s.answered, s.event == HARDWARE), s.asked


@sentence("upload.window-probes@literal", "pages/persist-timer.md", "Persist Timer")
def window_probes(s: Any) -> Said:
    """Too many window probes without an answer make the target ask."""
    return And(s.answered, s.event == PROBES), s.asked


@sentence("upload.only-the-host-starts", "pages/terminating-offload-state.md", "Terminating Offload State")
def only_the_host_starts(s: Any) -> Said:
    """It is the host alone that starts a termination."""
    return s.answered, Not(s.started)


@sentence("upload.time-wait@literal", "pages/overview-of-tcp-timers.md", "Overview of TCP Timers")
def time_wait(s: Any) -> Said:
    """In TIME_WAIT the target starts the termination."""
    return And(s.answered, s.tcp == TIME_WAIT), s.started


EVENTS = (
    LocalFin,
    FinAcked,
    PeerFin,
    TimerExpires,
    UrgentData,
    HardwareFails,
    ProbesRunOut,
    RetransmissionsRunOut,
    PeerFinAfterOurs,
    Answer,
)

SUBJECT = Subject(
    "upload",
    "upload requests",
    lambda bounds: Upload(),
    parts=(Part("upload", events=EVENTS, properties=collected(globals())),),
)

AUDITED = Audited(
    SUBJECT,
    duty=ANSWER_DUE,
    comes_to={
        "events.upload-when-closing": lambda s: And(
            s.answered, s.event == RETRANSMISSIONS, Or(s.tcp == CLOSING, s.tcp == LAST_ACK), Not(s.asked)
        ),
        "events.time-wait-ends": lambda s: And(s.answered, s.tcp == TIME_WAIT, Not(s.asked)),
    },
)
