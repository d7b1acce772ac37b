"""Is it said what comes of every event in every state?

A table of events against states: each cell is allowed, forbidden, contradictory, or nothing is said of it.
Where nothing is said and somebody waits for good or loses bytes, that is a finding, with a run of a target
that keeps every clause and comes there, if the world has room for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...counterexamples.trace import Trace
from ..audited import Audited
from ..finding import Answer, Computed, Finding, Sound
from ..harm import SEARCH, Harm, Harmful
from ..jobs import Asks, Computation, Failed, Inquiry
from ..occurrences import EventCase, Gap, Occurrences, grouped

DEPTH = 8
"""Steps: the longest run to such a cell that is looked for."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.occurrences.events else "no table of events and states is given"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Go through the table; what its holes lead to is looked for in the model and in the worlds beside it."""
    audited, table = inquiry.audited, inquiry.audited.occurrences
    holes: dict[str, list[EventCase]] = {}
    for cell in table.cells:
        if cell.gap and cell.gap.finding.startswith("events.") and inquiry.wants(cell.gap.finding):
            holes.setdefault(cell.gap.finding, []).append(cell)
    runs = {
        name: Computation(comes, (name, inquiry.effort), name)
        for name in holes
        if world_of(audited, name) >= 0
    }
    done = yield list(runs.values())
    found = {name: done[job] for name, job in runs.items()}
    undecided = [f"{name}: {reason}" for name, run in found.items() if (reason := _reason(run))]
    never = {
        name: run for name, run in found.items() if isinstance(run, Harm) and not (run.trace or _reason(run))
    }
    findings = [_finding(audited, n, cells, found.get(n)) for n, cells in holes.items() if n not in never]
    out_of_reach = (
        Sound(n, f"no run of up to {run.bound.depth} steps comes there") for n, run in never.items()
    )
    return Answer(
        "events",
        len(table.cells),
        tuple(findings),
        (*_sound(table), *out_of_reach),
        tuple(undecided),
        tuple(_unsaid(table)),
    )


def world_of(audited: Audited, name: str) -> int:
    """The number of the world that can come to the hole *name*: 0 is its own; -1 if none can."""
    return next((n for n, part in enumerate(audited.worlds) if name in part.comes_to), -1)


def comes(audited: Audited, name: str, effort: float) -> Harm:
    """A shortest run that keeps every clause and rule, and comes to the hole *name*: a job."""
    part = audited.worlds[world_of(audited, name)]
    return Harmful(part).comes_to(part.comes_to[name], DEPTH, effort * SEARCH)


def _reason(result: Harm | Failed) -> str:
    """Why a search was given up; empty if it was not."""
    return result.reason if isinstance(result, Failed) else result.bound.reason


def _unsaid(table: Occurrences) -> Iterator[str]:
    """The holes that are no findings of this question: who reports them, or why nobody pays."""
    some: dict[Gap, list[EventCase]] = {}
    for cell in table.cells:
        if cell.gap and not cell.gap.finding.startswith("events."):
            some.setdefault(cell.gap, []).append(cell)
    for gap, cells in some.items():
        events = ", ".join(dict.fromkeys(cell.event for cell in cells))
        why = f"reported as {gap.finding}" if gap.finding else "and nobody pays"
        yield f"{cells[0].fate} in {len(cells)} states, {why}: {events}: {gap.says}"


def _finding(audited: Audited, name: str, cells: list[EventCase], run: Harm | Failed | None) -> Finding:
    table = audited.occurrences
    rows = [
        (f"{event}: {states}", cell.fate, cell.says or "nothing")
        for event in dict.fromkeys(cell.event for cell in cells)
        for states, cell in grouped([c for c in table.cells if c.event == event], table.axes)
        if cell.fate != "impossible"
    ]
    listing = "; ".join(dict.fromkeys(f"{cell.event}: {cell.gap.says}" for cell in cells if cell.gap))
    trace = run.trace if isinstance(run, Harm) else None
    situation: Trace | Computed = trace or Computed("What is said of it in each state:", tuple(rows))
    shows = f"What comes of it no sentence settles ({len(cells)} states of the table): {listing}."
    return Finding(name, "events", (), shows, situation, max(world_of(audited, name), 0))


def _sound(table: Occurrences) -> Iterator[Sound]:
    for ruling in table.rulings:
        where = "; ".join(f"{p.page}, {p.heading}" for p in ruling.places)
        yield Sound(
            f"{', '.join(ruling.events)}: {ruling.says}", f"{ruling.fate}: {where or 'by TCP itself'}"
        )
