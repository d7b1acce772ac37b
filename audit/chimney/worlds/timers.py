"""What the timer members of the delegated structure hold when a connection goes back.

Sources: ddi/ns-ndischimney-_tcp_offload_state_delegated.md; pages/retransmit-timer.md;
pages/persist-timer.md; pages/keepalive-timer.md. Times are in clock ticks; -1 is a timer that does not run.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, Not, Or, Value
from ....model.records import BOOL, between, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import ANSWER_DUE, Said, sentence

OFF = -1
TICKS = between(OFF, 3)
COUNT = between(0, 3)


@dataclasses.dataclass(frozen=True)
class Timers:
    """What the target's timers stand at, and what it hands over."""

    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    window_open: Value = var(BOOL)  # SndWnd is not 0
    retransmit: Value = var(TICKS, OFF)  # time left; OFF while it does not run
    persist: Value = var(TICKS, OFF)
    keepalive: Value = var(TICKS, OFF)
    probes: Value = var(COUNT)  # keepalive probes without an answer
    retransmit_delta: Value = var(TICKS, OFF)  # Retransmit.TimeoutDelta as handed over
    keepalive_delta: Value = var(TICKS, OFF)  # KeepAlive.TimeoutDelta
    keepalive_count: Value = var(COUNT)  # KeepAlive.ProbeCount


@event("host", left=between(0, 3), keepalive=TICKS, probes=COUNT)
def Sending(s: Any, p: Any) -> Happening:
    """data is in flight, the window is open, the retransmit timer has {left} ticks left; the host
    terminates"""
    may = And(Not(s.due), Not(s.answered), Or(p.keepalive != OFF, p.probes == 0))
    running = update(s, window_open=True, retransmit=p.left, keepalive=p.keepalive, probes=p.probes)
    return may, update(running, due=True)


@event("host", left=between(0, 3))
def Probing(s: Any, p: Any) -> Happening:
    """the window is closed, the persist timer has {left} ticks left; the host terminates"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True, persist=p.left)


@event("target", retransmit_delta=TICKS, keepalive_delta=TICKS, keepalive_count=COUNT)
def Answer(s: Any, p: Any) -> Happening:
    """the target hands the timers over"""
    return s.due, update(s, due=False, answered=True, **vars(p))


DELEGATED = "ddi/ns-ndischimney-_tcp_offload_state_delegated.md"


@sentence("timers.retransmit", "pages/retransmit-timer.md", "Retransmit Timer")
def retransmit(s: Any) -> Said:
    """Retransmit.TimeoutDelta is the time left of the retransmit timer, where that runs."""
    return And(s.answered, s.retransmit != OFF), s.retransmit_delta == s.retransmit


@sentence("timers.persist", "pages/persist-timer.md", "Persist Timer")
def persist(s: Any) -> Said:
    """Retransmit.TimeoutDelta is the time left of the persist timer, where that runs."""
    return And(s.answered, s.persist != OFF), s.retransmit_delta == s.persist


@sentence("timers.persist-off@literal", "pages/persist-timer.md", "Persist Timer")
def persist_off(s: Any) -> Said:
    """Where the persist timer does not run, TimeoutDelta is -1."""
    return And(s.answered, s.persist == OFF), s.retransmit_delta == OFF


@sentence("timers.retransmit-off@literal", DELEGATED, "Retransmit.TimeoutDelta")
def retransmit_off(s: Any) -> Said:
    """Where the retransmit timer does not run, Retransmit.TimeoutDelta is -1."""
    return And(s.answered, s.retransmit == OFF), s.retransmit_delta == OFF


@sentence("timers.open-window@literal", "pages/persist-timer.md", "Persist Timer")
def open_window(s: Any) -> Said:
    """While the window is open, the retransmit TimeoutDelta serves the keepalive timer."""
    return And(s.answered, s.window_open), s.retransmit_delta == s.keepalive


@sentence("timers.keepalive-time", "pages/keepalive-timer.md", "Keepalive Timer")
def keepalive_time(s: Any) -> Said:
    """KeepAlive.TimeoutDelta is the time left of the keepalive timer, -1 where it does not run."""
    return s.answered, s.keepalive_delta == s.keepalive


@sentence("timers.keepalive-count", "pages/keepalive-timer.md", "Keepalive Timer")
def keepalive_count(s: Any) -> Said:
    """KeepAlive.ProbeCount is the number of probes without an answer."""
    return s.answered, s.keepalive_count == s.probes


@sentence("timers.keepalive-union@literal", DELEGATED, "KeepAlive")
def keepalive_union(s: Any) -> Said:
    """KeepAlive is a union, so its two members are one and the same storage."""
    return And(s.answered, s.keepalive != OFF), s.keepalive_count == s.keepalive_delta


SUBJECT = Subject(
    "timers",
    "timers handed over",
    lambda bounds: Timers(),
    parts=(Part("timers", events=(Sending, Probing, Answer), properties=collected(globals())),),
)

AUDITED = Audited(SUBJECT, duty=ANSWER_DUE)
