"""A runner that survives whatever the target does: it lives in a child process, and is judged in this one."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar
from zlib import crc32

from ....counterexamples.trace import Step
from ....model.chimney.only_seen import Misbehaves
from ....properties.loading import SubjectRef
from ...chimney.interface import BESIDES, OPTIONAL
from ...chimney.moves import interrupted
from ...chimney.notes import Notes
from ...chimney.play import Play
from ...chimney.recipes import NativeRecipe
from ...chimney.scenario import Scenario
from ...judging.compiled.fast_monitor import FastMonitor
from ...judging.compiled.monitor_maker import Maker
from ...judging.compiled.told import judged_again
from ...judging.listener import Listener
from ...judging.misbehaviour import CLOSED, Misbehaved
from ...judging.monitor import Breach, Happened, Judge, misbehaviour
from ...machine.watchdog import Watch
from ..branching import Expand, Expanded
from ..compiled_monitors import Compiled
from ..direct import JUDGED, judged_by, outcome
from ..outcome import Outcome
from ..sweep import Sweep, Swept, Ways
from ..symbols import named
from .call_places import laid_out, place, placed
from .child import POSIX, Child
from .messages import Recipe
from .remote_target import Conversation, Packs

Found = TypeVar("Found", Expanded, Swept)
Said = TypeVar("Said", Expanded, Swept, Outcome | None)
CHIMNEY_ALONE = SubjectRef()
SAMPLE = 32
"""One in so many runs of a search is played and judged from outside in any case."""
TAMPERED = "what was judged beside the driver is not what was told of its calls as they were made"


class Isolated:
    """A :class:`..outcome.Runner`. A worker plays until a run breaks something; then another is forked.

    The chimney's own properties are judged at the speed of C where that has been compiled; what a user
    adds to them, by the plain monitor.
    """

    def __init__(
        self,
        recipe: Recipe,
        timeout: float = 5.0,
        forks: bool = hasattr(os, "fork"),
        keep: object = None,
        subject: SubjectRef = CHIMNEY_ALONE,
        explores: bool = False,
    ) -> None:
        """Load the target. Raises BadTarget.

        *forks*: whether the system can. *keep*: what must live as long as this, such as a folder.
        *subject*: what it is judged by. *explores*: it is to expand states.
        """
        self.says = recipe.says
        self.interrupts, self.locks = recipe.interrupts, recipe.locks
        self.keep = keep
        self.timeout = timeout
        self.subject = subject
        self.judged = judged_by(subject)
        self.packs = Packs()
        self.compiled = Compiled(Maker(self.judged)) if self.judged is JUDGED else None
        self.tells = [event.called for event in self.judged.added if event.called]
        self.child = Child(recipe, forks, self.tells)
        if explores:
            self._goes_back()
            self.child.explores = subject
        try:
            self.child.start()
        except BaseException:
            self.child.close()
            raise
        self.code = self.child.code

    @property
    def peak(self) -> int:
        """The most memory that the target's process took, in MB."""
        self.child.note_peak()
        return self.child.peak

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, and all that it started."""
        self.child.close()

    def play(self, scenario: Scenario, traced: bool = False, timeout: float | None = None) -> Outcome:
        """One run; see :class:`..outcome.Runner`."""
        judge = None if traced or not self.compiled else self.compiled.monitor(scenario)
        try:
            play, found = self._play(scenario, traced, timeout or self.timeout, judge)
            if play.judge.beyond:
                _, found = self._play(scenario, traced, timeout or self.timeout, None)
        except BaseException:
            self.child.end()  # in the middle of something; the next run starts it again
            raise
        return found

    def scout(self, scenario: Scenario, timeout: float | None = None) -> Outcome:
        """One run, judged beside a driver in C and once more here; as ever where that is not in order.

        One in SAMPLE is made as ever: what is told here was seen in the driver's process.
        """
        seconds = timeout or self.timeout
        native = POSIX and isinstance(self.child.recipe, NativeRecipe)
        judge = self.compiled.monitor(scenario) if native and self.compiled else None
        alone = any(move.kind == interrupted.name for move in scenario.moves)
        if judge is None or alone or crc32(repr(scenario.moves).encode()) % SAMPLE == 0:
            return self.play(scenario, timeout=timeout)
        if self.child.record:
            self.child.record.read()  # what is left of a run that came to no end
        found = self._beside(seconds, lambda talk: talk.scout(scenario))
        said = self.child.words()
        again = self._again(found, judge) if found and not found.breaches else None
        if again == found and again:
            return dataclasses.replace(again, said=said)
        self.child.worker = 0
        usual = self.play(scenario, timeout=timeout)
        if not again or usual.breaches:
            return usual
        return dataclasses.replace(usual, breaches={CLOSED: Breach(1, misbehaviour(CLOSED, TAMPERED))})

    def _again(self, found: Outcome, judge: FastMonitor) -> Outcome:
        """What came of a run whose events were told, judged here; it is equal to what was *found* there."""
        assert self.child.record
        try:
            names = tuple(judged_again(judge, self.child.record.read()))
        except (ValueError, LookupError, TypeError, OverflowError):
            names = ()
        broken = judge.beyond or Misbehaves.name in names
        breaches = {CLOSED: Breach(1, misbehaviour(CLOSED, TAMPERED))} if broken else judge.breaches
        return dataclasses.replace(found, breaches=breaches, reached=judge.reached, happened=names)

    def expand(self, request: Expand) -> Expanded | Outcome:
        """What came of it, or the death that the process died of meanwhile."""
        return self._explored(request.timeout, lambda talk: talk.expand(request, self.packs))

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept | Outcome:
        """The same of many states at once."""
        return self._explored(sweep.timeout, lambda talk: talk.sweep(ways, sweep, self.packs))

    def _explored(self, timeout: float, asks: Callable[[Conversation], Found]) -> Found | Outcome:
        self._goes_back()
        found = self._beside(timeout, asks)
        if not isinstance(found, Outcome) and found.spoiled:
            self.child.worker = 0
        return found

    def _goes_back(self) -> None:
        """A driver in C is loaded in such a way that it can be put back."""
        child = self.child
        if isinstance(child.recipe, NativeRecipe) and not child.recipe.keeps:
            child.end()
            child.recipe = dataclasses.replace(child.recipe, keeps=True)

    def _beside(self, timeout: float, asks: Callable[[Conversation], Said]) -> Said | Outcome:
        """What the target's process says, or the death that it died of meanwhile."""
        child = self.child
        if child.explores is None:
            child.end()  # it is loaded with all that judges beside it
            child.explores = self.subject
        talk = Conversation(child, timeout, False, self.tells)
        try:
            child.begin(fresh=False)
            return asks(talk)
        except Misbehaved as died:
            child.worker = 0
            return Outcome({died.rule: Breach(1, misbehaviour(died.rule, str(died)))}, death=talk.death)
        except BaseException:
            child.end()
            raise

    def _play(
        self, scenario: Scenario, traced: bool, timeout: float, judge: Judge | None
    ) -> tuple[Play, Outcome]:
        """Play, judged at the speed of C if there is a *judge* and nobody is to be told."""
        self.child.begin(fresh=traced)
        talk = Conversation(self.child, timeout, traced, self.tells)
        notes = None if traced else Notes()
        places = _Places(talk)
        optional = (*OPTIONAL, *BESIDES, *(event.calls for event in self.judged.added if event.calls))
        make = functools.partial(talk.make, optional=optional)
        listener = places if traced else None
        play = Play(make, scenario, self.judged, timeout, listener, judge, Watch(timeout), notes)
        talk.steps = lambda: len(play.judge.names)
        play.run()
        ran = talk.end()
        found = dataclasses.replace(outcome(play, traced), death=talk.death)
        if notes:
            states, marks = frozenset(notes.states), tuple(notes.marks)
            found = dataclasses.replace(found, ran=ran, states=states, marks=marks)
        else:
            steps = tuple(laid_out(places.steps(found.steps), talk.layouts))
            found = dataclasses.replace(found, steps=steps)
        if found.breaches or not talk.is_over:
            self.child.worker = 0  # whatever it did to itself, the next run does not inherit it
        return play, dataclasses.replace(found, said=self.child.words())


