"""A trace as a story: lines of plain text with a style each, for a person who reads C.

Every output for people (terminal, and whatever follows) is made from these lines. They
are plain ASCII, and say with words and characters what colours only underline.
"""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterator
from typing import Any

from ..model.chimney.state import OFFLOADED, World, template
from ..model.records import rebuild
from . import blocks, changes, delegated, window
from .trace import Step, Trace, Violation
from .words import Words

MARGIN = 2
STEP_INDENT = 4

# Entries of a trace's meta that other lines of the header tell.
_TOLD = frozenset({"property", "target", "flaky"})


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a story; *style* is title, step, change, drawing, legend, broken, or empty."""

    text: str = ""
    style: str = ""


def story(trace: Trace, width: int = 80) -> list[Line]:
    """The whole trace as lines of at most *width* columns (a longer word is broken)."""
    words = Words(trace.bounds)
    states = worlds(trace)
    lines = [*_header(trace), *at_the_start(trace, states)]
    drawings = Drawings(width - STEP_INDENT - 2)
    for number, step in enumerate(trace.steps, 1):
        lines += _step(number, step, words, states[number] if states else None)
        if states is not None:
            lines += drawings.after(step, states[number])
    if states is not None:
        lines += at_the_end(trace, states[-1])
    lines += what_broke(trace.violation, words) if trace.violation else [Line(), _unbroken(trace)]
    lines += _witnesses(trace)
    return [part for line in lines for part in wrap(line, width)]


def worlds(trace: Trace) -> list[World] | None:
    """The state before the first step and after each; None if the variables are not this model's."""
    blank = template(trace.bounds)
    names = list(Words(trace.bounds).sorts)
    if set(names) != set(trace.initial):
        return None
    now = dict(trace.initial)
    found = [rebuild(blank, [now[n] for n in names])]
    for step in trace.steps:
        now.update({name: new for name, (_, new) in step.changes.items()})
        if len(now) != len(names):
            return None
        found.append(rebuild(blank, [now[n] for n in names]))
    return found


def headline(trace: Trace) -> str:
    """The trace in one line."""
    steps = f"{len(trace.steps)} step{'' if len(trace.steps) == 1 else 's'}"
    subject = f"{'design' if trace.source == 'model' else 'target'} {trace.subject}"
    if trace.violation is None:
        return f"{subject}: a run of {steps} that breaks nothing"
    if trace.violation.kind == "misbehaviour":
        return f"{subject} misbehaves, {trace.violation.property}, in {steps}"
    return f"{subject} breaks {trace.violation.kind} {trace.violation.property} in {steps}"


def _header(trace: Trace) -> Iterator[Line]:
    violation = trace.violation
    yield Line(("COUNTEREXAMPLE: " if violation else "WITNESS: ") + headline(trace), "title")
    yield Line()
    if violation:
        yield Line(f"  demanded  {violation.says}")
        yield Line(f"  said in   {_source(violation)}")
    elif "property" in trace.meta:
        yield Line(f"  shows     that {trace.meta['property']} has something to say: its premise applies")
    yield Line(f"  world     {trace.bounds.show()}")
    plain = {k: v for k, v in trace.meta.items() if k not in _TOLD and isinstance(v, str | int | float)}
    if trace.meta.get("flaky"):
        yield Line(
            f"  beware    it did not happen again when it was played again: {trace.meta['flaky']}", "broken"
        )
    if plain:
        yield Line(f"  made with {', '.join(f'{name} {_scalar(value)}' for name, value in plain.items())}")
    yield Line("  units     positions count bytes of a stream from 0; [a,b) is a up to, not including, b")


def _source(violation: Violation) -> str:
    return f"{violation.page}, {violation.heading}" if violation.heading else violation.page


def at_the_start(trace: Trace, states: list[World] | None) -> Iterator[Line]:
    """How each connection that matters begins."""
    yield Line()
    if states is None:
        yield Line("The trace's variables are not those of this version's model: the drawings are left out.")
        return
    yield Line("At the start", "title")
    for c, conn in enumerate(states[0].conns):
        prefix = f"conns[{c}]."
        if not any(name.startswith(prefix) for step in trace.steps for name in step.changes):
            continue
        where = f"block {conn.block}" if conn.block >= 0 else "not in the tree, stays offloaded"
        yield Line(
            f"  connection {c}: {where}; position 0 has sequence number {conn.isn} sending, "
            f"{conn.irn} receiving; receive buffer {conn.capacity} bytes; SND.WND {conn.peer.wnd}"
        )
    failed = [str(b) for b, block in enumerate(states[0].blocks) if block.lost]
    if failed:
        yield Line(f"  the hardware has already lost the state object of block {', '.join(failed)}")


