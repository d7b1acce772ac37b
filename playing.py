"""Single scenarios played on a target: for property tests, and to look at one run.

with Stage("driver/") as stage:
    played = stage.play(scenario)
    assert played.ok, str(played)
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .counterexamples.render import Told, render
from .counterexamples.story import headline
from .counterexamples.trace import Trace, traced
from .properties.loading import SubjectRef
from .targets.api import Target
from .targets.chimney.scenario import Scenario
from .targets.machine.refusal import BadTarget
from .targets.running.direct import InProcess, judged_by
from .targets.running.launch import How, launch
from .targets.running.outcome import Outcome, Runner
from .version import __version__

if TYPE_CHECKING:
    from rich.console import Console


class Played(Told):
    """What came of a run: ``traces``, one for each rule that broke. It prints as the story of the first."""

    def __init__(self, scenario: Scenario, traces: Sequence[Trace]) -> None:
        self.scenario, self.traces = scenario, tuple(sorted(traces, key=lambda trace: len(trace.steps)))

    @property
    def ok(self) -> bool:
        """Whether the target kept every rule."""
        return not self.traces

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of what broke."""
        return tuple(trace.violation.property for trace in self.traces if trace.violation)

    def _tell(self, console: Console) -> None:
        for trace in self.traces[:1]:
            render(trace, console)
        for trace in self.traces[1:]:
            console.print(f"VIOLATED  {headline(trace)}")
        if self.ok:
            console.print(f"NOTHING BROKEN in a run of {len(self.scenario.moves)} moves")


class Stage:
    """A target that scenarios are played on; to be used in a ``with`` block, which ends what it started.

    A class is played in this process: quick, and at its mercy. A target that is named, as on the command
    line, has a process of its own; what is built is built once. *timeout* is in seconds for one call;
    for the rest see :func:`chimneysweep.conform`. Raises ValueError for a target that cannot be had.
    """

    def __init__(
        self,
        target: type[Target] | str | os.PathLike[str],
        *,
        timeout: float = 2.0,
        sanitize: bool = True,
        cflags: Sequence[str] = (),
        protocol: bool = False,
        subject: str | os.PathLike[str] = "chimney",
        clauses: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        self.timeout = timeout
        self.ref = SubjectRef(os.fspath(subject), tuple(os.fspath(file) for file in clauses))
        self.runner: Runner
        self.name = (
            f"{inspect.getfile(target)}:{target.__name__}" if isinstance(target, type) else os.fspath(target)
        )
        try:
            self.judged = judged_by(self.ref)
            if isinstance(target, type):
                self.runner = InProcess(target, timeout, self.judged)
            else:
                self.name = os.fspath(target)
                self.runner = launch(self.name, How(sanitize, tuple(cflags), protocol), timeout, self.ref)
        except BadTarget as problem:
            raise ValueError(str(problem)) from None

    def __enter__(self) -> Self:
        self.runner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runner.__exit__(kind, error, trace)

    def play(self, scenario: Scenario) -> Played:
        """One run; whatever the target does wrong is in what came of it."""
        outcome = self.runner.play(scenario)
        if not outcome.breaches:
            return Played(scenario, ())
        again = self.runner.play(scenario, traced=True)
        return Played(scenario, [self._trace(scenario, again, name) for name in again.breaches])

    def _trace(self, scenario: Scenario, again: Outcome, name: str) -> Trace:
        breach = again.breaches[name]
        meta = {"target": self.name, "scenario": scenario.to_json(), "timeout": self.timeout}
        meta |= {"origin": "one scenario", "version": __version__}
        steps, first = list(again.steps[: breach.steps]), again.initial or {}
        world, own = scenario.bounds(), traced(self.judged.subject, self.ref)
        return Trace("target", self.name, world, first, steps, breach.violation, meta, subject=own)


def play(
    target: type[Target] | str | os.PathLike[str], scenario: Scenario, *, timeout: float = 2.0, **how: Any
) -> Played:
    """One scenario played on a target: see :class:`Stage`."""
    with Stage(target, timeout=timeout, **how) as stage:
        return stage.play(scenario)
