"""Playing in this process: quick, and at the mercy of the target."""

from __future__ import annotations

import dataclasses
import functools
from types import TracebackType
from typing import Self

from ...counterexamples.trace import Step
from ...properties.chimney.chimney import CHIMNEY
from ...properties.loading import BadFile, SubjectRef, as_it_is
from ...properties.mistakes import as_text
from ...properties.validation import additions_inspected
from ..chimney.interface import Factory
from ..chimney.play import Play, plain_monitor
from ..chimney.scenario import Scenario
from ..judging.criteria import Criteria, criteria
from ..judging.reads import SMALL
from ..machine.refusal import BadTarget
from .branching import Branch, Expand, Expanded, expand
from .code import Code
from .outcome import Outcome
from .sweep import SLOW, Sweep, Swept, Ways

JUDGED = criteria(CHIMNEY)
"""What every run is judged by where a user adds nothing."""


def judged_by(ref: SubjectRef) -> Criteria:
    """What runs are judged by with what a user adds. Raises BadTarget."""
    return _judged_by(ref, as_it_is(*ref.files()))


@functools.lru_cache(maxsize=8)
def _judged_by(ref: SubjectRef, version: str) -> Criteria:
    try:
        subject = ref.load()
    except BadFile as bad:
        raise BadTarget(str(bad)) from bad
    if subject is CHIMNEY:
        return JUDGED
    if subject.start is not CHIMNEY.start:
        raise BadTarget(
            f"{ref.subject} has a world of its own, and a target is judged in the chimney's; name a subject "
            "that adds parts or clauses to it (CHIMNEY.with_parts(...))"
        )
    judged = criteria(subject)
    folders = {path.resolve().parent for path in ref.files()}
    wrong = additions_inspected(subject, SMALL, folders, (), judged.properties_added, judged.added)
    if wrong:
        raise BadTarget(as_text(wrong))
    return judged


def outcome(play: Play, traced: bool) -> Outcome:
    """What came of a run, with its steps if it was *traced*."""
    judge = play.judge
    whole = Outcome(
        dict(play.breaches), frozenset(judge.reached), tuple(judge.names), play.calls, points=play.points
    )
    if not traced:
        return whole
    monitor, remarks = play.monitor, play.ndis.remarks
    steps = tuple(_remarked(step, remarks.get(k, "")) for k, step in enumerate(monitor.steps()))
    return dataclasses.replace(whole, initial=monitor.initial(), steps=steps)


def _remarked(step: Step, remark: str) -> Step:
    """The step with what is said of it besides."""
    words = remark.replace("{", "{{").replace("}", "}}")
    return dataclasses.replace(step, says=f"{step.says} ({words})") if remark else step


class InProcess:
    """A :class:`.outcome.Runner` for a target that is trusted not to take this process along."""

    says = "in the checker's own process"
    code = Code()
    interrupts = locks = False
    peak = 0

    def __init__(self, factory: Factory, timeout: float = 5.0, judged: Criteria = JUDGED) -> None:
        self.factory = factory
        self.timeout = timeout
        self.judged = judged

    def play(self, scenario: Scenario, traced: bool = False, timeout: float | None = None) -> Outcome:
        """One run."""
        play = Play(self.factory, scenario, self.judged, timeout or self.timeout)
        play.run()
        return outcome(play, traced)

    def scout(self, scenario: Scenario, timeout: float | None = None) -> Outcome:
        """The same run."""
        return self.play(scenario, timeout=timeout)

    def expand(self, request: Expand) -> Expanded:
        """All ways on from a state."""

        def made(plain: bool) -> Branch:
            judge = plain_monitor(request.scenario, self.judged, bounds=request.bounds)
            given = (self.factory, request.scenario, self.judged, request.timeout)
            return Branch(*given, judge=judge, room=request.bounds)

        return expand(request, made)

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept:
        """Many states at once: not in this process."""
        return SLOW

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
