"""When a target asks for an upload, by the state of the connection.

Sources: ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md; pages/fin-wait-2-timer.md;
pages/handling-the-reception-of-urgent-data.md; pages/persist-timer.md; pages/overview-of-tcp-timers.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ...model.kernel import Action, Parameter, System
from ...model.logic import And, If, Not, Or, Value
from ...model.records import BOOL, enum, update, var
from ...properties.property import Source
from ..spec import Spec
from .rules import ANSWER, happens, sentence, small_world

TCP_STATE = enum("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "TIME_WAIT", "CLOSED")
ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, TIME_WAIT, CLOSED = range(6)
EVENT = enum("none", "FIN_WAIT_2 timer expired", "urgent data", "hardware failure", "too many window probes")
NOTHING, TIMER, URGENT, HARDWARE, PROBES = range(5)


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


def _moves(name: str, actor: str, says: str, before: int, after: int) -> Action:
    return happens(
        name, actor, says, lambda s: And(s.tcp == before, Not(s.due)), lambda s: update(s, tcp=after)
    )


def _befalls(name: str, actor: str, says: str, event: int, states: tuple[int, ...]) -> Action:
    return happens(
        name,
        actor,
        says,
        lambda s: And(Not(s.due), Or(*(s.tcp == state for state in states))),
        lambda s: update(s, event=event, due=True),
    )


def _answer(s: Upload, p: Any) -> Upload:
    """The target asks, or not, and may take the connection for closed before or after."""
    return update(
        s,
        due=False,
        answered=True,
        asked=p.asks,
        asked_in=If(And(p.closes, p.first), CLOSED, s.tcp),
        closed_first=p.first,
        started=p.starts,
        tcp=If(p.closes, CLOSED, s.tcp),
    )


_CHOICES = tuple(Parameter(name, BOOL) for name in ("asks", "closes", "first", "starts"))
_RECEIVING = (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2)
_ANY = (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT)

SYSTEM = System(
    "upload",
    Upload(),
    lambda s: And(
        s.tcp == ESTABLISHED,
        s.event == NOTHING,
        s.asked_in == ESTABLISHED,
        *(Not(flag) for flag in (s.due, s.answered, s.asked, s.closed_first, s.started)),
    ),
    (
        _moves("LocalFin", "host", "the local side closes: a FIN is sent", ESTABLISHED, FIN_WAIT_1),
        _moves("FinAcked", "peer", "the peer acknowledges the FIN", FIN_WAIT_1, FIN_WAIT_2),
        _moves("PeerFin", "peer", "the peer's FIN arrives", ESTABLISHED, CLOSE_WAIT),
        _befalls("TimerExpires", "nobody", "the FIN_WAIT_2 timer expires", TIMER, (FIN_WAIT_2,)),
        _befalls("UrgentData", "peer", "a segment with the URG flag arrives", URGENT, _RECEIVING),
        _befalls("HardwareFails", "hardware", "the connection's hardware state is corrupt", HARDWARE, _ANY),
        _befalls("ProbesRunOut", "peer", "the peer answers no window probe any more", PROBES, _ANY),
        happens(
            "PeerFinAfterOurs",
            "peer",
            "the peer's FIN arrives after ours: TIME_WAIT",
            lambda s: And(s.tcp == FIN_WAIT_2, Not(s.due)),
            lambda s: update(s, tcp=TIME_WAIT, due=True),
        ),
        Action(
            ANSWER,
            "target",
            _CHOICES,
            lambda s, p: s.due,
            _answer,
            "the target does what it has to (asks for the upload: {asks})",
        ),
    ),
    "Upload requests against the state of the connection.",
)

EVENTS = "ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md"
_FIN_WAIT_2 = Source("pages/fin-wait-2-timer.md", "FIN_WAIT_2 Timer")


def _asks(name: str, says: str, source: Source, event: int) -> Any:
    return sentence(name, says, source, lambda s: And(s.answered, s.event == event), lambda s: s.asked)


RULES = (
    sentence(
        "upload.not-half-closed",
        "No upload is asked for in FIN_WAIT_1, FIN_WAIT_2 and CLOSE_WAIT.",
        Source(EVENTS, "Requesting Termination of a TCP Connection"),
        lambda s: And(s.answered, s.asked),
        lambda s: And(*(s.asked_in != state for state in (FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT))),
    ),
    sentence(
        "upload.state-true",
        "The state of a connection changes to CLOSED for no other event than its FIN_WAIT_2 timer.",
        Source("ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "State"),
        lambda s: And(s.answered, s.event != TIMER),
        lambda s: s.tcp != CLOSED,
    ),
    _asks("upload.fin-wait-2", "An expired FIN_WAIT_2 timer makes the target ask.", _FIN_WAIT_2, TIMER),
    sentence(
        "upload.fin-wait-2-order@as-listed",
        "In the order of the page the target asks first, and takes the connection for closed then.",
        _FIN_WAIT_2,
        lambda s: And(s.answered, s.event == TIMER),
        lambda s: And(Not(s.closed_first), s.tcp == CLOSED),
    ),
    _asks(
        "upload.urgent-data@literal",
        "Urgent data makes the target ask.",
        Source("pages/handling-the-reception-of-urgent-data.md", "step 2"),
        URGENT,
    ),
    _asks(
        "upload.hardware-failure@literal",
        "Corrupt hardware state makes the target ask.",
        Source("pages/returning-the-completion-status-of-a-query-offload-operation.md", "step 2"),
        HARDWARE,
    ),
    _asks(
        "upload.window-probes@literal",
        "Too many window probes without an answer make the target ask.",
        Source("pages/persist-timer.md", "Persist Timer"),
        PROBES,
    ),
    sentence(
        "upload.only-the-host-starts",
        "It is the host alone that starts a termination.",
        Source("pages/terminating-offload-state.md", "Terminating Offload State"),
        lambda s: s.answered,
        lambda s: Not(s.started),
    ),
    sentence(
        "upload.time-wait@literal",
        "In TIME_WAIT the target starts the termination.",
        Source("pages/overview-of-tcp-timers.md", "Overview of TCP Timers"),
        lambda s: And(s.answered, s.tcp == TIME_WAIT),
        lambda s: s.started,
    ),
)


def spec() -> Spec:
    """The sentences on upload requests."""
    return small_world("upload requests", SYSTEM, RULES, spec)
