"""A Mermaid sequence diagram in Markdown: who did what to whom, and what broke."""

from __future__ import annotations

from collections.abc import Iterator

from ..harmless import printable
from ..story import headline
from ..trace import Step, Trace

TO = {"host": "target", "hardware": "target", "peer": "target", "target": "host"}
"""Whom an actor speaks to, where the action does not say otherwise."""
WIRE = {
    "Transmit": ("target", "peer"),
    "SendAck": ("target", "peer"),
    "SendReset": ("target", "peer"),
    "HostTransmits": ("host", "peer"),
    "HostSendsFin": ("host", "peer"),
    "HostReceives": ("peer", "host"),
}
"""Between whom a segment goes."""
ALONE = frozenset({"PeerReceives", "HostResumes", "Free", "WriteTree"})
"""What happens at one of them."""


def export(trace: Trace) -> str:
    """The diagram as a page of Markdown."""
    return f"```mermaid\n{diagram(trace)}```\n"


def diagram(trace: Trace) -> str:
    """The diagram by itself."""
    return "".join(f"{line}\n" for line in _lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    yield "sequenceDiagram"
    actors = list(dict.fromkeys(actor for step in trace.steps for actor in _ends(step)))
    order = [name for name in ("host", "target", "hardware", "peer") if name in actors]
    named = order + [name for name in actors if name not in order]
    ids = {name: f"a{number}" for number, name in enumerate(named)}
    yield from (f"  participant {ids[name]} as {plain(name)}" for name in named)
    for number, step in enumerate(trace.steps, 1):
        start, *to = _ends(step)
        label = plain(f"{number}. {step.says or step.action}")
        yield f"  {ids[start]}->>{ids[to[0]]}: {label}" if to else f"  Note over {ids[start]}: {label}"
        if step.own:
            place = f"{step.own.file}:{step.own.line}, in {step.own.function}"
            yield f"  Note right of {ids[start]}: {plain(place)}"
    if ids:
        ends = ",".join(dict.fromkeys((ids[named[0]], ids[named[-1]])))
        yield f"  Note over {ends}: {plain(_outcome(trace))}"


def _outcome(trace: Trace) -> str:
    return f"{headline(trace)}: {trace.violation.says}" if trace.violation else headline(trace)


def _ends(step: Step) -> tuple[str, ...]:
    """Who acts, and on whom, if on anybody else."""
    if step.action in WIRE:
        return WIRE[step.action]
    to = TO.get(step.actor)
    return (step.actor, to) if to and step.action not in ALONE else (step.actor,)


def plain(text: str) -> str:
    """Text of a message: what Mermaid or HTML would take for their own becomes an entity (``#59;``)."""
    return "".join(f"#{ord(c)};" if c in "#;<>&%`{}\"'\\" else c for c in printable(text)) or " "
