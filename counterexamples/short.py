"""The short story: what broke, on which values, where in the source, drawn; then the steps, a line each.

Its first twelve lines hold what a reader needs who has ten seconds. :mod:`.story` unfolds everything.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..properties.subject import Subject
from .drawing import Drawings, Line
from .story import bewares, drawn, headline, source, witnesses, wrap
from .trace import Broken, Place, Step, Trace, Violation

LABEL = 12
"""Columns of what stands before a text: ``  wanted    ``."""


def short(trace: Trace, width: int = 80, subject: Subject | None = None) -> list[Line]:
    """The trace in short as lines of at most *width* columns."""
    drawings, missing = drawn(trace, width - LABEL, subject)
    lines = [*_head(drawings), *_rule(drawings), *bewares(drawings, missing), *_steps(drawings, width)]
    lines += witnesses(trace)
    if drawings.units:
        lines += [Line(), Line(_labelled("units", drawings.units), "legend")]
    return [part for line in lines for part in wrap(line, width)]


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{LABEL - 2}}{text}"


def _head(drawings: Drawings) -> Iterator[Line]:
    """What broke, and where: the first lines."""
    trace, violation = drawings.trace, drawings.trace.violation
    yield Line(("COUNTEREXAMPLE: " if violation else "WITNESS: ") + headline(trace), "title")
    if violation is None:
        if "property" in trace.meta:
            yield Line(_labelled("shows", f"that the premise of {trace.meta['property']} applies"))
    elif violation.broken:
        yield from _broken(violation, violation.broken[0], drawings)
    yield from _place(trace)
    for line in drawings.moment():
        yield Line("  " + line.text, line.style)


def _broken(violation: Violation, broken: Broken, drawings: Drawings) -> Iterator[Line]:
    if violation.kind == "misbehaviour":
        yield Line(_labelled("it did", broken.where), "broken")
        return
    yield Line(
        _labelled("wanted", f"{broken.where}: {broken.says}" if broken.where else broken.says), "broken"
    )
    values = drawings.words
    found = (f"{name} {values.failed_on(name, value, broken.where)}" for name, value in broken.values.items())
    told = ", ".join(found)
    if told:
        yield Line(_labelled("found", told), "broken")


def _place(trace: Trace) -> Iterator[Line]:
    """The target's own line that did the last thing that mattered."""
    made = [(number, step) for number, step in enumerate(trace.steps, 1) if step.at]
    if not made:
        return
    number, step = made[-1]
    assert step.at is not None
    later = "" if number == len(trace.steps) else ", the last thing that it did"
    yield Line(_labelled("at", f"{_where(step.at)}, in {step.at.function} (step {number}{later})"))
    if step.at.text:
        yield Line(f"{'':{LABEL}}  {step.at.line} | {step.at.text}", "excerpt")


def _where(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _rule(drawings: Drawings) -> Iterator[Line]:
    """The sentence that was broken, with its source; and whatever else of it is broken."""
    violation = drawings.trace.violation
    legend = drawings.legend()
    if legend:
        yield Line("      " + legend, "legend")
    if violation is None:
        return
    yield Line()
    yield Line(_labelled("rule", violation.says))
    yield Line(_labelled("said in", source(violation)))
    for broken in violation.broken[1:]:
        yield from _broken(violation, broken, drawings)


def _steps(drawings: Drawings, width: int) -> Iterator[Line]:
    trace = drawings.trace
    begins = list(drawings.at_the_start()) if drawings.states else []
    yield Line()
    yield Line("Steps" if trace.steps else "No step is needed.", "title")
    for line in begins:
        yield Line("     " + line.text.strip(), "legend")
    for number, step in enumerate(trace.steps, 1):
        yield _step(number, step, drawings, width)


def _step(number: int, step: Step, drawings: Drawings, width: int) -> Line:
    also = drawings.also(number) if drawings.states else ""
    text = f"{number:>3}  {step.says or step.action}" + (f"; {also}" if also else "")
    named = step.action if drawings.trace.source == "model" else ""
    beside = "  " + (_where(step.at) if step.at else named)
    return Line(f"{text:<{width - len(beside)}}{beside}" if len(text) + len(beside) <= width else text)
