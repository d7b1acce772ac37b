"""A trace as a story: lines of plain text with a style each, for a person who reads C.

Every output for people (terminal, and whatever follows) is made from these lines. They
are plain ASCII, and say with words and characters what colours only underline.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

from ..model.chimney.state import World
from ..properties.citing import where_said
from ..properties.loading import BadFile, is_file, load_subject, users_code
from ..properties.subject import Subject
from .chimney.pictures import Pictures
from .drawing import Drawings, StoryLine
from .harmless import printable
from .trace import OtherWorld, Step, Trace, Violation, sized

STEP_INDENT = 4
DRAWN: tuple[tuple[type, type[Drawings]], ...] = ((World, Pictures),)
"""What states of some type, or of one made from it, are drawn with."""

VALUES = "values"
"""In a trace's meta: why numbers are not the plain ones, a line each."""

MOST_LINES, LONGEST = 25, 400
"""Lines of what a target wrote that are told, first and last ones; and characters of each."""

# Entries of a trace's meta that other lines of the header tell.
_TOLD = frozenset({"property", "target", "flaky"})


def story(trace: Trace, width: int = 80, subject: Subject | None = None) -> list[StoryLine]:
    """The whole trace as lines of at most *width* columns (a longer word is broken).

    Without *subject* the one that the trace names is loaded; where it cannot be, that is said.
    """
    drawings, missing = drawn(trace, width - STEP_INDENT - 2, subject)
    lines = [*_header(drawings, missing), *at_the_start(drawings)]
    for number, step in enumerate(trace.steps, 1):
        lines += _step(number, step, drawings)
        lines += drawings.after(number)
    lines += at_the_end(drawings)
    lines += what_broke(trace.violation, drawings) if trace.violation else _unbroken(trace)
    lines += witnesses(trace)
    return [part for line in lines for part in wrap(line, width)]


def drawn(trace: Trace, width: int, subject: Subject | None = None) -> tuple[Drawings, str]:
    """What *trace* is drawn with; if its subject is not at hand, that is bare words, and why."""
    spec = trace.subject.ref.subject
    try:
        found = subject or load_subject(spec)
        sized(found, trace)
        with users_code(Path(spec)) if is_file(spec) else nullcontext():
            start = found.start(found.bounds)
            kind = next((drawings for record, drawings in DRAWN if isinstance(start, record)), Drawings)
            return kind(trace, found, width), ""
    except (BadFile, OtherWorld) as problem:
        return Drawings(trace, None, width), str(problem)


def headline(trace: Trace) -> str:
    """The trace in one line."""
    target = f"{'design' if trace.source == 'model' else 'target'} {trace.target}"
    if trace.violation is None and "flaky" in trace.meta:
        return f"{target}: what broke once, and not again, in {trace.length}"
    if trace.violation is None:
        return f"{target}: a run of {trace.length} that breaks nothing"
    if trace.violation.kind == "misbehaviour":
        return f"{target} misbehaves, {trace.violation.property}, in {trace.length}"
    return f"{target} breaks {trace.violation.kind} {trace.violation.property} in {trace.length}"


def kind_of(trace: Trace) -> str:
    """What a trace is, before its headline."""
    if trace.violation:
        return "COUNTEREXAMPLE: "
    return "NOT CONFIRMED: " if "flaky" in trace.meta else "WITNESS: "


def _header(drawings: Drawings, missing: str) -> Iterator[StoryLine]:
    trace, violation = drawings.trace, drawings.trace.violation
    yield StoryLine(kind_of(trace) + headline(trace), "title")
    yield StoryLine()
    if violation:
        yield StoryLine(f"  demanded  {violation.says}")
        yield StoryLine(f"  said in   {source(violation)}")
    elif "property" in trace.meta:
        yield StoryLine(
            f"  shows     that {trace.meta['property']} has something to say: its premise applies"
        )
    if is_file(trace.subject.ref.subject):
        yield StoryLine(f"  subject   {trace.subject.name}, of {trace.subject.ref.subject}")
    if trace.subject.ref.clauses:
        yield StoryLine(f"  clauses   also those of {', '.join(trace.subject.ref.clauses)}")
    if drawings.bounds:
        yield StoryLine(f"  world     {drawings.bounds.show()}")
    for text in bewares(trace, missing):
        yield StoryLine(f"  beware    {text}", "broken")
    plain = {k: v for k, v in trace.meta.items() if k not in _TOLD and isinstance(v, str | int | float)}
    if plain:
        yield StoryLine(
            f"  made with {', '.join(f'{name} {_argument(value)}' for name, value in plain.items())}"
        )
    if drawings.units:
        yield StoryLine(f"  units     {drawings.units}")


def bewares(trace: Trace, missing: str) -> Iterator[str]:
    """What a reader must know who is to believe the story; *missing* is why there are no words."""
    if missing:
        yield f"variables are told by their names: {missing}"
    flaky = trace.meta.get("flaky")
    if flaky:
        yield f"it did not happen again when it was played again: {flaky}"


def source(violation: Violation) -> str:
    """Where the sentence stands that is broken."""
    return where_said(violation.property, violation.page, violation.heading)


