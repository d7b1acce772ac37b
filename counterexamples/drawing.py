"""What a subject's runs are drawn with. A subject without drawings of its own is told in words alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from ..model.kernel import State
from ..model.records import rebuild, values
from ..properties.subject import Subject
from .panels import Panel, Row, Table
from .trace import Broken, Step, Trace, flat, sized
from .words import ShownValue, Words

MOST_CHANGES = 4
"""Of a step, where they stand for a drawing."""


@dataclasses.dataclass(frozen=True)
class StoryLine:
    """One line of a story; *style* is title, step, change, drawing, legend, broken, or empty."""

    text: str = ""
    style: str = ""


class Drawings:
    """What a trace of any subject is told with: its words, its states, and no drawing at all.

    ``states`` are those before the first step and after each, so step 1 leads to ``states[1]``; there are
    none without the subject. Raises OtherWorld for a bound that the subject has not.
    """

    units = ""
    """What the numbers count, in words."""
    failed: Mapping[str, ShownValue] = {}
    """How values are shown that properties name and that are no plain numbers."""

    def __init__(self, trace: Trace, subject: Subject | None, width: int) -> None:
        self.trace, self.width = trace, width
        self.bounds = trace.bounds if subject is None else sized(subject, trace)
        self.blank: State = () if subject is None else subject.blank(self.bounds)
        self.words = Words(self.blank, self.bounds, self.failed)
        self.states = [] if subject is None else states(trace, self.blank)

    @property
    def unknown(self) -> list[str]:
        """The variables that the trace has and the subject lacks."""
        return [name for name in self.trace.initial if self.states and name not in self.words.variables]

    def at_the_start(self) -> Iterator[StoryLine]:
        """The first state: what is not as it is declared."""
        firsts = zip(self.words.variables, values(self.states[0]), values(self.blank), strict=True)
        for name, value, declared in firsts:
            if value != declared:
                yield StoryLine(f"  {self.words.name(name)}: {self.words.value(name, value)}")

    def grouped(self, left: dict[str, tuple[Any, Any]], number: int) -> list[str]:
        """Facts of a step that several changes make up; they are taken out of *left*."""
        return []

    def after(self, number: int) -> Iterator[StoryLine]:
        """What a step makes worth drawing."""
        return iter(())

    def found(self, broken: Broken) -> str:
        """What was found where something else was wanted: the values by their names."""
        shown = (f"{n} {self.words.failed_on(n, v, broken.where)}" for n, v in broken.values.items())
        return ", ".join(shown)

    def also(self, number: int) -> str:
        """What a step changed that its sentence does not say, and that no reader may miss."""
        return ""

    def moment(self) -> Iterator[StoryLine]:
        """The one drawing that shows what broke, a few lines: here what the last step changed."""
        last = self.trace.steps[-1].changes if self.trace.steps else {}
        for name, (old, new) in list(last.items())[:MOST_CHANGES]:
            yield StoryLine("  " + self.words.change(name, old, new), "change")

    def legend(self) -> str:
        """What the characters of that drawing mean."""
        return ""

    @property
    def lanes(self) -> tuple[str, ...]:
        """Between whom the steps pass."""
        return tuple(dict.fromkeys(step.actor for step in self.trace.steps))

    def course(self, step: Step) -> tuple[str, ...]:
        """The lanes that a step passes, from who begins it."""
        return (step.actor,)

    def about(self, step: Step) -> list[str]:
        """The connections (or the like) that a step is of: none if it may be of all."""
        return []

    def panels(self, number: int) -> Iterator[Panel]:
        """What there is to see after a step, 0 for the start: here each variable that has changed so far."""
        steps, now = self.trace.steps[:number], dict(self.trace.initial)
        for step in steps:
            now.update({name: new for name, (_, new) in step.changes.items()})
        last = steps[-1].changes if steps else {}
        names = [name for name in now if any(name in step.changes for step in steps)]
        rows = (Row((self.words.name(n), self.words.value(n, now[n])), n in last) for n in names)
        if names:
            yield Table("what has changed so far", "", ("variable", "value"), tuple(rows))

    def shows_it(self, panel: Panel) -> bool:
        """Whether a panel of the last state is the one that shows what broke."""
        return False

    def changes(self, number: int) -> list[str]:
        """What a step changed, in words."""
        step = self.trace.steps[number - 1]
        left = {name: change for name, change in step.changes.items() if name in self.words.variables}
        lines = self.grouped(left, number)
        left |= {name: change for name, change in step.changes.items() if name not in self.words.variables}
        return lines + [self.words.change(name, old, new) for name, (old, new) in left.items()]

    def at_the_end(self) -> Iterator[StoryLine]:
        """What the last state makes worth drawing."""
        return iter(())


def states(trace: Trace, blank: State) -> list[State]:
    """The state before the first step of *trace* and after each.

    A variable that the trace lacks has its declared value, one that *blank* lacks is left out.
    """
    now = flat(blank)
    found = []
    for changes in (trace.initial, *({n: new for n, (_, new) in s.changes.items()} for s in trace.steps)):
        now.update({name: value for name, value in changes.items() if name in now})
        found.append(rebuild(blank, list(now.values())))
    return found