class _Places(Listener):
    """Who made each step of a run, as a report has it."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.stacks: list[Sequence[str]] = []
        self.others: list[int] = []  # steps of another processor, from 0
        self.stopped: Sequence[str] = ()  # where the first one was when that came in between

    def interrupted(self) -> None:
        """Another processor comes in between."""
        self.stopped = self.talk.stack

    def happened(self, event: Happened) -> None:
        """A step more."""
        if self.talk.other:
            self.others.append(len(self.stacks))
        self.stacks.append(self.talk.stack if event.action.actor == "target" else ())

    def steps(self, found: Sequence[Step]) -> list[Step]:
        """The steps with their places, and with who made them if there were two processors."""
        entered = self.talk.entered
        steps = placed(found, [stack or entered.get(k, ()) for k, stack in enumerate(self.stacks)])
        stopped = place(named("\n".join(self.stopped)).splitlines()) if self.others else None
        where = f"; the first is in {stopped.function}, {stopped.file}:{stopped.line}" if stopped else ""
        for n, k in enumerate(k for k in self.others if k < len(steps)):
            suffix = f" (second processor{'' if n else where})".replace("{", "{{").replace("}", "}}")
            steps[k] = dataclasses.replace(steps[k], says=steps[k].says + suffix)
        return steps
