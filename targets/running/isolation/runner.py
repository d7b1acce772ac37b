"""A runner that survives whatever the target does: each run is in a child process, and is watched."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self

from ....counterexamples.trace import Scalar, Step
from ....model.chimney.only_seen import Misbehaves
from ....properties.loading import SubjectRef
from ...chimney.scenario import Scenario
from ...judging.monitor import Breach, misbehaviour
from ...machine.watchdog import Patience
from ..branching import Expand, Expanded
from ..outcome import Death, Outcome
from ..symbols import named
from .call_places import placed
from .child import Child
from .deaths import Remains, autopsy, own_words
from .messages import Begins, Defect, Done, Ended, Inside, PlayRequest, Recipe, Told

CHIMNEY_ALONE = SubjectRef()
POLL = 0.1
GRACE = 0.5
"""Seconds (no more than its own) that an entry point gets for the watchdog in its own process to end it."""
IDLE = 30.0
"""Seconds that a run may take outside of every entry point: that is our own code, and takes no time."""


class Isolated:
    """A :class:`..outcome.Runner`. A worker plays until a run breaks something; then another is forked."""

    def __init__(
        self,
        recipe: Recipe,
        timeout: float = 5.0,
        forks: bool = hasattr(os, "fork"),
        keep: object = None,
        subject: SubjectRef = CHIMNEY_ALONE,
    ) -> None:
        """Load the target. Raises BadTarget.

        *forks*: whether the system can. *keep*: what must live as long as this, such as a folder.
        *subject*: what it is judged by.
        """
        self.says = recipe.says
        self.keep = keep
        self.timeout = timeout
        self.child = Child(recipe, forks, subject)
        try:
            self.child.start()
        except BaseException:
            self.child.close()
            raise
        self.code = self.child.code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, and all that it started."""
        self.child.close()

    def play(self, scenario: Scenario, told: bool = False, timeout: float | None = None) -> Outcome:
        """One run; see :class:`..outcome.Runner`."""
        try:
            return self._play(PlayRequest(scenario, told, timeout or self.timeout))
        except BaseException:
            self.child.end()  # in the middle of something; the next run starts it again
            raise

    def expand(self, request: Expand) -> Expanded | Outcome:
        """What came of it, or the death that the process died of meanwhile."""
        try:
            found = self._ask(request, not self.child.worker)
            if request.apart or (isinstance(found, Expanded) and any(edge.breaches for edge in found.edges)):
                self.child.worker = 0
            return found
        except BaseException:
            self.child.end()
            raise

    def _play(self, request: PlayRequest) -> Outcome:
        found = self._ask(request, request.told or not self.child.worker)
        assert isinstance(found, Outcome)
        return found

    def _ask(self, request: PlayRequest | Expand, fresh: bool) -> Outcome | Expanded:
        """Have the worker, or a *fresh* one, do it."""
        child = self.child
        if fresh:
            child.fresh()
        mark, heard, silence = child.mark(), _Heard(), _Silence(request.timeout, child.worker)
        child.ask(request)
        while True:
            message = child.listen(POLL)
            if isinstance(message, Expanded):
                return message
            if isinstance(message, Done):
                if message.outcome.breaches:
                    child.worker = 0  # whatever it did to itself, the next run does not inherit it
                steps = tuple(placed(heard.steps, heard.stacks))
                said = "\n".join(own_words(child.said(mark)))
                return dataclasses.replace(message.outcome, initial=heard.initial, steps=steps, said=said)
            if isinstance(message, Defect):
                raise RuntimeError(message.traceback)
            hung = 0.0
            if message is None and silence.is_hang(child.beat.slot[0]):
                hung, message = request.timeout, child.kill()
            if isinstance(message, Ended):
                return self._dead(message, heard, hung, mark)
            heard.hears(message)

    def _dead(self, ended: Ended, heard: _Heard, hung: float, mark: int) -> Outcome:
        """The outcome of a run that ended so; addresses get names if somebody will read them."""
        child = self.child
        lost = child.wild or bool(child.beat.slot[1])
        texts = (child.reports(), child.said(mark))
        reports, said = map(named, texts) if heard.initial is not None else texts
        death = autopsy(Remains(ended.code, heard.inside, hung, lost, reports, said))
        outcome = heard.dead(death, "\n".join(own_words(said)))
        heard.stacks.append(reports.splitlines())
        return dataclasses.replace(outcome, steps=tuple(placed(outcome.steps, heard.stacks)))


class _Silence:
    """How long a worker may be silent."""

    def __init__(self, timeout: float, worker: int) -> None:
        self.patience = Patience(timeout + min(timeout, GRACE), worker)
        self.active = monotonic()

    def is_hang(self, since: float) -> bool:
        """Whether it has taken too long, if the call that is under way began at *since* (0: none is)."""
        if since:
            self.active = monotonic()
            return self.patience.left(since) < 0
        return monotonic() - self.active > IDLE


class _Heard:
    """What a worker has told of a run so far."""

    def __init__(self) -> None:
        self.initial: dict[str, Scalar] | None = None
        self.steps: list[Step] = []
        self.stacks: list[Sequence[str]] = []  # of each step: who made it
        self.breaches: dict[str, Breach] = {}
        self.reached: frozenset[str] = frozenset()
        self.inside: tuple[str, ...] = ()
        self.calls = 0

    def hears(self, message: Any) -> None:
        """Take note of a message."""
        match message:
            case Begins(initial):
                self.initial = dict(initial)
            case Inside(entry_points):
                self.calls += len(entry_points) > len(self.inside)
                self.inside = entry_points
            case Told(step, broke, reached, stack):
                self.steps.append(step)
                self.stacks.append(stack)
                self.breaches.update(broke)
                self.reached = reached

    def dead(self, death: Death, said: str) -> Outcome:
        """The outcome of a run that ended so: the death is its last step."""
        self.steps.append(Step(Misbehaves.name, "target", {}, death.what, {}))
        self.breaches.setdefault(death.rule, Breach(len(self.steps), misbehaviour(death.rule, death.what)))
        if self.initial is None:
            return Outcome(self.breaches, death=death, said=said)
        happened = tuple(step.action for step in self.steps)
        steps = tuple(self.steps)
        return Outcome(self.breaches, self.reached, happened, self.calls, self.initial, steps, death, said)
