"""From a solver's answer to a trace: every run is replayed in the Python semantics first.

A run that does not replay is a defect of chimneysweep, and says so.
"""

from __future__ import annotations

import dataclasses
import platform
from typing import Any

from ..counterexamples.trace import Step, Trace, TracedSubject, flat, run, step, violation
from ..model.bounds import Bounds
from ..model.kernel import System, arguments
from ..model.records import rebuild
from ..properties.property import Property
from .bmc import ShortestRun
from .induction import Obstacle


class DoesNotReplay(RuntimeError):
    """A run that the solver found and that the Python semantics does not follow: our defect."""


@dataclasses.dataclass(frozen=True)
class TraceMaker:
    """Makes traces of one system: of *design*, as it is loaded, in a world of *subject*."""

    system: System
    bounds: Bounds
    subject: TracedSubject
    design: str

    def _meta(self, engine: str) -> dict[str, Any]:
        import z3

        from ..version import __version__

        return {
            "engine": engine,
            "chimneysweep": __version__,
            "z3": z3.get_version_string(),
            "python": platform.python_version(),
        }

    def _trace(self, first: Any, steps: list[Step], broken: Any, engine: str) -> Trace:
        meta = self._meta(engine)
        return Trace(
            "model", self.design, self.bounds, flat(first), steps, broken, meta, subject=self.subject
        )

    def counterexample(self, found: ShortestRun, prop: Property) -> Trace:
        """The run as a trace that breaks *prop*. Raises DoesNotReplay."""
        first, steps, last = self._replay(found)
        broken = violation(prop, last)
        if broken is None:
            raise DoesNotReplay(f"{prop.name} holds at the end of the run that was to break it")
        return self._trace(first, steps, broken, "bmc")

    def witness(self, found: ShortestRun, prop: Property) -> Trace:
        """The run as a trace to a state where the premise of *prop* holds. Raises DoesNotReplay."""
        first, steps, last = self._replay(found)
        if not prop.premise(last):
            raise DoesNotReplay(f"the premise of {prop.name} does not hold at the end of its witness")
        return self._trace(first, steps, None, "bmc")

    def reached(self, found: ShortestRun) -> Trace:
        """The run as a trace that breaks nothing: somebody wanted to come there. Raises DoesNotReplay."""
        first, steps, _ = self._replay(found)
        return self._trace(first, steps, None, "bmc")

    def _replay(self, found: ShortestRun) -> tuple[Any, list[Step], Any]:
        first = rebuild(self.system.template, found.first)
        try:
            steps, last = run(self.system, first, found.choices)
        except ValueError as error:
            raise DoesNotReplay(str(error)) from error
        return first, steps, last

    def induction(self, obstacle: Obstacle, prop: Property) -> Trace | None:
        """The counterexample to induction as a one-step trace; None if the solver gave no model."""
        if not obstacle.before:
            return None
        before = rebuild(self.system.template, obstacle.before)
        if not obstacle.action:
            return self._trace(before, [], violation(prop, before), "induction")
        action, parameters = self.system.action(obstacle.action), dict(obstacle.parameters)
        after = action.effect(before, arguments(parameters))
        taken = step(action, parameters, before, after)
        return self._trace(before, [taken], violation(prop, after), "induction")
