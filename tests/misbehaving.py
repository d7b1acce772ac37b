"""Targets that do something else than the reference, and what that breaks."""

from __future__ import annotations

from typing import Any

from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED

BUSY = Scenario(
    (
        Move("send", n=100, m=2),
        Move("transmit", n=300),
        Move("peer gets", n=150),
        Move("ack", n=150, m=9000),
        Move("receive", n=10),
        Move("data", n=40),
        Move("forward"),
        Move("call", n=1),
        Move("run"),
        Move("receive", n=64),
        Move("disconnect"),
    )
)


def broken(target: Any, scenario: Any = BUSY, timeout: Any = 5.0) -> Any:
    """Property -> where it broke, in words."""
    play = Play(target, scenario, JUDGED, timeout)
    play.run()
    return {
        name: " / ".join(b.where for b in breach.violation.broken) for name, breach in play.breaches.items()
    }


def overriding(**methods: Any) -> Any:
    """A reference target with some methods replaced."""
    return type("Odd", (Reference,), methods)
