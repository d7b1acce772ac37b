"""Playing in this process: quick, and at the mercy of the target."""

from __future__ import annotations

import dataclasses
from collections.abc import MutableSequence
from types import TracebackType
from typing import Self

from ...properties.chimney.chimney import CHIMNEY
from ..chimney.play import Factory, Play
from ..chimney.scenario import Scenario
from ..judging.listener import Listener
from ..judging.monitor import Judge, verdict_properties
from .outcome import Outcome

JUDGED = verdict_properties(CHIMNEY.properties)
"""The properties that every run is judged by."""


def prepare(
    factory: Factory,
    scenario: Scenario,
    timeout: float,
    listener: Listener | None = None,
    slot: MutableSequence[float] | None = None,
    judge: Judge | None = None,
) -> Play:
    """A run that is still to begin, judged by all that a target is judged by."""
    return Play(factory, scenario, JUDGED, timeout, listener, slot, judge)


def outcome(play: Play, told: bool) -> Outcome:
    """What came of a run, with its steps if it was *told*."""
    judge = play.judge
    whole = Outcome(dict(judge.breaches), frozenset(judge.reached), tuple(judge.names), play.calls)
    if not told:
        return whole
    monitor = play.monitor
    return dataclasses.replace(whole, initial=monitor.initial(), steps=tuple(monitor.steps()))


class InProcess:
    """A :class:`.outcome.Runner` for a target that is trusted not to take this process along."""

    says = "in the checker's own process"

    def __init__(self, factory: Factory, timeout: float = 5.0) -> None:
        self.factory = factory
        self.timeout = timeout

    def play(self, scenario: Scenario, told: bool = False, timeout: float | None = None) -> Outcome:
        """One run."""
        play = prepare(self.factory, scenario, timeout or self.timeout)
        play.run()
        return outcome(play, told)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