def _step(number: int, step: Step, words: Words, after: World | None) -> Iterator[Line]:
    arguments = ", ".join(f"{name}={_scalar(value)}" for name, value in step.parameters.items())
    yield Line()
    yield Line(f"Step {number}  {step.actor}: {step.action}({arguments})", "step")
    if step.says:
        yield Line(f"    {step.says}")
    told = changes.describe(step.changes, words, after)
    for line in told:
        yield Line(f"      * {line}", "change")
    if not told:
        yield Line("      * nothing that can be seen changes", "change")


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Drawings:
    """The drawings of a story: each picture only when it changed, each legend only once."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.shown: dict[str, list[str]] = {}

    def after(self, step: Step, world: World) -> Iterator[Line]:
        """What a step makes worth drawing."""
        for c, conn in enumerate(world.conns):
            sending, receiving, queue = window.touched(step.changes, c)
            if sending and not conn.host.resumed:  # then the queue tells it
                drawn, facts = window.send_window(conn, self.width), window.send_facts(conn)
                yield from self._draw(f"connection {c} sends", facts, drawn, window.LEGEND)
            if receiving:
                drawn = window.receive_window(conn, self.width)
                yield from self._draw(f"connection {c} receives", "", drawn, window.RECEIVE_LEGEND)
            if queue and not conn.host.aborted:
                drawn = window.host_queue(conn, self.width)
                yield from self._draw(f"the host's queue of connection {c}", "", drawn, window.LEGEND)
                for wrong in window.misplaced(conn):
                    yield Line(f"      ! {wrong}", "broken")

    def _draw(self, title: str, facts: str, drawn: list[str], legend: str) -> Iterator[Line]:
        if self.shown.get(title) == [facts, *drawn]:
            return
        self.shown[title] = [facts, *drawn]
        yield Line(f"    {title}" + (f" ({facts}):" if facts else ":"))
        for line in drawn:
            yield Line("      " + line, "drawing")
        if legend not in self.shown:
            self.shown[legend] = []
            yield Line(f"      {legend}", "legend")


def at_the_end(trace: Trace, world: World) -> Iterator[Line]:
    """What the host has got back, and the tree; nothing while all is offloaded."""
    tables = [line for c in range(len(world.conns)) for line in delegated.lines(world, c, trace.bounds)]
    lost = any(block.lost for block in world.blocks)
    if not tables and world.phase == OFFLOADED and not lost:
        return
    yield Line()
    yield Line("At the end", "title")
    for line in tables:
        yield Line("  " + line)
    yield Line("  the block tree (indented: linked by DependentBlockList):")
    for line in blocks.lines(world, trace.bounds):
        yield Line("    " + line, "drawing")


def what_broke(violation: Violation, words: Words) -> Iterator[Line]:
    """Each conjunct that failed, with the values that it failed on, and the source of the rule."""
    yield Line()
    yield Line(f"What broke: {violation.property}", "title")
    for number, broken in enumerate(violation.broken, 1):
        yield Line(f"  {number}. {broken.where}" if broken.where else f"  {number}.", "broken")
        yield Line(f"     must hold  {broken.says}", "broken")
        for k, (name, value) in enumerate(broken.values.items()):
            shown = words.failed_on(name, value, broken.where)
            yield Line(f"     {'' if k else 'but':9}  {name} = {shown}", "broken")
    yield Line(f"  demanded  {violation.says}")
    yield Line(f"  said in   {_source(violation)}")


def _witnesses(trace: Trace) -> Iterator[Line]:
    """What a sanitizer said of a target's death, and what the target wrote itself."""
    for name, title in (("report", "What was reported of it"), ("output", "What the target wrote")):
        told = trace.meta.get(name)
        if isinstance(told, list) and told:
            yield Line()
            yield Line(title, "title")
            for line in told:
                yield Line("  " + str(line).encode("ascii", "backslashreplace").decode().rstrip())


def _unbroken(trace: Trace) -> Line:
    return Line("Nothing is broken in this run.", "title")


def wrap(line: Line, width: int) -> Iterator[Line]:
    """The line in lines of at most *width* columns, continued where its text begins."""
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
        yield Line(part, line.style)


def _hang(text: str, indent: int, width: int) -> int:
    """Continuation lines begin where the text after a bullet or a label does."""
    lead, _, rest = text.partition("  ")
    if rest and len(lead) < 12:
        return indent + len(text) - len(rest.lstrip())
    return min(indent + 2, width // 2)