def at_the_start(drawings: Drawings) -> Iterator[StoryLine]:
    """The first state, as far as it matters, and what cannot be said of it."""
    if drawings.unknown:
        yield StoryLine()
        few = ", ".join(drawings.unknown[:3]) + (", ..." if drawings.unknown[3:] else "")
        yield StoryLine(f"The trace has variables that {drawings.trace.subject.name} has no more: {few}")
    if drawings.states:
        yield from _titled("At the start", chain(drawings.at_the_start(), odd_values(drawings.trace)))


def odd_values(trace: Trace) -> Iterator[StoryLine]:
    """Why numbers are not the plain ones, where whoever found the run has tried those."""
    noted = trace.meta.get(VALUES)
    if isinstance(noted, list):
        yield from (StoryLine(f"  {text}") for text in noted if isinstance(text, str))


def _titled(title: str, lines: Iterator[StoryLine]) -> Iterator[StoryLine]:
    found = list(lines)
    if found:
        yield from (StoryLine(), StoryLine(title, "title"), *found)


def _step(number: int, step: Step, drawings: Drawings) -> Iterator[StoryLine]:
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in step.parameters.items())
    yield StoryLine()
    yield StoryLine(f"Step {number}  {step.actor}: {step.action}({arguments})", "step")
    if step.says:
        yield StoryLine(f"    {step.says}")
    if lies(step):
        yield StoryLine(f"    the data lies {lies(step)}")
    for line in drawings.changes(number) or ["nothing that can be seen changes"]:
        yield StoryLine(f"      * {line}", "change")


def lies(step: Step) -> str:
    """How the data of a passed buffer lies in memory, in words; nothing of one that lies in one piece."""
    sizes = [", ".join(map(str, part)) for part in step.mdls if part]
    if sum(map(len, step.mdls)) < 2:
        return ""
    return "in NET_BUFFERs with MDLs of " + " | ".join(sizes) if len(sizes) > 1 else f"in MDLs of {sizes[0]}"


def _argument(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def at_the_end(drawings: Drawings) -> Iterator[StoryLine]:
    """The last state, as far as it is worth drawing."""
    if drawings.states:
        yield from _titled("At the end", drawings.at_the_end())


def what_broke(violation: Violation, drawings: Drawings) -> Iterator[StoryLine]:
    """Each conjunct that failed, with the values that it failed on, and the source of the rule."""
    yield StoryLine()
    yield StoryLine(f"What broke: {violation.property}", "title")
    for number, broken in enumerate(violation.broken, 1):
        yield StoryLine(f"  {number}. {broken.where}" if broken.where else f"  {number}.", "broken")
        yield StoryLine(f"     must hold  {broken.says}", "broken")
        for k, (name, value) in enumerate(broken.values.items()):
            shown = drawings.words.failed_on(name, value, broken.where)
            yield StoryLine(f"     {'' if k else 'but':9}  {name} = {shown}", "broken")
    yield StoryLine(f"  demanded  {violation.says}")
    yield StoryLine(f"  said in   {source(violation)}")


def _unbroken(trace: Trace) -> Iterator[StoryLine]:
    yield StoryLine()
    again = " when it was played again" if "flaky" in trace.meta else ""
    yield StoryLine(f"Nothing is broken in this run{again}.", "title")


def witnesses(trace: Trace) -> Iterator[StoryLine]:
    """What a sanitizer said of a target's death, and what the target wrote itself."""
    for name, title in (("report", "What was reported of it"), ("output", "What the target wrote")):
        noted = trace.meta.get(name)
        if isinstance(noted, list) and noted:
            yield StoryLine()
            yield StoryLine(title, "title")
            for line in _some(noted):
                ascii_only = line.expandtabs().encode("ascii", "backslashreplace").decode()
                yield StoryLine("  " + ascii_only.rstrip())


def _some(noted: list[object]) -> Iterator[str]:
    """The first and the last lines, and of each its beginning: what a loop wrote does not bury the story."""
    lines = [text if len(text := str(line)) <= LONGEST else text[:LONGEST] + " ..." for line in noted]
    left_out = len(lines) - 2 * MOST_LINES
    if left_out <= 0:
        yield from lines
        return
    yield from lines[:MOST_LINES]
    yield f"... {left_out} lines more, which the trace's file has"
    yield from lines[-MOST_LINES:]


def wrap(line: StoryLine, width: int) -> Iterator[StoryLine]:
    """The line in lines of at most *width* columns, continued where its text begins."""
    line = StoryLine(printable(line.text), line.style)
    if len(line.text) <= width:
        yield line
        return
    text = line.text.lstrip()
    indent = len(line.text) - len(text)
    hang = _hang(text, indent, width)
    parts = textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * hang,
        break_on_hyphens=False,
    )
    for part in parts:
        yield StoryLine(part, line.style)


def _hang(text: str, indent: int, width: int) -> int:
    """Continuation lines begin where the text after a bullet or a label does."""
    lead, _, rest = text.partition("  ")
    if rest and len(lead) < 12:
        return indent + len(text) - len(rest.lstrip())
    return min(indent + 2, width // 2)
