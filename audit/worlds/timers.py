"""What the timer members of the delegated structure hold when a connection goes back.

Sources: ddi/ns-ndischimney-_tcp_offload_state_delegated.md; pages/retransmit-timer.md;
pages/persist-timer.md; pages/keepalive-timer.md. Times are in clock ticks; -1 is a timer that does not run.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ...model.kernel import Action, Parameter, System
from ...model.logic import And, Not, Or, Value
from ...model.records import BOOL, between, update, var
from ...properties.property import Source
from ..spec import Spec
from .rules import ANSWER, sentence, small_world

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


def _first(s: Timers) -> Value:
    still = (s.retransmit, s.persist, s.keepalive, s.retransmit_delta, s.keepalive_delta)
    off = And(*(timer == OFF for timer in still), s.probes == 0, s.keepalive_count == 0)
    return And(off, Not(s.due), Not(s.answered), Not(s.window_open))


_FIELDS = ("retransmit_delta", "keepalive_delta", "keepalive_count")


def _answer(s: Timers, p: Any) -> Timers:
    handed = {name: getattr(p, name) for name in _FIELDS}
    return update(s, due=False, answered=True, **handed)


SYSTEM = System(
    "timers",
    Timers(),
    _first,
    (
        Action(
            "Sending",
            "target",
            (Parameter("left", between(0, 3)), Parameter("keepalive", TICKS), Parameter("probes", COUNT)),
            lambda s, p: And(Not(s.due), Not(s.answered), Or(p.keepalive != OFF, p.probes == 0)),
            lambda s, p: update(
                s, due=True, window_open=True, retransmit=p.left, keepalive=p.keepalive, probes=p.probes
            ),
            "data is in flight, the window is open, the retransmit timer has {left} ticks left; the host "
            "terminates",
        ),
        Action(
            "Probing",
            "target",
            (Parameter("left", between(0, 3)),),
            lambda s, p: And(Not(s.due), Not(s.answered)),
            lambda s, p: update(s, due=True, persist=p.left),
            "the window is closed, the persist timer has {left} ticks left; the host terminates",
        ),
        Action(
            ANSWER,
            "target",
            (
                Parameter("retransmit_delta", TICKS),
                Parameter("keepalive_delta", TICKS),
                Parameter("keepalive_count", COUNT),
            ),
            lambda s, p: s.due,
            _answer,
            "the target hands the timers over",
        ),
    ),
    "Timers that are handed over.",
)

DELEGATED = "ddi/ns-ndischimney-_tcp_offload_state_delegated.md"
_PERSIST = Source("pages/persist-timer.md", "Persist Timer")
_KEEPALIVE = Source("pages/keepalive-timer.md", "Keepalive Timer")

RULES = (
    sentence(
        "timers.retransmit",
        "Retransmit.TimeoutDelta is the time left of the retransmit timer, where that runs.",
        Source("pages/retransmit-timer.md", "Retransmit Timer"),
        lambda s: And(s.answered, s.retransmit != OFF),
        lambda s: s.retransmit_delta == s.retransmit,
    ),
    sentence(
        "timers.persist",
        "Retransmit.TimeoutDelta is the time left of the persist timer, where that runs.",
        _PERSIST,
        lambda s: And(s.answered, s.persist != OFF),
        lambda s: s.retransmit_delta == s.persist,
    ),
    sentence(
        "timers.persist-off@literal",
        "Where the persist timer does not run, TimeoutDelta is -1.",
        _PERSIST,
        lambda s: And(s.answered, s.persist == OFF),
        lambda s: s.retransmit_delta == OFF,
    ),
    sentence(
        "timers.retransmit-off@literal",
        "Where the retransmit timer does not run, Retransmit.TimeoutDelta is -1.",
        Source(DELEGATED, "Retransmit.TimeoutDelta"),
        lambda s: And(s.answered, s.retransmit == OFF),
        lambda s: s.retransmit_delta == OFF,
    ),
    sentence(
        "timers.open-window@literal",
        "While the window is open, the retransmit TimeoutDelta serves the keepalive timer.",
        _PERSIST,
        lambda s: And(s.answered, s.window_open),
        lambda s: s.retransmit_delta == s.keepalive,
    ),
    sentence(
        "timers.keepalive-time",
        "KeepAlive.TimeoutDelta is the time left of the keepalive timer, -1 where it does not run.",
        _KEEPALIVE,
        lambda s: s.answered,
        lambda s: s.keepalive_delta == s.keepalive,
    ),
    sentence(
        "timers.keepalive-count",
        "KeepAlive.ProbeCount is the number of probes without an answer.",
        _KEEPALIVE,
        lambda s: s.answered,
        lambda s: s.keepalive_count == s.probes,
    ),
    sentence(
        "timers.keepalive-union@literal",
        "KeepAlive is a union, so its two members are one and the same storage.",
        Source(DELEGATED, "KeepAlive"),
        lambda s: And(s.answered, s.keepalive != OFF),  # where it is off, nobody reads the count
        lambda s: s.keepalive_count == s.keepalive_delta,
    ),
)


def spec() -> Spec:
    """The sentences on the timers in the delegated structure."""
    return small_world("timers handed over", SYSTEM, RULES, spec)
