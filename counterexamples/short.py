"""The short story: what broke, on which values, where in the source, drawn; then the steps, a line each.

Its first twelve lines hold what a reader needs who has ten seconds. :mod:`.story` unfolds everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ..properties.subject import Subject
from .drawing import Drawings, StoryLine
from .story import bewares, drawn, headline, kind_of, lies, odd_values, source, witnesses, wrap
from .trace import Broken, Place, Step, Trace, Violation, last_place

LABEL = 12
"""Columns of what stands before a text: ``  wanted    ``."""


@dataclasses.dataclass(frozen=True)
class Fact:
    """A label and a text, as they stand beside each other; *style* as a line's."""

    label: str
    text: str
    style: str = ""

    @property
    def line(self) -> StoryLine:
        """The fact as a line of the story."""
        return StoryLine(f"  {self.label:<{LABEL - 2}}{self.text}", self.style)


def short(trace: Trace, width: int = 80, subject: Subject | None = None) -> list[StoryLine]:
    """The trace in short as lines of at most *width* columns."""
    drawings, missing = drawn(trace, width - LABEL, subject)
    lines = [*_head(drawings, width), *_rule(drawings)]
    lines += [Fact("beware", text, "broken").line for text in bewares(trace, missing)]
    lines += [*_steps(drawings, width), *witnesses(trace)]
    if drawings.units:
        lines += [StoryLine(), Fact("units", drawings.units, "legend").line]
    return [part for line in lines for part in wrap(line, width)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 4] + " ..."


def _head(drawings: Drawings, width: int) -> Iterator[StoryLine]:
    """What broke, and where: the first lines."""
    trace = drawings.trace
    yield StoryLine(kind_of(trace) + headline(trace), "title")
    yield from (fact.line for fact in what(drawings))
    place, step = told_place(trace)
    if place is not None:
        yield Fact("at", step).line
        if place.text:
            yield StoryLine(_cut(f"{'':{LABEL}}  {place.line} | {place.text}", width), "excerpt")
    for line in drawings.moment():
        yield StoryLine("  " + line.text, line.style)


def what(drawings: Drawings) -> Iterator[Fact]:
    """What broke: what was wanted and what was found instead; of a witness what it shows."""
    trace, violation = drawings.trace, drawings.trace.violation
    if violation is None:
        if "property" in trace.meta:
            yield Fact("shows", f"that the premise of {trace.meta['property']} applies")
    elif violation.broken:
        yield from _broken(violation, violation.broken[0], drawings)


def _broken(violation: Violation, broken: Broken, drawings: Drawings) -> Iterator[Fact]:
    if violation.kind == "misbehaviour":
        yield Fact("it did", broken.where, "broken")
        return
    yield Fact("wanted", f"{broken.where}: {broken.says}" if broken.where else broken.says, "broken")
    found = drawings.found(broken)
    if found:
        yield Fact("found", found, "broken")


def told_place(trace: Trace) -> tuple[Place | None, str]:
    """The target's own line that did the last thing that mattered, and how it is told."""
    number, place = last_place(trace.steps) or (0, None)
    if place is None:
        return None, ""
    later = "" if number == len(trace.steps) else ", the last thing that it did"
    if not trace.steps[number - 1].own:
        later = ", where it was called last"
    return place, f"{where(place)}, in {place.function} (step {number}{later})"


def where(place: Place) -> str:
    """A place in a source, as compilers name it."""
    return f"{place.file}:{place.line}"


def rule(drawings: Drawings) -> Iterator[Fact]:
    """The sentence that was broken, with its source; and whatever else of it is broken."""
    violation = drawings.trace.violation
    if violation is None:
        return
    yield Fact("rule", violation.says)
    yield Fact("said in", source(violation))
    for broken in violation.broken[1:]:
        yield from _broken(violation, broken, drawings)


def _rule(drawings: Drawings) -> Iterator[StoryLine]:
    legend = drawings.legend()
    if legend:
        yield StoryLine("      " + legend, "legend")
    if drawings.trace.violation is not None:
        yield StoryLine()
    yield from (fact.line for fact in rule(drawings))


def _steps(drawings: Drawings, width: int) -> Iterator[StoryLine]:
    trace = drawings.trace
    begins = [*drawings.at_the_start(), *odd_values(trace)] if drawings.states else []
    yield StoryLine()
    yield StoryLine("Steps" if trace.steps else "No step is needed.", "title")
    for line in begins:
        yield StoryLine("     " + line.text.strip(), "legend")
    for number, step in enumerate(trace.steps, 1):
        yield _step(number, step, drawings, width)


def _step(number: int, step: Step, drawings: Drawings, width: int) -> StoryLine:
    also = drawings.also(number) if drawings.states else ""
    phrases = (f"{number:>3}  {step.says or step.action}", lies(step), also)
    text = "; ".join(filter(None, phrases))
    named = step.action if drawings.trace.source == "model" else ""
    margin = where(step.own) if step.own else named
    room = width - 2 - len(text)
    beside = f"  {margin:>{room}}" if len(margin) <= room else f" ({margin})"
    return StoryLine(text + beside if margin else text)
